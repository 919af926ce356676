import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { STATE_FILE } from '../../src/protocol/addresses.ts';
import { Subject } from './subject.ts';

/** A message of a scenario about itself while it runs; the order among the system calls is that of the writes. */
export type Told =
  | { readonly kind: 'offer'; readonly ids: readonly string[] }
  /** The state at a revision, from the moment of its commit on. */
  | { readonly kind: 'state'; readonly revision: number; readonly state: string }
  /** A file was put into the drop folder, where a kill must not take it. */
  | { readonly kind: 'dropped'; readonly ids: readonly string[] }
  /** A caller was told that this revision is durable. */
  | { readonly kind: 'receipt'; readonly revision: number };

/** One process from its start to its end or to its kill. */
export interface Life {
  run(life: LifeContext): Promise<void>;
  /** Ends it at the n-th call of this name on a segment. */
  readonly killedAt?: { readonly call: string; readonly nth: number };
}

export interface Scenario {
  readonly name: string;
  readonly maxSegmentBytes?: number;
  /** Makes what lies in the folder, durably, before the first life; returns the revision that stands there. */
  prepare?(folder: string): Promise<number>;
  readonly lives: readonly Life[];
  /** True when somebody else writes the state file without making it durable. */
  readonly hasEditor?: boolean;
  /** True when files are put into the drop folder. */
  readonly hasDrop?: boolean;
  /** Codes of what the status must or may say afterwards. */
  readonly mayWarn?: readonly string[];
}

export class LifeContext {
  readonly folder: string;
  readonly #scenario: Scenario;
  readonly #tell: (told: Told) => void;
  readonly #states: Promise<void>[] = [];

  constructor(folder: string, scenario: Scenario, tell: (told: Told) => void) {
    this.folder = folder;
    this.#scenario = scenario;
    this.#tell = tell;
  }

  get stateFile(): string {
    return join(this.folder, STATE_FILE);
  }

  async open(): Promise<Subject> {
    this.#tell({ kind: 'offer', ids: [] });
    const subject = await Subject.open(this.folder, {
      ...(this.#scenario.maxSegmentBytes !== undefined && { maxSegmentBytes: this.#scenario.maxSegmentBytes }),
      onCommitted: (committed) => void this.#states.push(this.#tellState(committed)),
    });
    await this.#tellState(subject);
    await this.#settle();
    this.#tell({ kind: 'receipt', revision: subject.revision });
    return subject;
  }

  /** Puts a file with a reading of each id into the drop folder, as a careful program does. */
  drop(ids: readonly string[]): void {
    const lines = ids.map((id) => JSON.stringify({ tokens: 3, sync_type: 'auto', id, event: `drop ${id}` }));
    const folder = join(this.folder, 'drop');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `.${ids[0]}.writing`);
    writeFileSync(path, `${lines.join('\n')}\n`, { flush: true });
    renameSync(path, join(folder, `${ids[0]}.txt`));
    this.#tell({ kind: 'dropped', ids });
  }

  /** Something that callers ask for; `action` gives the revisions of their receipts. */
  async step(ids: readonly string[], action: () => Promise<readonly { readonly revision: number }[]>): Promise<void> {
    this.#tell({ kind: 'offer', ids });
    const receipts = await action();
    this.#tell({ kind: 'receipt', revision: Math.max(...receipts.map(({ revision }) => revision)) });
    await this.#settle();
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#states.splice(0));
  }

  async #tellState(subject: Subject): Promise<void> {
    const { revision } = subject;
    this.#tell({ kind: 'state', revision, state: await subject.state() });
  }
}

