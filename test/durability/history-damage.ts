import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from '../support/programs.ts';
import { randomOf, sampleOf } from '../support/random.ts';
import { emptied } from '../support/scratch.ts';
import { isHistoryName } from './disk-model.ts';
import type { Outcome, RunOptions } from './harness.ts';
import { ledgerSays } from './ledger-says.ts';
import { historyProblems } from './oracle.ts';
import type * as SubjectModule from './subject.ts';

type Module = typeof SubjectModule;

/** The number of cuts of the write-ahead log: at each end of a frame, and at other places. */
const SHORT = { frames: 40, cuts: 25 };

const PAGE = 4_096;
const LOG_HEADER = 32;
const FRAME = 24 + PAGE;

/** Puts every state of a history beside a ledger that it may meet there; each start answers as the ledger says. */
export async function damageHistory(module: Module, options: RunOptions): Promise<Outcome> {
  const { scratch, stopAtFirst } = options;
  const past = await makePast(module, scratch);
  const failures = await problemsOfWaiting(module, join(scratch, 'waiting'));
  let cases = 1;
  for (const one of [...histories(past), ...cutLogs(past, options)]) {
    if (failures.length >= (stopAtFirst ? 1 : 5)) break;
    cases++;
    failures.push(...(await problemsWith(module, join(scratch, 'case'), one)).map((what) => `${one.name}: ${what}`));
  }
  return { failures, counts: { cases } };
}

/** More at once than is taken in at once: an id of it is known again at once all the same. */
async function problemsOfWaiting(module: Module, folder: string): Promise<string[]> {
  const problems: string[] = [];
  const subject = await module.Subject.open(emptied(folder));
  const ids = Array.from({ length: 4_000 }, (_, index) => `many-${index}`);
  await subject.import(ids.map((id) => [id, 1]));
  for (const id of [ids[0]!, ids.at(-1)!]) {
    if ((await subject.record(id, 1)).duplicate !== true) problems.push(`${id} is recorded twice while it waits`);
  }
  const { readings } = await subject.queries.sum({});
  if (readings !== ids.length) problems.push(`${readings} in the history of ${ids.length} that waited`);
  await subject.stop();
  return problems;
}

/** Copies of a data folder. */
interface Past {
  /** After some readings, and after some more, some segments later; each as a kill leaves it. */
  readonly early: string;
  readonly late: string;
  /** Stopped in order, so that there is no log. */
  readonly stopped: string;
  /** From where the early one was, with other readings. */
  readonly other: string;
  /** From there too, each with one more reading, whose lines are as long as one another's. */
  readonly forks: readonly [string, string];
}

const SETTINGS = { maxSegmentBytes: 2_500 };

async function makePast(module: Module, scratch: string): Promise<Past> {
  const copy = (name: string) => {
    copyWhole(join(scratch, 'data'), join(scratch, name));
    return join(scratch, name);
  };
  mkdirSync(join(scratch, 'data'));
  let subject = await module.Subject.open(join(scratch, 'data'), SETTINGS);
  for (let count = 0; count < 7; count++) await subject.record(`early-${count}`, 2 ** count);
  await subject.history();
  const early = copy('early');
  for (let count = 0; count < 9; count++) await subject.record(`late-${count}`, 3);
  await subject.undo('undo-1');
  await subject.record('late-9', 500, { sync_type: 'correction' });
  await subject.history();
  const late = copy('late');
  await subject.stop();
  const stopped = copy('stopped');
  copyWhole(early, join(scratch, 'other'));
  subject = await module.Subject.open(join(scratch, 'other'), SETTINGS);
  for (let count = 0; count < 9; count++) await subject.record(`else-${count}`, 3);
  await subject.undo('undo-1');
  await subject.record('else-9', 500, { sync_type: 'correction' });
  await subject.stop();
  const fork = async (id: string) => {
    copyWhole(early, join(scratch, id));
    const forked = await module.Subject.open(join(scratch, id));
    await forked.record(id, 1);
    await forked.stop();
    return join(scratch, id);
  };
  const forks = [await fork('fork-1'), await fork('fork-2')] as const;
  return { early, late, stopped, other: join(scratch, 'other'), forks };
}

interface HistoryCase {
  readonly name: string;
  /** The folder that the ledger and the state file are taken from. */
  readonly ledger: string;
  /** Puts the history there. */
  readonly put: (folder: string) => void;
  /** What the status has to say; nothing by default. */
  readonly warns?: readonly string[];
  /** What it says where the damage was met. */
  readonly mayWarn?: string;
}

