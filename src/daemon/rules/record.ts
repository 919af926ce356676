import { TokenSyncError } from '../../protocol/errors.ts';
import { MAX_TOKENS } from '../../protocol/limits.ts';
import type { SyncType } from '../../protocol/methods.ts';
import { toLocalTime, toSessionTime } from '../../protocol/timestamp.ts';
import type { ImportChange, ReadingChange, RecordedReading, RecountedReading, Source, UndoChange } from './change.ts';
import { type Figures, foldEntry, type Outcome, standingAt } from './figures/fold.ts';
import type { Snapshot } from './snapshot.ts';

/** One value offered for recording, already understood. */
export interface Reading {
  readonly id: string;
  readonly tokens: number;
  /** One unit of the value's last shown digit: 1 for an exact one, 1,000 for `350K`. */
  readonly unit: number;
  readonly sync_type: SyncType;
  readonly event: string;
  readonly conversation_id: string;
  /** The instant in milliseconds when the caller named one. */
  readonly datedMs?: number | undefined;
  /** True when the id was made for it here, so that nobody can have recorded it before. */
  readonly isNew?: true;
}

/** What of the budget's settings decides what a reading does to it. */
export interface BudgetNow {
  /** True where the budget adds up. */
  readonly adds?: boolean;
  /** True where a source feeds it. */
  readonly feeds?: boolean;
}

/**
 * Records one reading on the figures so far, or on a counter that stands at what is used; throws `value_refused` when the
 * figure would exceed 2^53−1.
 */
export function recordReading(
  snapshot: Snapshot,
  reading: Reading,
  source: Source,
  nowMs: number,
  figures = standingAt(snapshot.used),
  { adds = false, feeds = false }: BudgetNow = {},
): ReadingChange {
  const { recorded, outcome } = applyReading(snapshot, figures, reading, { nowMs, adds, feeds });
  return {
    kind: 'reading',
    ...(adds && { adds }),
    ...(feeds && { feeds }),
    ...committed(snapshot, { used: recorded.used, added: 1, source, nowMs }),
    reading: recorded,
    ...touchedBy(outcome),
  };
}

/** Records past counts as one change; throws `value_refused` when the figure would exceed 2^53−1. */
export function importReadings(
  snapshot: Snapshot,
  readings: readonly Reading[],
  source: Source,
  nowMs: number,
  figures = standingAt(snapshot.used),
  { adds = false }: BudgetNow = {},
): ImportChange {
  const recorded: RecordedReading[] = [];
  let { used } = snapshot;
  let after = figures;
  for (const reading of readings) {
    const next = applyReading({ used, total: snapshot.total }, after, reading, { nowMs, adds });
    used = next.recorded.used;
    after = next.figures;
    recorded.push(next.recorded);
  }
  return {
    kind: 'import',
    ...(adds && { adds }),
    ...committed(snapshot, { used, added: recorded.length, source, nowMs }),
    readings: recorded,
  };
}

/** Begins the budget anew: `used` is what was counted since then, and nothing is consumed. */
export function renewBudget(
  snapshot: Snapshot,
  reset: { readonly id: string; readonly atMs: number; readonly counted: number; readonly event: string },
  source: Source,
  nowMs: number,
  figures = standingAt(snapshot.used),
): ReadingChange {
  const { id, atMs: datedMs, counted: tokens, event } = reset;
  const reading = { id, tokens, unit: 1, event, conversation_id: '', datedMs, sync_type: 'period' as const };
  const { recorded } = applyReading(snapshot, figures, reading, { nowMs, adds: true });
  return {
    kind: 'reading',
    ...committed(snapshot, { used: recorded.used, added: 1, source, nowMs }),
    reading: recorded,
  };
}

/** A request to undo, and the store's knowledge of the session that leaves. */
export interface UndoRequest {
  readonly id: string;
  /** False when an edit took it out of the state file before, so that it is not counted any more. */
  readonly isListed: boolean;
  /** The session, as JSON text, that takes its place in the state file. */
  readonly backfill: string | undefined;
  /** The last instant at which the budget began anew since the reading, where it did. */
  readonly renewedMs?: number | undefined;
  /** True where a source has told something since. */
  readonly isFedSince?: boolean;
  /** The counts of other readings without the one that is taken back. */
  readonly outcome?: Outcome;
}

/**
 * Takes `target` back: `used` returns to what it was before it; where the budget began anew since, it loses what of it was
 * counted after that, and where a source has told something since, that stands.
 */
