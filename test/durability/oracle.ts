import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FILE } from '../../src/protocol/addresses.ts';
import { ledgerSays } from './ledger-says.ts';
import type { Scenario, Told } from './scenarios.ts';
import type * as SubjectModule from './subject.ts';

/** The promises of a scenario up to the moment at which it was cut off. */
export interface Promised {
  /** The states allowed at each revision. */
  readonly states: ReadonlyMap<number, string>;
  /** A caller was told that this revision is durable. */
  readonly least: number;
  /** Nothing beyond this revision had been asked for. */
  readonly most: number;
  /** The ids that were offered, acknowledged or not. */
  readonly offered: ReadonlySet<string>;
  /** The ids that lay in the drop folder, where only a power cut may take them. */
  readonly dropped: ReadonlySet<string>;
}

/** The promises after the first `count` messages of a whole run; `prepared` is the revision before it. */
export function promisedAfter(whole: readonly Told[], count: number, prepared: number): Promised {
  const states = new Map<number, string>();
  for (const told of whole) {
    if (told.kind !== 'state') continue;
    const known = states.get(told.revision);
    if (known !== undefined && known !== told.state) throw new Error(`two states of revision ${told.revision}`);
    states.set(told.revision, told.state);
  }
  const before = whole.slice(0, count);
  const receipts = before.filter((told) => told.kind === 'receipt').map(({ revision }) => revision);
  const least = Math.max(prepared, ...receipts);
  // A start may bring all of its own changes.
  const isAsking = before.findLast(({ kind }) => kind === 'offer' || kind === 'receipt')?.kind !== 'receipt';
  const next = isAsking ? whole.slice(count).find((told) => told.kind === 'receipt') : undefined;
  const asked = isAsking ? (next ? next.revision : Math.max(...states.keys())) : least;
  const offered = new Set(before.flatMap((told) => (told.kind === 'offer' ? told.ids : [])));
  const dropped = new Set(before.flatMap((told) => (told.kind === 'dropped' ? told.ids : [])));
  return { states, least, most: Math.max(least, asked), offered, dropped };
}

export interface CheckOptions {
  readonly scenario: Scenario;
  readonly promised: Promised;
  /** The program under test. */
  readonly module: typeof SubjectModule;
  /** True after a kill, which takes nothing that was written. */
  readonly keepsFiles?: boolean;
  /** More codes of warnings that may be there. */
  readonly mayWarn?: readonly string[];
}

/** Starts on what a crash has left and says all that is wrong with it: nothing, if every promise was kept. */
export async function problemsOf(folder: string, options: CheckOptions): Promise<string[]> {
  const problems: string[] = [];
  try {
    await check(folder, options, problems);
  } catch (error) {
    problems.push(`it does not go on: ${(error as Error).stack}`);
  }
  return problems;
}

/** Told at every start as long as it holds. */
const LASTING = ['ledger_incomplete', 'history_lost'];

async function check(folder: string, options: CheckOptions, problems: string[]): Promise<void> {
  const { scenario, promised, module } = options;
  const { maxSegmentBytes } = scenario;
  const path = join(folder, STATE_FILE);
  if (!scenario.hasEditor && isThere(folder) && module.documentIn(path) === undefined) {
    problems.push('the state file does not parse');
  }
  const settings = maxSegmentBytes === undefined ? {} : { maxSegmentBytes };
  const first = await module.Subject.open(folder, settings);
  if (scenario.hasDrop) await first.takeDrops();
  const { revision } = first;
  const state = await first.state();
  if (revision < promised.least) problems.push(`revision ${promised.least} was acknowledged and ${revision} is there`);
  else if (revision > promised.most) problems.push(`only ${promised.most} was asked for and ${revision} is there`);
  else if (promised.states.get(revision) !== state) {
    problems.push(`another state at revision ${revision}: ${difference(promised.states.get(revision), state)}`);
  }
  const onDisk = first.faultOnDisk();
  if (onDisk) problems.push(onDisk);
  const warned = first.warnings.list().map(({ code }) => code);
  const allowed = [...(scenario.mayWarn ?? []), ...(options.mayWarn ?? [])];
  for (const code of warned) if (!allowed.includes(code)) problems.push(`it warns without a reason: ${code}`);
  if (options.keepsFiles) {
    const listed = new Set((await first.history()).map(({ id }) => id));
    const lost = [...promised.dropped].filter((id) => !listed.has(id));
    if (lost.length > 0) problems.push(`dropped and lost: ${lost}`);
  }
  problems.push(...(await historyProblems(first, folder)));
  await repeat(first, promised.offered, problems);
  await undoLast(first, folder, problems);
  const last = await first.state();
  await first.stop();
  const second = await module.Subject.open(folder, settings);
  if ((await second.state()) !== last)
    problems.push(`the next start differs: ${difference(last, await second.state())}`);
  const still = second.warnings.list().map(({ code }) => code);
  if (still.some((code) => !LASTING.includes(code))) problems.push(`the next start still warns: ${still}`);
  await second.stop();
}