/** Everything a data folder goes through, each a script that does the same whenever it runs. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'first-start',
    lives: [
      {
        async run(life) {
          const subject = await life.open();
          await life.step(['a'], async () => [await subject.record('a', 1)]);
        },
      },
    ],
  },
  {
    name: 'adoption',
    async prepare(folder) {
      writeFileSync(join(folder, STATE_FILE), OLDER_PROGRAM);
      return 0;
    },
    lives: [
      {
        async run(life) {
          const subject = await life.open();
          await life.step(['a'], async () => [await subject.record('a', 1)]);
        },
      },
    ],
  },
  {
    name: 'single-records',
    prepare: prepareReadings,
    lives: [
      {
        async run(life) {
          const subject = await life.open();
          await life.step(['a'], async () => [await subject.record('a', 1)]);
          await life.step(['b'], async () => [await subject.record('b', 5_000, { sync_type: 'manual' })]);
          await life.step([], async () => [await subject.undo('undo-1')]);
          await life.step(['c'], async () => [await subject.record('c', 4)]);
          await life.step([], async () => {
            await subject.setTotal(2_000_000);
            return [subject];
          });
          await life.step(['d'], async () => [await subject.record('d', 700, { sync_type: 'correction' })]);
          await life.step(['a'], async () => [await subject.record('a', 1)]);
        },
      },
    ],
  },
  {
    name: 'batches',
    prepare: prepareReadings,
    lives: [
      {
        async run(life) {
          const subject = await life.open();
          for (const round of ['a', 'b']) {
            const ids = [1, 2, 3, 4, 5].map((count) => `${round}${count}`);
            await life.step(ids, () => Promise.all(ids.map((id, index) => subject.record(id, 2 ** index))));
          }
          const counts = [1, 2, 3].map((count) => [`i${count}`, count * 100] as const);
          await life.step(
            counts.map(([id]) => id),
            async () => {
              await subject.import(counts);
              return [subject];
            },
          );
        },
      },
    ],
  },
  {
    name: 'edit-in-place',
    prepare: prepareReadings,
    hasEditor: true,
    mayWarn: ['state_file_invalid'],
    lives: [{ run: (life) => edits(life, (path, text) => writeFileSync(path, text)) }],
  },
  {
    name: 'edit-by-rename',
    prepare: prepareReadings,
    hasEditor: true,
    mayWarn: ['state_file_invalid'],
    lives: [{ run: (life) => edits(life, saveByRename) }],
  },
  {
    name: 'rotation',
    maxSegmentBytes: 2_000,
    lives: [
      {
        async run(life) {
          const subject = await life.open();
          for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
            await life.step([id], async () => [await subject.record(id, id.charCodeAt(0))]);
          }
        },
      },
    ],
  },
  {
    name: 'torn-tail',
    async prepare(folder) {
      const revision = await prepareReadings(folder);
      appendFileSync(segment(folder), '{"crc":"12345678","v":1,"previous":"87654321","vi');
      return revision;
    },
    lives: [{ run: openAndRecord }],
  },
  {
    name: 'damaged-middle',
    async prepare(folder) {
      const revision = await prepareReadings(folder);
      const lines = readFileSync(segment(folder), 'utf8').split('\n');
      writeFileSync(segment(folder), lines.with(2, lines[2]!.replace('"used":', '"use":')).join('\n'));
      return revision;
    },
    // The history knows the reading that the ledger lacks.
    mayWarn: ['ledger_damaged', 'ledger_incomplete', 'history_lost'],
    lives: [{ run: openAndRecord }],
  },
  {
    name: 'clean-stop',
    prepare: prepareReadings,
    hasEditor: true,
    mayWarn: ['state_file_invalid'],
    lives: [
      {
        async run(life) {
          const subject = await life.open();
          await life.step(['a', 'b'], () => Promise.all([subject.record('a', 1), subject.record('b', 2)]));
          await life.step(['c'], async () => {
            editNote(life.stateFile, 'before the stop', saveByRename);
            const waiting = subject.record('c', 4);
            await subject.stop();
            return [await waiting];
          });
        },
      },
      { run: openAndRecord },
    ],
  },
  {
    name: 'repeat-after-a-kill',
    prepare: prepareReadings,
    lives: [
      {
        killedAt: { call: 'fdatasync', nth: 2 },
        async run(life) {
          const subject = await life.open();
          await life.step(['a'], async () => [await subject.record('a', 1)]);
          await life.step(['b'], async () => [await subject.record('b', 2)]);
        },
      },
      {
        async run(life) {
          const subject = await life.open();
          await life.step(['b'], async () => [await subject.record('b', 2)]);
          await life.step(['a'], async () => [await subject.record('a', 1)]);
        },
      },
    ],
  },
  {
    name: 'drop-files',
    prepare: prepareReadings,
    hasDrop: true,
    lives: [
      {
        async run(life) {
          const subject = await life.open();
          for (const ids of [['d1'], ['d2', 'd3']]) {
            await life.step(ids, async () => {
              life.drop(ids);
              await subject.takeDrops();
              return [subject];
            });
          }
        },
      },
    ],
  },
  {
    // The state file has room for a hundred sessions, so only the ledger can tell of this one.
    name: 'repeat-of-an-unlisted-one',
    async prepare(folder) {
      const subject = await Subject.open(folder);
      await subject.import(Array.from({ length: 100 }, (_, index) => [`old-${index}`, 10]));
      const { revision } = subject;
      await subject.stop();
      return revision;
    },
    lives: [
      {
        killedAt: { call: 'fdatasync', nth: 2 },
        async run(life) {
          const subject = await life.open();
          await life.step(['a'], async () => [await subject.record('a', 1)]);
          await life.step(['b'], async () => [await subject.record('b', 2, LONG_AGO)]);
        },
      },
      {
        async run(life) {
          const subject = await life.open();
          await life.step(['b'], async () => [await subject.record('b', 2, LONG_AGO)]);
        },
      },
    ],
  },
];

const LONG_AGO = { datedMs: Date.UTC(2020, 0, 1) };

/** Opens what is there and stops: what a start after a crash does. */
export const RECOVERY: Scenario = {
  name: 'recovery',
  lives: [
    {
      async run(life) {
        await (await life.open()).stop();
      },
    },
  ],
};