export function undoReading(
  snapshot: Snapshot,
  target: RecordedReading,
  request: UndoRequest,
  source: Source,
  nowMs: number,
): UndoChange {
  const used = usedWithout(snapshot, target, request);
  return {
    kind: 'undo',
    ...committed(snapshot, { used, added: request.isListed ? -1 : 0, source, nowMs }),
    id: request.id,
    undone: target.id,
    increment: used - snapshot.used,
    ...(request.outcome && touchedBy(request.outcome)),
    ...(request.backfill !== undefined && { backfill: request.backfill }),
  };
}

function usedWithout(
  snapshot: Snapshot,
  target: RecordedReading,
  { renewedMs, isFedSince, outcome }: Pick<UndoRequest, 'renewedMs' | 'isFedSince' | 'outcome'>,
): number {
  if (renewedMs === undefined) return isFedSince && outcome ? outcome.used : target.before;
  const since = [
    { atMs: Date.parse(target.at), difference: -(target.counted ?? target.increment) },
    ...(outcome?.touched ?? []),
  ].filter(({ atMs }) => atMs >= renewedMs);
  return Math.max(0, snapshot.used + since.reduce((sum, { difference }) => sum + difference, 0));
}

interface Commit {
  readonly used: number;
  readonly added: number;
  readonly source: Source;
  readonly nowMs: number;
}

/** The figures after a commit. */
export function committed(snapshot: Snapshot, { used, added, source, nowMs }: Commit) {
  return {
    revision: snapshot.revision + 1,
    used,
    total: snapshot.total,
    sessions_count: Math.max(0, snapshot.sessions_count + added),
    last_updated: toLocalTime(nowMs),
    committed_at: new Date(nowMs).toISOString(),
    meter: 'main' as const,
    source,
  };
}

/** A reading of any kind, and what is known of it where a source told it. */
interface Offered extends Omit<Reading, 'sync_type' | 'isNew'>, Pick<RecordedReading, 'sync_type' | 'meter'> {
  readonly rises?: number;
}

interface Applied {
  readonly recorded: RecordedReading;
  readonly figures: Figures;
  readonly outcome: Outcome;
}

/** A reading as it is recorded on the figures so far; throws `value_refused` when the figure would exceed 2^53−1. */
export function applyReading(
  { used: before, total }: Pick<Snapshot, 'used' | 'total'>,
  figures: Figures,
  reading: Offered,
  { nowMs, adds, feeds }: BudgetNow & { readonly nowMs: number },
): Applied {
  const { id, tokens: value, unit, sync_type, event, conversation_id, datedMs, meter, rises } = reading;
  const atMs = datedMs ?? nowMs;
  const dated = datedMs !== undefined;
  const fed = { ...(rises !== undefined && { rises }), ...(meter !== undefined && { isFed: true as const }) };
  const offered = { id, value, unit, sync_type, conversation_id, atMs, dated, ...fed };
  const budget = { ...(adds && { adds }), ...(feeds && { feeds }) };
  const entry = { kind: 'reading', reading: offered, committedMs: nowMs, ...budget } as const;
  const { figures: after, outcome } = foldEntry(figures, entry);
  const { used, increment, counted, setAside } = outcome;
  if (used > MAX_TOKENS) throw tooLarge();
  const { reset, rounded, ...flags } = outcome.flags;
  const recorded = {
    ...{ id, value, unit, sync_type, event, conversation_id, ...(meter !== undefined && { meter }) },
    at: new Date(atMs).toISOString(),
    timestamp: toSessionTime(atMs),
    ...(dated && { dated }),
    increment,
    counted,
    ...(setAside !== 0 && { set_aside: setAside }),
    before,
    used,
    total,
    ...(reset && { reset }),
    ...(rounded && { rounded }),
    ...(Object.keys(flags).length > 0 && { flags }),
  };
  return { recorded, figures: after, outcome };
}

/** The member of a change that tells which other readings count something else since. */
export function touchedBy({ touched }: Outcome): { readonly touched?: readonly RecountedReading[] } {
  return touched.length === 0 ? {} : { touched: touched.map(({ id, counted }) => ({ id, counted })) };
}

function tooLarge(): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    {
      zh: '总数会超过 9,007,199,254,740,991（2^53−1），无法精确记录',
      en: 'the total would exceed 9,007,199,254,740,991 (2^53−1), which cannot be recorded exactly',
    },
    {
      field: 'tokens',
      hint: { zh: '请检查数值，或用 correct 更正总数', en: 'check the value, or correct the total first' },
    },
  );
}
