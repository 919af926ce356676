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
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildStampPath, isBuildStale } from './build-stamp.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dependencyStamp = join(root, 'node_modules', '.token-sync-lockfile');
const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const lock = join(root, '.setup-lock');

/** What the build needs comes whatever NODE_ENV and the user's npmrc leave out; Node itself is put in place by an install script. */
const WHOLE = '--include=dev --include=optional --ignore-scripts=false --engine-strict=false';

const begun = new Date();
if (needsDependencies() || isBuildStale(root)) {
  await withLock(() => {
    if (needsDependencies()) installDependencies();
    if (isBuildStale(root)) build();
  });
}
// What was touched and not changed need not be looked at again.
utimesSync(buildStampPath(root), begun, begun);

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

function build() {
  const run = spawnSync(node, [join(root, 'scripts', 'build.mjs')], {
    cwd: root,
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

/** Runs `work` while no other set-up of this checkout runs; a lock whose owner has died is taken over. */
async function withLock(work) {
  while (!tryLock()) await new Promise((resolve) => setTimeout(resolve, 100));
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once('exit', release);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  work();
  release();
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
    if (ownerIsGone()) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function ownerIsGone() {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    // A lock without a pid is either a few milliseconds old or left by an owner that died between two calls.
    return !(pid > 0) && Date.now() - statSync(lock).mtimeMs > 5_000;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function fail(zh, en) {
  console.error(`token-sync: ${zh}\ntoken-sync: ${en}`);
  process.exit(1);
}