/** The scenario of a name. */
export function scenarioOf(name: string): Scenario {
  const found = [...SCENARIOS, RECOVERY].find((scenario) => scenario.name === name);
  if (!found) throw new Error(`no such scenario: ${name}`);
  return found;
}

const OLDER_PROGRAM = `${JSON.stringify(
  {
    status: { phase: '开发中', weight: 1.5 },
    token_usage: { used: 4_000, total: 500_000, percentage: 0.8, note: 'ours', sessions: [{ task: '旧', tokens: 7 }] },
    prompt: 'keep me',
    last_updated: '2025-11-18T20:30:00',
  },
  undefined,
  2,
).replace('1.5', '1.50')}\n`;

/** A folder that was used before, with members and sessions of another program in its state file. */
async function prepareReadings(folder: string): Promise<number> {
  writeFileSync(join(folder, STATE_FILE), OLDER_PROGRAM);
  const subject = await Subject.open(folder);
  for (const id of ['old-1', 'old-2', 'old-3']) await subject.record(id, 10);
  const { revision } = subject;
  await subject.stop();
  return revision;
}

async function openAndRecord(life: LifeContext): Promise<void> {
  const subject = await life.open();
  await life.step(['last'], async () => [await subject.record('last', 8)]);
}

async function edits(life: LifeContext, save: (path: string, text: string) => void): Promise<void> {
  const subject = await life.open();
  await life.step(['a'], async () => [await subject.record('a', 1)]);
  await life.step([], async () => {
    editNote(life.stateFile, 'first', save);
    await subject.adopt();
    return [subject];
  });
  await life.step([], async () => {
    editNote(life.stateFile, 'a second one, longer than the first', save);
    await subject.adopt();
    return [subject];
  });
  await life.step(['b'], async () => [await subject.record('b', 2)]);
  await life.step(['c'], async () => {
    editNote(life.stateFile, 'with a reading', save);
    return [await subject.record('c', 4)];
  });
}

function editNote(path: string, text: string, save: (path: string, text: string) => void): void {
  const file = JSON.parse(readFileSync(path, 'utf8'));
  file.hand = { note: text };
  save(path, JSON.stringify(file, undefined, 2));
}

function saveByRename(path: string, text: string): void {
  const fd = openSync(`${path}.tmp`, 'w');
  writeSync(fd, text);
  // A careful editor; one that is not can lose its own file, which nobody else can mend.
  fsyncSync(fd);
  closeSync(fd);
  renameSync(`${path}.tmp`, path);
}

function segment(folder: string): string {
  return join(folder, 'ledger', '000001.jsonl');
}
