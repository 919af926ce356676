import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { scanSegment } from '../../src/daemon/store/ledger-scan.ts';
import { STATE_FILE } from '../../src/protocol/addresses.ts';
import type { Session } from '../../src/protocol/methods.ts';
import { freshFolder, startDaemon, type TestDaemon } from '../support/daemon.ts';
import { type Mutation, mutantOf } from '../support/mutant.ts';
import { RpcFailure } from '../support/rpc-failure.ts';
import { TRANSPORTS } from '../support/transports.ts';

const ROUNDS = 15;

/** Every reading counts 1, so that what is used is how many there are. */
const COUNT = { tokens: 1, sync_type: 'auto' } as const;

/** A daemon that is killed again and again while several clients record, and everything that was seen to be wrong. */
class Trial {
  readonly problems: string[] = [];
  readonly #folder = freshFolder();
  readonly #main: string | undefined;
  readonly #offered = new Set<string>();
  readonly #acknowledged = new Set<string>();

  constructor(main?: string) {
    this.#main = main;
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.size;
  }

  /** Kills the daemon once at a random moment, starts it again and looks; false when something was wrong. */
  async round(number: number): Promise<boolean> {
    const first = await this.#start();
    await this.#recordUntilKilled(first, `round${number}`);
    const second = await this.#start();
    await this.#check(second, 'after the kill');
    await this.#repeat(second);
    await this.#check(second, 'after the repeats');
    await second.kill();
    return this.problems.length === 0;
  }

  #start(): Promise<TestDaemon> {
    return startDaemon({ folder: this.#folder, ...(this.#main !== undefined && { main: this.#main }) });
  }

  /** Over every way in, two recorders each: one after the other, and several at once. */
  async #recordUntilKilled(daemon: TestDaemon, round: string): Promise<void> {
    const wanted = 5 + Math.random() * 60;
    let count = 0;
    const isKilled = () => daemon.process.killed;
    const recorders = TRANSPORTS.flatMap(({ name, open }) =>
      [1, 8].map(async (atOnce) => {
        const call = await open(daemon);
        const one = async (index: number) => {
          const id = `${round}-${name}-${atOnce}-${index}`;
          this.#offered.add(id);
          await call('usage.record', { ...COUNT, id });
          this.#acknowledged.add(id);
          // A random moment: after a random count, and a random part of a commit.
          if (++count > wanted && !isKilled()) setTimeout(() => daemon.process.kill('SIGKILL'), Math.random() * 4);
        };
        for (let index = 0; !isKilled(); index += atOnce) {
          await Promise.all(Array.from({ length: atOnce }, (_, offset) => one(index + offset)));
        }
      }),
    );
    const reader = this.#readAllTheTime(isKilled);
    await Promise.all(recorders.map((recorder) => recorder.catch((error) => this.#noteRefusal(error))));
    await reader;
    await daemon.exited;
    this.#readOnce('after the kill');
  }

  /** A connection that breaks is what a kill looks like; an answer that says no is not. */
  #noteRefusal(error: unknown): void {
    if (error instanceof RpcFailure) this.problems.push(`refused: ${error.message}`);
  }

  async #readAllTheTime(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      this.#readOnce('under load');
      await new Promise(setImmediate);
    }
  }

