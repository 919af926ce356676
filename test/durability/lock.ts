import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DAEMON_FILE } from '../../src/protocol/addresses.ts';
import { type ChildProcess, spawn } from '../support/programs.ts';
import { programsOf } from './build.ts';
import type { Harness, Outcome, RunOptions, Task } from './harness.ts';
import { RunningDaemon } from './running-daemon.ts';

const STARTERS = 8;

/** Eight starters at once, again and again; owners that are suspended, killed, or only look like one. */
export const LOCK: Harness = {
  name: 'lock',
  about: 'one owner of a data folder, whoever starts, sleeps or dies',
  tasks: () => ['starters', 'daemons'].map((part) => ({ harness: 'lock', part })),
  run: ({ part }: Task, options: RunOptions) => (part === 'starters' ? starters(options) : daemons(options)),
};

/** A process that takes the lock when it is told to, and lives on. */
class Starter {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string) {
    this.process = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
  }

  /** True when it has become the owner. */
  async take(folder: string): Promise<boolean> {
    return (await this.#ask(`take ${folder}`)) === 'owner';
  }

  /** Gives back all that it has. */
  async free(): Promise<void> {
    await this.#ask('free');
  }

  async end(): Promise<void> {
    const ended = once(this.process, 'close');
    this.process.kill('SIGKILL');
    await ended;
  }

  async #ask(what: string): Promise<string> {
    this.process.stdin!.write(`${what}\n`);
    return (await this.#lines.next()).value;
  }
}

async function starters({ isLong, mutant, scratch, stopAtFirst }: RunOptions): Promise<Outcome> {
  const failures: string[] = [];
  const program = programsOf(mutant)['lock-starter'];
  const all = Array.from({ length: STARTERS }, () => new Starter(program));
  let spare = new Starter(program);
  const folder = join(scratch, 'data');
  mkdirSync(folder);
  const rounds = isLong ? 2_000 : 100;
  let round = 0;
  for (; round < rounds && failures.length < (stopAtFirst ? 1 : 5); round++) {
    const answers = await Promise.all(all.map((starter) => starter.take(folder)));
    const owners = all.filter((_, index) => answers[index]);
    const owner = owners[0];
    if (owners.length !== 1 || !owner) {
      failures.push(`round ${round}: ${owners.length} owners`);
      await Promise.all(all.map((starter) => starter.free()));
      continue;
    }
    const other = all.find((starter) => starter !== owner)!;
    if (round % 2 === 0) owner.process.kill('SIGSTOP');
    if (await other.take(folder)) failures.push(`round ${round}: taken from a live owner`);
    await owner.end();
    if (!(await other.take(folder))) failures.push(`round ${round}: not free after kill -9`);
    await other.free();
    all[all.indexOf(owner)] = spare;
    spare = new Starter(program);
  }
  await Promise.all([spare, ...all].map((starter) => starter.end()));
  return { failures, counts: { rounds: round, starts: round * STARTERS } };
}

async function daemons({ isLong, mutant, scratch }: RunOptions): Promise<Outcome> {
  const failures: string[] = [];
  const program = programsOf(mutant).daemon;
  const folder = join(scratch, 'data');
  mkdirSync(folder);
  const rounds = isLong ? 40 : 2;
  for (let round = 0; round < rounds; round++) {
    const all = Array.from({ length: STARTERS }, () => new RunningDaemon({ program, folder }));
    const losers: RunningDaemon[] = [];
    for (const daemon of all) void daemon.ended.then(({ code }) => code === 6 && losers.push(daemon));
    await waitFor(() => losers.length === STARTERS - 1, failures, `round ${round}: seven of eight give way`);
    const winner = all.find((daemon) => !losers.includes(daemon))!;
    for (const { stderr } of losers)
      if (!stderr.includes('token-sync')) failures.push(`round ${round}: no word of the owner: ${stderr}`);
    winner.process.kill('SIGSTOP');
    const { code } = await new RunningDaemon({ program, folder }).ended;
    if (code !== 6) failures.push(`round ${round}: a suspended owner lost the folder (${code})`);
    winner.process.kill('SIGCONT');
    await winner.kill();
    await Promise.all(all.map((daemon) => daemon.kill()));
  }
  // A live process of somebody else has the pid that a dead daemon left behind.
  const file = { pid: process.pid, url: 'http://127.0.0.1:9', protocol: 1, version: '0.0.0' };
  writeFileSync(join(folder, DAEMON_FILE), JSON.stringify(file));
  const next = await RunningDaemon.start({ program, folder });
  if (next.pid === process.pid || !(await next.rpc('usage.get')).result)
    failures.push('a foreign process was taken for the owner');
  await next.kill();
  return { failures, counts: { rounds, starts: rounds * (STARTERS + 1) + 1 } };
}

async function waitFor(condition: () => boolean, failures: string[], what: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) {
      failures.push(`in vain: ${what}`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
