import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HISTORY_FILE, STATE_FILE } from '../../src/protocol/addresses.ts';
import type { Warning } from '../../src/protocol/methods.ts';
import { has, needs, wordsFor } from '../support/needs.ts';
import { type ChildProcess, execFileSync, spawn, spawnSync } from '../support/programs.ts';
import { randomOf, sampleOf } from '../support/random.ts';
import { until } from '../support/until.ts';
import { programsOf } from './build.ts';
import type { Harness, Outcome, RunOptions } from './harness.ts';
import { RunningDaemon } from './running-daemon.ts';

const CODES = ['EIO', 'ENOSPC', 'EROFS', 'EMFILE'];
const CALLS = [
  ...['pwrite64', 'fdatasync', 'openat', 'fchmod', 'write', 'fsync', 'renameat2', 'rename', 'link', 'unlink', 'mkdir'],
  ...['read', 'pread64', 'ftruncate'],
];
const SHORT_CASES = 9;

/** Lets the disk fail under a real daemon that is asked all the while, and mend again. */
export const FAULTS: Harness = {
  name: 'faults',
  about: 'a disk that fails, fills up, turns read-only or writes in part, and a clock that jumps',
  tasks: () =>
    [...CODES, 'history', 'short writes', 'full disk', 'read-only', 'start', 'clock'].map((part) => ({
      harness: 'faults',
      part,
    })),
  async run(task, options) {
    const ledger = new Account(options);
    try {
      const skipped = await PARTS[task.part]!(ledger, options);
      return { ...ledger.outcome(), ...(skipped !== undefined && { skipped }) };
    } finally {
      await ledger.daemon?.kill();
    }
  },
};

const PARTS: Readonly<Record<string, (account: Account, options: RunOptions) => Promise<string | undefined>>> = {
  ...Object.fromEntries(
    CODES.map((code) => [code, (account: Account, options: RunOptions) => failing(code, account, options)]),
  ),
  history: failingHistory,
  'short writes': shortWrites,
  'full disk': fullDisk,
  'read-only': readOnly,
  start: failingStart,
  clock: jumpingClock,
};

/** Notes acknowledged and refused readings, and checks that the daemon keeps to them. */
class Account {
  daemon: RunningDaemon | undefined;
  readonly folder: string;
  readonly failures: string[] = [];
  readonly counts: Record<string, number> = { faults: 0, hits: 0, refusals: 0 };
  readonly #program: string;
  readonly #acknowledged: string[] = [];
  readonly #refused: string[] = [];
  #nextId = 1;

  constructor({ scratch, mutant }: RunOptions) {
    this.folder = join(scratch, 'data');
    this.#program = programsOf(mutant).daemon;
  }