  #readOnce(when: string): void {
    try {
      JSON.parse(readFileSync(`${this.#folder}/${STATE_FILE}`, 'utf8'));
    } catch (error) {
      this.problems.push(`${when} the state file does not parse: ${error}`);
    }
  }

  async #check(daemon: TestDaemon, when: string): Promise<void> {
    const ids = (await history(daemon)).map(({ id }) => id!);
    const known = new Set(ids);
    const usage = await daemon.rpc('usage.get');
    const { used, sessions } = daemon.state().token_usage;
    const wrong = (what: string) => this.problems.push(`${when} ${what}`);
    const lost = [...this.#acknowledged].filter((id) => !known.has(id));
    if (lost.length > 0) wrong(`the history lacks ${lost.length} acknowledged readings, such as ${lost[0]}`);
    if (known.size !== ids.length) wrong(`${ids.length - known.size} readings are in the history twice`);
    if (ids.some((id) => !this.#offered.has(id))) wrong('the history holds what nobody offered');
    if (usage.used !== ids.length) wrong(`used is ${usage.used} after ${ids.length} readings`);
    if (usage.sessions_count !== ids.length) wrong(`${usage.sessions_count} of ${ids.length} sessions are counted`);
    if (used !== usage.used) wrong(`the state file says ${used}, the daemon ${usage.used}`);
    const newest = ids.slice(0, 100).join();
    if (sessions.map(({ id }) => id).join() !== newest) wrong('the state file does not hold the newest hundred');
    const { warnings } = await daemon.rpc('daemon.info');
    if (warnings.length > 0) wrong(`it warns: ${warnings.map(({ en }) => en).join()}`);
  }

  /** Whoever got no answer asks again, and some who got one too. */
  async #repeat(daemon: TestDaemon): Promise<void> {
    const socket = await daemon.connect();
    const known = new Set((await history(daemon)).map(({ id }) => id));
    const repeated = [...this.#offered].filter((id, index) => !this.#acknowledged.has(id) || index % 7 === 0);
    await Promise.all(
      repeated.map(async (id) => {
        const { duplicate = false } = await socket.call('usage.record', { ...COUNT, id });
        if (duplicate !== known.has(id)) this.problems.push(`a repeat of ${id} is ${duplicate ? '' : 'no '}duplicate`);
        this.#acknowledged.add(id);
      }),
    );
    socket.close();
  }
}

async function history(daemon: TestDaemon): Promise<Session[]> {
  const all: Session[] = [];
  for (let before: string | undefined; ; ) {
    const page = await daemon.rpc('usage.history', { limit: 1_000, ...(before !== undefined && { before }) });
    all.push(...page.sessions);
    if (page.next === undefined) return all;
    before = page.next;
  }
}

describe('a daemon that is killed at random moments while eight clients record', () => {
  test(`${ROUNDS} times loses nothing that it acknowledged, counts nothing twice, and its state file always parses`, async () => {
    const trial = new Trial();
    for (let round = 0; round < ROUNDS; round++) await trial.round(round);

    expect(trial.problems).toEqual([]);
    expect(trial.acknowledgedCount).toBeGreaterThan(ROUNDS * 10);
  }, 60_000);

  // What cannot fail proves nothing. A missing fdatasync is not among these: what is written survives a kill without one.
  test.each<[string, Mutation]>([
    [
      'answers before it saves',
      {
        file: 'daemon/monitor.ts',
        from: 'if (fold.changes.length > 0) await this.#save(fold.changes);\n    for (const answer of answers) answer();',
        to: 'for (const answer of answers) answer();\n    if (fold.changes.length > 0) await this.#save(fold.changes);',
      },
    ],
    [
      'writes half of every tenth line of the ledger',
      {
        file: 'daemon/store/ledger.ts',
        from: 'writeAll(fd, bytes, start);',
        to: 'writeAll(fd, this.index.sessions.length % 10 === 9 ? bytes.subarray(0, bytes.length / 2) : bytes, start);',
      },
    ],
    [
      'does not know an id again',
      {
        file: 'daemon/operations.ts',
        from: 'const known = fold.find(reading.id);',
        to: 'const known = undefined as any;',
      },
    ],
    [
      'forgets at a start what was recorded before',
      { file: 'daemon/store/ledger.ts', from: 'this.index.addLine(scanned, segment.number);', to: '' },
    ],
    [
      'writes the state file where it lies',
      {
        file: 'daemon/store/atomic-replace.ts',
        from: 'const temporary = join(dirname(path), `.${basename(path)}.token-sync`);',
        to: 'const temporary = path;',
      },
    ],
    [
      'counts a reading that it records twice in the figure',
      {
        file: 'daemon/rules/record.ts',
        from: 'return { used: used + tokens, increment: tokens };',
        to: 'return { used: used + 2 * tokens, increment: tokens };',
      },
    ],
  ])('negative control: one that %s is caught', async (_, mutation) => {
    const trial = new Trial(mutantOf(mutation));
    let isWhole = true;
    // A daemon that cannot even be started or asked is caught as well.
    for (let round = 0; round < ROUNDS && isWhole; round++) isWhole = await trial.round(round).catch(() => false);

    expect(isWhole).toBe(false);
  });
});

test('a ledger that lost its last line is noticed by the same look', async () => {
  const daemon = await startDaemon();
  for (const id of ['first', 'last']) await daemon.rpc('usage.record', { ...COUNT, id });
  await daemon.kill();
  const ledger = daemon.path('ledger/000001.jsonl');
  const bytes = readFileSync(ledger);
  writeFileSync(ledger, bytes.subarray(0, scanSegment(bytes).lines.at(-1)!.start));
  rmSync(daemon.path(STATE_FILE));

  const sessions = await history(await startDaemon({ folder: daemon.folder }));

  expect(sessions.map(({ id }) => id)).toEqual(['first']);
});
