import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { LEDGER_FORMAT } from '../../src/daemon/store/ledger/ledger-line.ts';
import { STATE_FILE } from '../../src/protocol/addresses.ts';
import { randomOf, sampleOf } from '../support/random.ts';
import { emptied } from '../support/scratch.ts';
import { programsOf } from './build.ts';
import { isHistoryName } from './disk-model.ts';
import type { Harness, Outcome, RunOptions, Task } from './harness.ts';
import { damageHistory } from './history-damage.ts';
import type * as SubjectModule from './subject.ts';

type Module = typeof SubjectModule;

const AT_ONCE = 8;

/** The number of bit flips and of cuts in the short form; the long one makes all of them. */
const SHORT = { flips: 1_600, cuts: 500 };

/** Damages a short ledger in every way: what parses is kept, nothing wrong is shown, and the status tells. */
export const DAMAGE: Harness = {
  name: 'damage',
  about:
    'every cut and every bit flip of a ledger, and files that are missing, newer, empty or foreign, the history among them',
  tasks: () => ['flips', 'cuts', 'files', 'history'].map((part) => ({ harness: 'damage', part })),
  async run({ part }: Task, options: RunOptions): Promise<Outcome> {
    const module: Module = await import(programsOf(options.mutant).subject);
    if (part === 'history') return damageHistory(module, options);
    const original = await makeOriginal(module, join(options.scratch, 'original'));
    const bench = new Bench(module, original, options);
    if (part === 'files') await files(bench);
    else await bench.tryAll(part === 'flips' ? flips(original, options) : cuts(original, options));
    return { failures: bench.failures.slice(0, 5), counts: { cases: bench.cases } };
  },
};

/** A ledger that is damaged: a checkpoint and some lines, without a state file that could heal it. */
interface Original {
  readonly folder: string;
  readonly segment: Buffer;
  /** The id that each line records, by where it lies; none for the checkpoint. */
  readonly lines: readonly { readonly start: number; readonly end: number; readonly id: string | undefined }[];
  readonly used: ReadonlyMap<string | undefined, number>;
}

interface Case {
  readonly name: string;
  readonly segment: Buffer;
  /** The ids of lines that no damage has touched. */
  readonly untouched: readonly string[];
  /** True where the status has to speak of it. */
  readonly isToBeTold: boolean;
}

const IDS = ['a', 'b', 'c', 'd'];

async function makeOriginal(module: Module, folder: string): Promise<Original> {
  mkdirSync(folder);
  const subject = await module.Subject.open(folder);
  const used = new Map<string | undefined, number>([[undefined, 0]]);
  for (const [index, id] of IDS.entries()) {
    await subject.record(id, 2 ** index, { event: id });
    used.set(id, 2 ** (index + 1) - 1);
  }
  await subject.stop();
  const segment = readFileSync(join(folder, 'ledger', '000001.jsonl'));
  const lines: { start: number; end: number; id: string | undefined }[] = [];
  for (let start = 0; start < segment.length; ) {
    const end = segment.indexOf(0x0a, start);
    lines.push({ start, end, id: lines.length === 0 ? undefined : IDS[lines.length - 1] });
    start = end + 1;
  }
  return { folder, segment, lines, used };
}

function flips(original: Original, { isLong, seed, stopAtFirst }: RunOptions): Case[] {
  const bits = Array.from({ length: original.segment.length * 8 }, (_, bit) => bit);
  const chosen = isLong ? bits : sampleOf(bits, stopAtFirst ? 400 : SHORT.flips, randomOf(seed));
  return chosen.map((bit) => {
    const segment = Buffer.from(original.segment);
    const at = bit >> 3;
    segment[at] = segment[at]! ^ (1 << (bit & 7));
    const untouched = original.lines.filter(({ start, end }) => at < start || at > end).map(({ id }) => id);
    return {
      name: `bit ${bit & 7} of byte ${at}`,
      segment,
      untouched: untouched.filter((id) => id !== undefined),
      isToBeTold: true,
    };
  });
}