/** What the history answers otherwise than the ledger says. */
export async function historyProblems(subject: SubjectModule.Subject, folder: string): Promise<string[]> {
  const problems: string[] = [];
  const says = ledgerSays(folder);
  const ids = (await again(() => subject.history())).map(({ id }) => id);
  if (sorted(ids) !== sorted(says.ids)) problems.push(`the history shows ${ids}, and the ledger has ${says.ids}`);
  const { readings, tokens } = await again(() => subject.queries.sum({}));
  if (readings !== says.readings || tokens !== says.tokens)
    problems.push(`the sum is ${tokens} of ${readings}, and by the ledger ${says.tokens} of ${says.readings}`);
  const { buckets } = await again(() =>
    subject.queries.stats({ bucket: 'month', since: '2010-01-01T00:00:00Z', time_zone: 'UTC' }),
  );
  const inBuckets = buckets.reduce((all, bucket) => all + bucket.tokens, 0);
  if (inBuckets !== says.tokens) problems.push(`${inBuckets} in the statistics, and by the ledger ${says.tokens}`);
  const last = await again(() => subject.queries.lastReading());
  if (last.session?.id !== says.last) problems.push(`the last reading is ${last.session?.id}, not ${says.last}`);
  return problems;
}

/** Asks once more when the history turns out to be at fault, and is made anew. */
async function again<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if ((error as { kind?: string }).kind !== 'busy') throw error;
    return ask();
  }
}

function sorted(ids: readonly (string | undefined)[]): string {
  return ids.map(String).toSorted().join();
}

/** An undo takes back the last reading that stands by the ledger, and once. */
async function undoLast(subject: SubjectModule.Subject, folder: string, problems: string[]): Promise<void> {
  const { last, readings } = ledgerSays(folder);
  if (last === undefined) return;
  await subject.undo('the-last');
  const after = ledgerSays(folder);
  if (after.last === last || after.readings !== readings - 1) problems.push(`the undo did not take back ${last}`);
  if ((await subject.undo('the-last')).duplicate !== true)
    problems.push('an undo is counted twice when it is repeated');
}

/** Callers that heard nothing ask again under the same id: each is counted once. */
async function repeat(subject: SubjectModule.Subject, offered: ReadonlySet<string>, problems: string[]): Promise<void> {
  const known = new Set((await subject.history()).map(({ id }) => id));
  const before = subject.monitor.snapshot.used;
  const ids = [...offered];
  const receipts = await Promise.all(ids.map((id) => subject.record(id, 1)));
  const added = ids.filter((id) => !known.has(id)).length;
  for (const [index, id] of ids.entries()) {
    if (known.has(id) !== (receipts[index]!.duplicate === true))
      problems.push(`${id} is counted wrong when it is repeated`);
  }
  if (subject.monitor.snapshot.used !== before + added)
    problems.push('repeating changed the figure by more than was new');
  const listed = (await subject.history()).map(({ id }) => id).filter((id) => id !== undefined);
  if (new Set(listed).size !== listed.length) problems.push(`the history holds a reading twice: ${listed}`);
  const missing = ids.filter((id) => !listed.includes(id));
  if (missing.length > 0) problems.push(`the history lacks ${missing}`);
}

function isThere(folder: string): boolean {
  try {
    return readdirSync(folder).includes(STATE_FILE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function difference(expected: string | undefined, found: string): string {
  if (expected === undefined) return `nothing was committed there\n${found}`;
  const before = expected.split('\n');
  const lines = found.split('\n').filter((line) => !before.includes(line));
  const gone = before.filter((line) => !found.split('\n').includes(line));
  return `\n  − ${gone.join('\n  − ')}\n  + ${lines.join('\n  + ')}`;
}