  async start(
    more: { under?: readonly string[]; env?: Record<string, string>; folder?: string } = {},
  ): Promise<RunningDaemon> {
    this.daemon = await RunningDaemon.start({ program: this.#program, folder: this.folder, ...more });
    return this.daemon;
  }

  get program(): string {
    return this.#program;
  }

  fail(what: string): void {
    this.failures.push(what);
  }

  outcome(): Outcome {
    return { failures: this.failures.slice(0, 8), counts: this.counts };
  }

  /** Offers one reading; false when it was refused, which must be said clearly. */
  async record(where: string, event = ''): Promise<boolean> {
    const id = `r${this.#nextId++}`;
    const { result, error } = await this.daemon!.rpc('usage.record', { tokens: 1, sync_type: 'auto', id, event });
    if (result) {
      this.#acknowledged.push(id);
      return true;
    }
    this.#refused.push(id);
    this.counts.refusals!++;
    if (error?.code !== -32004 || !error.data?.hint || /[/\\]/.test(error.message)) {
      this.fail(`${where}: the refusal is not clear: ${JSON.stringify(error)}`);
    }
    return false;
  }

  /** Something is wrong at the moment, so the status must say so, in both languages. */
  async expectWarning(where: string): Promise<void> {
    const warnings = await this.daemon!.warnings();
    if (warnings.length === 0) this.fail(`${where}: the status says nothing`);
    for (const { code, zh, en } of warnings) if (!zh || !en) this.fail(`${where}: ${code} is not in both languages`);
  }

  /** The cause has gone: without a restart, readings are taken again, the file follows, and the status is clean. */
  async expectRecovery(where: string): Promise<void> {
    try {
      await until(() => this.record(where), 'a reading is taken again', 4_000);
      await until(() => this.isFileCurrent(), 'the state file follows', 4_000);
      await until(async () => (await this.#faultsOfNow()).length === 0, 'the status is clean', 4_000);
    } catch (error) {
      const warnings = JSON.stringify(await this.daemon!.warnings());
      this.fail(`${where}: no recovery: ${(error as Error).message}; ${warnings}`);
    }
  }

  /** Without the words that the history was set aside or is held in memory, which stay until the next start. */
  async #faultsOfNow(): Promise<readonly Warning[]> {
    return (await this.daemon!.warnings()).filter(({ code }) => !/^history_(damaged|in_memory)$/.test(code));
  }

  isFileCurrent(): boolean {
    return this.daemon!.state()?.token_usage.used === this.#acknowledged.length;
  }

  /** All that was acknowledged is there, once, and nothing that was refused. */
  async expectKept(where: string): Promise<void> {
    const ids = await this.daemon!.historyIds();
    const { used } = (await this.daemon!.rpc('usage.get')).result;
    const lost = this.#acknowledged.filter((id) => !ids.includes(id));
    const shown = this.#refused.filter((id) => ids.includes(id));
    if (lost.length > 0) this.fail(`${where}: acknowledged and lost: ${lost}`);
    if (shown.length > 0) this.fail(`${where}: refused and yet recorded: ${shown}`);
    if (new Set(ids).size !== ids.length) this.fail(`${where}: counted twice`);
    if (used !== this.#acknowledged.length)
      this.fail(`${where}: ${used} used, ${this.#acknowledged.length} acknowledged`);
  }

  /** The same after a kill and a start. */
  async expectKeptAfterRestart(where: string): Promise<void> {
    await this.expectKept(where);
    await this.daemon!.kill();
    await this.start();
    await this.expectKept(`${where}, after a restart`);
  }
}

/** One error, at each call once and from then on, while readings come in. */
async function failing(code: string, account: Account, options: RunOptions): Promise<undefined> {
  const daemon = await account.start();
  for (let count = 0; count < 3; count++) await account.record('before any fault');
  const cases = CALLS.flatMap((call) => ['1', '1+', '2'].map((when) => ({ call, when })));
  const chosen = options.isLong
    ? cases
    : sampleOf(cases, SHORT_CASES, randomOf(options.seed + code.length + code.charCodeAt(1)));
  // The one after which a file must be left for good is always among them.
  if (code === 'EIO' && !chosen.some(({ call, when }) => call === 'fdatasync' && when === '1'))
    chosen.unshift({ call: 'fdatasync', when: '1' });
  for (const { call, when } of chosen) {
    const where = `${call} ${code} ${when}`;
    const segments = segmentsOf(daemon.folder);
    const before = contentOf(daemon.folder, segments.at(-1)!).length;
    const fault = await Fault.attach(daemon.pid, call, code, when, pathsIn(daemon.folder), options.scratch);
    let refused = 0;
    for (let count = 0; count < 3; count++) refused += (await account.record(where)) ? 0 : 1;
    const isWrong = when.endsWith('+') && (refused > 0 || !account.isFileCurrent());
    if (isWrong) await account.expectWarning(where);
    const hits = await fault.detach();
    account.counts.faults!++;
    account.counts.hits! += hits > 0 ? 1 : 0;
    await account.expectRecovery(where);
    if (call === 'fdatasync' && code === 'EIO' && hits > 0) {
      if (segmentsOf(daemon.folder).length === segments.length) account.fail(`${where}: goes on in a file that failed`);
      const now = contentOf(daemon.folder, segments.at(-1)!).length;
      if (when === '1' && now !== before) account.fail(`${where}: wrote into a file that failed: ${before} → ${now}`);
    }
    if (options.stopAtFirst && account.failures.length > 0) break;
  }
  await account.expectKeptAfterRestart(code);
}

/** Every write of the history fails, and nothing else: no reading is refused, and afterwards the history lacks none. */
async function failingHistory(account: Account, options: RunOptions): Promise<undefined> {
  await account.start();
  for (let count = 0; count < 3; count++) await account.record('before any fault');
  const casesOf = (calls: readonly string[]) =>
    calls.flatMap((call) =>
      ['EIO', 'ENOSPC'].flatMap((code) => ['1', '3', '1+'].map((when) => ({ call, code, when }))),
    );
  // Where nothing has failed before, it is only written to; what follows a failure opens, empties and reads it.
  const others = casesOf(['openat', 'ftruncate', 'pread64', 'fdatasync']);
  const chosen = [...casesOf(['pwrite64']), ...(options.isLong ? others : sampleOf(others, 3, randomOf(options.seed)))];
  const paths = ['', '-wal', '-shm', '-journal'].map((side) => join(account.folder, `${HISTORY_FILE}${side}`));
  for (const { call, code, when } of chosen) {
    const where = `${call} ${code} ${when} of the history`;
    const daemon = account.daemon!;
    const fault = await Fault.attach(daemon.pid, call, code, when, paths, options.scratch);
    for (let count = 0; count < 4; count++) {
      if (!(await account.record(where))) account.fail(`${where}: a reading was refused`);
      await daemon.rpc('usage.history', { limit: 1 });
    }
    account.counts.faults!++;
    account.counts.hits! += (await fault.detach()) > 0 ? 1 : 0;
    await until(
      async () => (await daemon.rpc('usage.history', { limit: 1 })).result,
      'the history answers',
      4_000,
    ).catch((error: Error) => account.fail(`${where}: ${error.message}`));
    // One that found no room for a database keeps the history in memory from then on.
    await account.expectKeptAfterRestart(where);
    if (account.failures.length > 4) break;
  }
  return undefined;
}

/** strace, attached to a running process for a while. */
class Fault {
  readonly #tracer: ChildProcess;
  readonly #log: string;

  private constructor(tracer: ChildProcess, log: string) {
    this.#tracer = tracer;
    this.#log = log;
  }

  static async attach(
    pid: number,
    call: string,
    code: string,
    when: string,
    paths: readonly string[],
    scratch: string,
  ): Promise<Fault> {
    const log = join(scratch, 'fault.strace');
    writeFileSync(log, '');
    const among = paths.flatMap((path) => ['-P', path]);
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=${code}:when=${when}`];
    const tracer = spawn('strace', ['-f', '-o', log, '-p', String(pid), ...inject, ...among], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    tracer.stderr!.setEncoding('utf8').on('data', (text) => (said += text));
    await until(() => said.includes('attached'), 'strace is attached');
    return new Fault(tracer, log);
  }

  /** Lets the process go on undisturbed; returns how often the fault struck. */
  async detach(): Promise<number> {
    const ended = once(this.#tracer, 'close');
    this.#tracer.kill('SIGINT');
    await ended;
    return readFileSync(this.#log, 'utf8').split('(INJECTED)').length - 1;
  }
}

/** Every file of a data folder that a daemon may touch, and not its log or its sockets. */
function pathsIn(folder: string): string[] {
  const ledger = join(folder, 'ledger');
  const state = [folder, join(folder, STATE_FILE), join(folder, `.${STATE_FILE}.token-sync`), ledger];
  const last = segmentsOf(folder).length;
  for (let number = Math.max(1, last - 1); number < last + 6; number++) {
    const name = `${String(number).padStart(6, '0')}.jsonl`;
    state.push(join(ledger, name), join(ledger, `.${name}.token-sync`));
  }
  return state;
}

function segmentsOf(folder: string): string[] {
  return readdirSync(join(folder, 'ledger'))
    .filter((name) => name.endsWith('.jsonl'))
    .sort();
}

function contentOf(folder: string, segment: string): string {
  return readFileSync(join(folder, 'ledger', segment), 'utf8');
}

/** A limit on file sizes makes the kernel write a part, and then nothing; the daemon must undo the part. */
async function shortWrites(account: Account, { isLong }: RunOptions): Promise<undefined> {
  const daemon = await account.start();
  // The ledger must be the largest file, for the limit to meet it alone.
  for (let count = 0; count < 130; count++) await account.record('before', 'x'.repeat(600));
  const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(daemon.pid), `--fsize=${bytes}:unlimited`]);
  const parts = isLong ? Array.from({ length: 60 }, (_, index) => 1 + index * 9) : [1, 100, 300, 450];
  for (const part of parts) {
    const where = `a write cut after ${part} bytes`;
    const size = statSync(join(daemon.folder, 'ledger', segmentsOf(daemon.folder).at(-1)!)).size;
    limit(String(size + part));
    account.counts.faults!++;
    if (await account.record(where)) account.fail(`${where} was acknowledged`);
    else account.counts.hits!++;
    await account.expectWarning(where);
    limit('unlimited');
    await account.expectRecovery(where);
  }
  await account.expectKeptAfterRestart('short writes');
}

/** A small disk that fills and is grown again. */
async function fullDisk(account: Account): Promise<string | undefined> {
  mkdirSync(account.folder);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'none', account.folder], { encoding: 'utf8' });
  if (mounted.status !== 0) return 'only root can mount a small disk';
  try {
    await account.start();
    for (let round = 0; round < 3; round++) {
      let refused = 0;
      for (let count = 0; refused < 5 && count < 3_000; count++)
        refused += (await account.record('full', 'y'.repeat(900))) ? 0 : 1;
      if (refused < 5) account.fail('the disk did not fill');
      account.counts.faults!++;
      account.counts.hits!++;
      await account.expectWarning('the disk is full');
      execFileSync('mount', ['-o', `remount,size=${(round + 2) * 512}k`, account.folder]);
      await account.expectRecovery('the disk has grown');
    }
    await account.expectKeptAfterRestart('full disk');
  } finally {
    await account.daemon?.kill();
    execFileSync('umount', ['-l', account.folder]);
  }
  return undefined;
}

/** A folder in which nothing can be made, replaced or removed, and then can again. */
async function readOnly(account: Account, { scratch }: RunOptions): Promise<string | undefined> {
  if (!has('chattr')) return wordsFor(['chattr']);
  await account.start();
  for (let count = 0; count < 3; count++) await account.record('before');
  const folders = [account.folder, join(account.folder, 'ledger')];
  const set = (flag: string) => spawnSync('chattr', [flag, ...folders]).status === 0;
  if (!set('+i')) return 'folders cannot be made unchangeable here (chattr +i)';
  account.counts.faults!++;
  account.counts.hits!++;
  try {
    for (let count = 0; count < 3; count++) await account.record('read-only folder');
    await account.expectWarning('read-only folder');
  } finally {
    set('-i');
  }
  await account.expectRecovery('writable again');
  await account.expectKeptAfterRestart('read-only');
  await account.daemon!.kill();
  const view = join(scratch, 'view');
  mkdirSync(view);
  const bound = spawnSync('mount', ['--bind', account.folder, view]);
  if (bound.status !== 0) return undefined;
  try {
    execFileSync('mount', ['-o', 'remount,bind,ro', view]);
    const refused = new RunningDaemon({ program: account.program, folder: view });
    const { code } = await refused.ended;
    account.counts.faults!++;
    account.counts.hits!++;
    expectClearEnd(account, 'a start on a read-only mount', code, refused.stderr);
    execFileSync('mount', ['-o', 'remount,bind,rw', view]);
    await account.start({ folder: view });
    await account.expectKept('the mount is writable again');
    await account.daemon!.kill();
  } finally {
    execFileSync('umount', ['-l', view]);
  }
  return undefined;
}

function expectClearEnd(account: Account, where: string, code: number | null, stderr: string): void {
  if (code === 0 || code === null || code === undefined) account.fail(`${where}: ended with ${code}`);
  if (!stderr.startsWith('token-sync: ') || /\n\s+at /.test(stderr))
    account.fail(`${where}: does not say why: ${stderr.slice(0, 500)}`);
}

/** A fault while the daemon starts: it starts all the same or says why not, and the next start finds everything. */
async function failingStart(account: Account, options: RunOptions): Promise<undefined> {
  await account.start();
  for (let count = 0; count < 5; count++) await account.record('before');
  await account.daemon!.kill();
  const cases = CALLS.flatMap((call) =>
    CODES.flatMap((code) => ['1', '2', '1+'].map((when) => ({ call, code, when }))),
  );
  const chosen = options.isLong ? cases : sampleOf(cases, 12, randomOf(options.seed));
  for (const { call, code, when } of chosen) {
    const where = `a start with ${call} ${code} ${when}`;
    const log = join(options.scratch, 'start.strace');
    const among = pathsIn(account.folder).flatMap((path) => ['-P', path]);
    const under = [
      'strace',
      '-f',
      '-qq',
      '-o',
      log,
      '-e',
      `trace=${call}`,
      '-e',
      `inject=${call}:error=${code}:when=${when}`,
      ...among,
    ];
    account.counts.faults!++;
    const traced = new RunningDaemon({ program: account.program, folder: account.folder, under });
    const outcome = await Promise.race([traced.ended, traced.isUp().then(() => undefined)]);
    if (outcome) expectClearEnd(account, where, outcome.code, traced.stderr);
    else await killTraced(traced);
    account.counts.hits! += readFileSync(log, 'utf8').includes('(INJECTED)') ? 1 : 0;
    await account.start();
    await account.expectKept(where);
    await account.daemon!.kill();
    if (account.failures.length > 4) break;
  }
}

/** The daemon ends at once, and strace with it. */
async function killTraced(daemon: RunningDaemon): Promise<void> {
  process.kill(daemon.pid, 'SIGKILL');
  await daemon.ended;
}

/** The clock of the daemon jumps by years while it records; nothing else about it changes. */
async function jumpingClock(account: Account): Promise<string | undefined> {
  if (!has('libfaketime')) return wordsFor(['libfaketime']);
  const file = join(account.folder, '..', 'clock');
  const env = {
    LD_PRELOAD: needs('libfaketime'),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  writeFileSync(file, '+0\n');
  const daemon = await account.start({ env });
  for (const [index, jump] of ['+0', '+3650d', '-3650d', '+1', '-12000d', '+0'].entries()) {
    writeFileSync(file, `${jump}\n`);
    account.counts.faults!++;
    for (let count = 0; count < 2; count++) {
      if (!(await account.record(`clock ${jump}`))) account.fail(`clock ${jump}: refused`);
    }
    const ids = await daemon.historyIds();
    if (ids[0] !== `r${index * 2 + 2}`) account.fail(`clock ${jump}: the newest is not on top: ${ids.slice(0, 3)}`);
    if (!account.isFileCurrent()) account.fail(`clock ${jump}: the state file is behind`);
    const { result } = await daemon.rpc('usage.forecast');
    if (!result) account.fail(`clock ${jump}: no forecast`);
    const year = new Date(daemon.state().last_updated).getUTCFullYear();
    const expected = new Date(
      Date.now() + Number.parseInt(jump, 10) * (jump.endsWith('d') ? 86_400_000 : 1),
    ).getUTCFullYear();
    if (year === expected) account.counts.hits!++;
  }
  await account.expectKeptAfterRestart('clock');
  return undefined;
}