function cuts(original: Original, { isLong, seed }: RunOptions): Case[] {
  const places = Array.from({ length: original.segment.length }, (_, at) => at);
  const chosen = isLong ? places : sampleOf(places, SHORT.cuts, randomOf(seed));
  const ends = chosen.map((at) => ({
    name: `cut at ${at}`,
    segment: original.segment.subarray(0, at),
    untouched: original.lines
      .filter(({ end }) => end < at)
      .map(({ id }) => id)
      .filter((id) => id !== undefined),
    // As far as the file can tell, nobody was acknowledged a batch that is cut off behind a whole line.
    isToBeTold: false,
  }));
  const middles = original.lines.slice(1, -1).map(({ start, end, id }) => ({
    name: `without the line of ${id}`,
    segment: Buffer.concat([original.segment.subarray(0, start), original.segment.subarray(end + 1)]),
    untouched: IDS.filter((other) => other !== id),
    isToBeTold: true,
  }));
  return [...ends, ...middles];
}

class Bench {
  readonly module: Module;
  readonly original: Original;
  readonly options: RunOptions;
  readonly failures: string[] = [];
  cases = 0;

  constructor(module: Module, original: Original, options: RunOptions) {
    this.module = module;
    this.original = original;
    this.options = options;
  }

  async tryAll(cases: readonly Case[]): Promise<void> {
    const waiting = [...cases];
    const lane = async (number: number) => {
      for (let one = waiting.shift(); one && this.failures.length < 5; one = waiting.shift()) {
        const folder = emptied(join(this.options.scratch, `case-${number}`));
        mkdirSync(join(folder, 'ledger'));
        writeFileSync(join(folder, 'ledger', '000001.jsonl'), one.segment);
        await this.expect(one, folder);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, number) => lane(number)));
  }

  async expect({ name, untouched, isToBeTold }: Case, folder: string): Promise<void> {
    this.cases++;
    const problem = (what: string) => this.failures.push(`${name}: ${what}`);
    try {
      const subject = await this.module.Subject.open(folder);
      const history = await subject.history();
      const ids = history.map(({ id }) => id);
      const lost = untouched.filter((id) => !ids.includes(id));
      if (lost.length > 0) problem(`thrown away: ${lost}`);
      for (const { id, event, tokens } of history) {
        if (event !== id || tokens !== 2 ** IDS.indexOf(String(id))) problem(`shown wrong: ${id} ${event} ${tokens}`);
      }
      if (new Set(ids).size !== ids.length) problem(`shown twice: ${ids}`);
      const last = IDS.findLast((id) => ids.includes(id));
      if (subject.monitor.snapshot.used !== this.original.used.get(last))
        problem(`${subject.monitor.snapshot.used} used after ${last}`);
      const codes = subject.warnings.list().map(({ code }) => code);
      if (isToBeTold && codes.length === 0 && ids.length < IDS.length) problem('the status says nothing');
      await subject.stop();
      const again = await this.module.Subject.open(folder);
      if (JSON.stringify(await again.history()) !== JSON.stringify(history)) problem('the next start differs');
      await again.stop();
    } catch (error) {
      problem(`does not start: ${(error as Error).stack}`);
    }
  }
}