function histories({ early, late, stopped, other, forks }: Past): HistoryCase[] {
  const damaged = (name: string, change: (bytes: Buffer) => Buffer | string): HistoryCase => ({
    ...{ name, ledger: stopped, warns: ['history_damaged'] },
    put: (folder) => {
      copyHistory(stopped, folder);
      writeFileSync(join(folder, 'history.db'), change(readFileSync(join(stopped, 'history.db'))));
    },
  });
  const whole: HistoryCase[] = [
    { name: 'no history', ledger: late, put: () => undefined },
    { name: 'a history that is older by segments', ledger: late, put: (folder) => copyHistory(early, folder) },
    { name: 'the history of another ledger', ledger: late, put: (folder) => copyHistory(other, folder), warns: LOST },
    { name: 'a history that knows more', ledger: early, put: (folder) => copyHistory(late, folder), warns: LOST },
    {
      name: 'the history of a ledger that differs in its last line',
      ledger: forks[0],
      put: (folder) => copyHistory(forks[1], folder),
      warns: LOST,
    },
    {
      name: 'a segment that lacks a line which the history has',
      ledger: late,
      put: (folder) => {
        copyHistory(late, folder);
        const path = join(folder, 'ledger', '000002.jsonl');
        writeFileSync(path, readFileSync(path, 'utf8').split('\n').toSpliced(1, 1).join('\n'));
      },
      warns: ['ledger_damaged', ...LOST],
    },
    { name: 'an empty history', ledger: late, put: (folder) => writeFileSync(join(folder, 'history.db'), '') },
    {
      name: 'an empty log',
      ledger: late,
      put: (folder) => {
        copyHistory(stopped, folder);
        writeFileSync(join(folder, 'history.db-wal'), '');
      },
    },
    {
      name: 'shared memory of another boot',
      ledger: late,
      put: (folder) => {
        copyHistory(late, folder);
        writeFileSync(join(folder, 'history.db-shm'), Buffer.alloc(32_768, 0x5a));
      },
    },
  ];
  const pages = readFileSync(join(stopped, 'history.db')).length / PAGE;
  const zeroed = Array.from({ length: pages - 1 }, (_, index): HistoryCase => {
    const { ledger, put } = damaged('', (bytes) => bytes.fill(0, (index + 1) * PAGE, (index + 2) * PAGE));
    return { name: `a history whose page ${index + 2} is zeros`, ledger, put, mayWarn: 'history_damaged' };
  });
  return [
    ...whole,
    ...zeroed,
    damaged('no database', () => 'hello'.repeat(2_000)),
    damaged('zeros', (bytes) => Buffer.alloc(bytes.length)),
    damaged('a history without its beginning', (bytes) => bytes.fill(0, 0, PAGE)),
    ...[0.25, 0.5, 0.75].map((part) =>
      damaged(`${part} of a history`, (bytes) => bytes.subarray(0, Math.floor(bytes.length * part))),
    ),
    damaged('a history whose pages are zeros', (bytes) => bytes.fill(0, PAGE)),
  ];
}

const LOST = ['history_lost'];

/** The log of a history cut at the end of each frame, and within frames. */
function cutLogs({ late }: Past, { isLong, seed }: RunOptions): HistoryCase[] {
  const { length } = readFileSync(join(late, 'history.db-wal'));
  const frames = Array.from(
    { length: Math.floor((length - LOG_HEADER) / FRAME) + 1 },
    (_, at) => LOG_HEADER + at * FRAME,
  );
  const random = randomOf(seed);
  const within = Array.from({ length: isLong ? 2_000 : SHORT.cuts }, () => Math.floor(random() * length));
  const ends = isLong ? frames : sampleOf(frames, SHORT.frames, random);
  return [...ends, ...within].map((at) => ({
    name: `a log that ends at ${at}`,
    ledger: late,
    put: (folder) => {
      copyHistory(late, folder);
      truncateSync(join(folder, 'history.db-wal'), at);
    },
  }));
}

/** With the times of the segments, to the nanosecond: they tell whether these are the ones that a history was made from. */
function copyWhole(from: string, to: string): void {
  execFileSync('cp', ['-Rp', from, to]);
}

function copyHistory(from: string, to: string): void {
  for (const name of ['history.db', 'history.db-wal', 'history.db-shm']) {
    rmSync(join(to, name), { force: true });
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name));
  }
}

async function problemsWith(
  module: Module,
  folder: string,
  { ledger, put, warns = [], mayWarn }: HistoryCase,
): Promise<string[]> {
  emptied(folder);
  for (const name of readdirSync(ledger)) {
    if (!isHistoryName(name)) copyWhole(join(ledger, name), join(folder, name));
  }
  put(folder);
  try {
    const subject = await module.Subject.open(folder, SETTINGS);
    const problems: string[] = [];
    const { ids } = ledgerSays(folder);
    const { duplicate } = await subject.record(ids[0]!, 1);
    const { duplicate: isLastKnown } = await subject.record(ids.at(-1)!, 1);
    if (duplicate !== true || isLastKnown !== true) problems.push('an id is not known again');
    if ((await subject.record('new', 1)).duplicate) problems.push('a new id is taken for a known one');
    problems.push(...(await historyProblems(subject, folder)));
    const codes = subject.warnings.list().map(({ code }) => code);
    if (
      codes
        .filter((code) => code !== mayWarn)
        .toSorted()
        .join() !== warns.toSorted().join()
    )
      problems.push(`the status says ${codes}`);
    await subject.stop();
    const again = await module.Subject.open(folder, SETTINGS);
    problems.push(...(await historyProblems(again, folder)));
    await again.stop();
    return problems;
  } catch (error) {
    return [`it does not go on: ${(error as Error).stack}`];
  }
}
