// Makes a checkout ready to run: dependencies as the lockfile says, and the bundles in dist/ as the sources say.
// Plain JavaScript for any Node from 20 on, because it runs before the project's own Node is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { uptime } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildStampPath, isBuildStale } from './build-stamp.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dependencyStamp = join(root, 'node_modules', '.token-sync-lockfile');
const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const lock = join(root, '.setup-lock');

/** The packages of the build are installed whatever NODE_ENV and the user's npmrc leave out; Node itself is put in place by an install script. */
const WHOLE = '--include=dev --include=optional --ignore-scripts=false --engine-strict=false';

/** No set-up takes longer. */
const MOST_MS = 10 * 60_000;

/** After this long, whoever waits for another set-up wants to know why. */
const PATIENCE_MS = 2_000;

const { NODE_OPTIONS, NPM_NODE_OPTIONS, ...environment } = process.env;

const begun = new Date();
if (needsDependencies() || isBuildStale(root)) {
  await withLock(() => {
    if (needsDependencies()) installDependencies();
    if (isBuildStale(root)) build();
  });
}
if (process.platform === 'win32') makeExec();
markAsSeen();

/** Sources that were touched and not changed need not be looked at again. */
function markAsSeen() {
  try {
    utimesSync(buildStampPath(root), begun, begun);
  } catch {
    // It is somebody else's, for whom it is looked at again each time.
  }
}

/**
 * `npm start` is `exec scripts/plain-node …`: Ctrl+C and signals to npm must reach the daemon, and its exit code npm,
 * rather than the shell between them. Where the shell is cmd, which does not find a path with such slashes, the word is
 * this file, which npm has on its PATH.
 */
function makeExec() {
  const folder = join(root, 'node_modules', '.bin');
  // As they were typed, but for the word that names the script: `%2` and the like end at `%9`, and cut at `=`.
  const content = [
    '@echo off',
    'setlocal',
    'set start_words=%*',
    '"%~dp0..\\..\\scripts\\plain-node.cmd" %start_words:*plain-node =%',
    '',
  ].join('\r\n');
  const file = join(folder, 'exec.cmd');
  if (existsSync(file) && readFileSync(file, 'utf8') === content) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, content);
}

function needsDependencies() {
  return !hasNode() || !existsSync(dependencyStamp) || readFileSync(dependencyStamp, 'utf8') !== lockfileHash();
}

function hasNode() {
  try {
    accessSync(node, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function lockfileHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function installDependencies() {
  console.error('token-sync: 正在安装依赖（首次约需十几秒）… / installing dependencies (some seconds, once) …');
  // npm is a shell script on Unix and a .cmd file on Windows, which only a shell starts.
  const npm = spawnSync(`npm ci ${WHOLE} --no-audit --no-fund --loglevel=error`, {
    cwd: root,
    env: environmentWith(NPM_NODE_OPTIONS || NODE_OPTIONS),
    shell: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (npm.status !== 0) {
    process.stderr.write(npm.stderr ?? '');
    tellWhyNotRun(npm);
    fail(
      '依赖安装失败。请检查网络后重试，或在此目录运行 npm ci 查看原因。',
      'the dependencies could not be installed. Check the network and try again, or run npm ci here to see why.',
    );
  }
  if (!hasNode()) {
    fail(
      `依赖装好了，但缺少 ${node}。请检查 npm 的设置（npm config list）后重试。`,
      `the dependencies were installed without ${node}. Check the settings of npm (npm config list) and try again.`,
    );
  }
  writeFileSync(dependencyStamp, lockfileHash());
}

/** npm may need what the launchers take off, such as the certificates of a company; ours runs without. */
function environmentWith(nodeOptions) {
  return { ...environment, ...(nodeOptions && { NODE_OPTIONS: nodeOptions }) };
}

function build() {
  const run = spawnSync(node, [join(root, 'scripts', 'build.mjs')], {
    cwd: root,
    env: environmentWith(undefined),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (run.status === 0) return;
  tellWhyNotRun(run);
  fail('构建失败，原因见上。', 'the build failed, for the reason above.');
}

/** A program that was not started, or was killed, has not told by itself. */
function tellWhyNotRun({ error, signal }) {
  if (error || signal) console.error(`token-sync: ${error?.message ?? signal}`);
}

/** Runs `work` while no other set-up of this checkout runs; a lock that nobody holds any more is taken over. */
async function withLock(work) {
  const notice = setTimeout(tellOfOther, PATIENCE_MS);
  while (!tryLock()) await new Promise((resolve) => setTimeout(resolve, 100));
  clearTimeout(notice);
  process.once('exit', release);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  work();
}

function tellOfOther() {
  const pid = lockOwner() ?? '?';
  console.error(
    `token-sync: 此目录的另一个安装正在运行（进程号 ${pid}），正在等待。如果其实没有，可以删除 ${lock}\n` +
      `token-sync: another set-up of this folder is running (pid ${pid}); waiting for it. If there is none, ${lock} may be deleted.`,
  );
}

function tryLock() {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') {
      fail(`无法写入此目录：${error.message}`, `this folder cannot be written: ${error.message}`);
    }
    if (isAbandoned()) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** Not one that another set-up has taken over from this one. */
function release() {
  if (lockOwner() === process.pid) rmSync(lock, { recursive: true, force: true });
}

function isAbandoned() {
  const madeMs = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  if (madeMs === undefined) return false;
  const ageMs = Date.now() - madeMs;
  // By then the number of its owner can be that of any other process.
  if (ageMs > Math.min(MOST_MS, uptime() * 1_000)) return true;
  const pid = lockOwner();
  // A lock without a pid is either a few milliseconds old or left by an owner that died between two calls.
  return pid === undefined ? ageMs > 5_000 : !isRunning(pid);
}

/** The pid in the lock, if there is one. */
function lockOwner() {
  try {
    return Number(readFileSync(join(lock, 'pid'), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

function fail(zh, en) {
  console.error(`token-sync: ${zh}\ntoken-sync: ${en}`);
  process.exit(1);
}