/** The contents that may stand in the place of a whole file. */
async function files(bench: Bench): Promise<void> {
  const { module, options, failures } = bench;
  const make = async (name: string) => {
    const folder = join(options.scratch, name);
    mkdirSync(folder);
    let subject = await module.Subject.open(folder, { maxSegmentBytes: 1_500 });
    for (let count = 0; count < 12; count++) await subject.record(`r${count}`, 1);
    await subject.stop();
    subject = await module.Subject.open(folder);
    await subject.stop();
    return folder;
  };
  const segment = (folder: string, number: number) =>
    join(folder, 'ledger', `${String(number).padStart(6, '0')}.jsonl`);
  const cases: readonly [name: string, (folder: string) => void, Expected][] = [
    ['a missing segment', (folder) => rmSync(segment(folder, 2)), { warns: 'ledger_segment_missing', used: 12 }],
    ['an empty segment', (folder) => writeFileSync(segment(folder, 2), ''), { warns: 'ledger_damaged', used: 12 }],
    [
      'a foreign segment',
      (folder) => writeFileSync(segment(folder, 2), 'PK\x03\x04\n'),
      { warns: 'ledger_damaged', used: 12 },
    ],
    [
      'a foreign last segment',
      (folder) => writeFileSync(lastSegment(folder), Buffer.alloc(900)),
      { warns: 'ledger_damaged', used: 12 },
    ],
    [
      'a newer last line',
      (folder) => writeFileSync(lastSegment(folder), newerLine(), { flag: 'a' }),
      { refuses: /upgrade/ },
    ],
    ['a newer ledger', (folder) => writeFileSync(segment(folder, 1), newerLine()), { refuses: /upgrade/ }],
    ['a folder for a segment', (folder) => replaceByFolder(segment(folder, 2)), { refuses: /./ }],
    ['a file for the ledger', (folder) => replaceByFile(join(folder, 'ledger')), { refuses: /./ }],
    ['no ledger at all', (folder) => rmSync(join(folder, 'ledger'), { recursive: true }), { used: 12 }],
    [
      'an empty state file',
      (folder) => writeFileSync(join(folder, STATE_FILE), ''),
      { warns: 'state_file_invalid', used: 12 },
    ],
    [
      'a foreign state file',
      (folder) => writeFileSync(join(folder, STATE_FILE), 'hello'),
      { warns: 'state_file_invalid', used: 12 },
    ],
    ['no state file', (folder) => rmSync(join(folder, STATE_FILE)), { used: 12 }],
    ['a folder for the state file', (folder) => replaceByFolder(join(folder, STATE_FILE)), { refuses: /move/ }],
  ];
  for (const [name, damage, expected] of cases) {
    const folder = await make(name.replaceAll(' ', '-'));
    damage(folder);
    bench.cases++;
    failures.push(...(await problemsWith(module, folder, expected)).map((problem) => `${name}: ${problem}`));
  }
}

function replaceByFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

function replaceByFile(path: string): void {
  rmSync(path, { recursive: true });
  writeFileSync(path, 'x');
}

interface Expected {
  readonly warns?: string;
  readonly used?: number;
  /** It does not start, and nothing in the folder changes. */
  readonly refuses?: RegExp;
}

async function problemsWith(module: Module, folder: string, { warns, used, refuses }: Expected): Promise<string[]> {
  const copy = `${folder}-before`;
  cpSync(folder, copy, { recursive: true });
  try {
    const subject = await module.Subject.open(folder);
    const codes = subject.warnings.list().map(({ code }) => code);
    const problems: string[] = [];
    if (refuses) problems.push('it starts');
    if (warns && !codes.includes(warns)) problems.push(`the status does not say ${warns}: ${codes}`);
    if (used !== undefined && subject.monitor.snapshot.used !== used)
      problems.push(`${subject.monitor.snapshot.used} used`);
    const onDisk = subject.faultOnDisk();
    if (onDisk) problems.push(onDisk);
    await subject.stop();
    return problems;
  } catch (error) {
    const { kind, hint } = error as { kind?: string; hint?: { en: string } };
    if (!refuses) return [`does not start: ${(error as Error).stack}`];
    if (kind !== 'storage_failed' || !refuses.test(hint?.en ?? ''))
      return [`no clear refusal: ${(error as Error).stack}`];
    return treeOf(folder) === treeOf(copy) ? [] : ['the refused folder was changed'];
  }
}

function treeOf(folder: string): string {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    // The history's database is derived from the ledger.
    (one) => one.isFile() && one.name !== '.lock' && !isHistoryName(one.name),
  );
  return names
    .map((one) => join(one.parentPath, one.name))
    .sort()
    .map((path) => `${path.slice(folder.length)} ${readFileSync(path, 'hex')}`)
    .join('\n');
}

function lastSegment(folder: string): string {
  const names = readdirSync(join(folder, 'ledger')).filter((name) => name.endsWith('.jsonl'));
  return join(folder, 'ledger', names.sort().at(-1)!);
}

/** A line as a later version may write it, with its checksum right. */
function newerLine(): string {
  const body = `"v":${LEDGER_FORMAT + 1},"previous":"00000000","what":"nobody knows yet"}`;
  return `{"crc":"${crc32(body).toString(16).padStart(8, '0')}",${body}\n`;
}
