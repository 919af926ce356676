import { type FoundRow, type HistoryReader, SESSION_ROW } from './reader.ts';

/** A session's place in the order of time; sessions of one instant are in the order of their ordinals. */
export interface TimePlace {
  readonly orderMs: number;
  readonly ordinal: number;
}

/** Sessions next to each other in the order of time. */
export interface Chunk {
  readonly newest: TimePlace;
  readonly oldest: TimePlace;
  readonly rows: number;
  /**
   * Whether they are as many as there are between the ordinals of the two. If they are the same, they can be read in the
   * order of rows, which is far faster; the look at them tells.
   */
  readonly isRow: boolean;
}

/** The sessions that are looked for; any where nothing is named. */
export interface SessionFilter {
  /** From one instant on, and up to before another, as it is told now. */
  readonly times?: { readonly since: number; readonly until: number; readonly now: number };
  /** One of ours of this kind, or any of another program, which has words of its own for it. */
  readonly kind?: string;
  /** Its number. */
  readonly conversation?: number;
  /** What the event must contain, as `searchText` writes it. */
  readonly needle?: string;
}

/** What the parts of a filter ask for. */
export const CONDITIONS = {
  kind: "kind in (:kind, 'foreign')",
  conversation: 'conversation = :conversation',
  needle: 'instr(coalesce(searched, event), :needle) > 0',
  times: 'iif(dated, told_ms, min(told_ms, :now)) >= :since and iif(dated, told_ms, min(told_ms, :now)) < :until',
} as const satisfies Record<keyof SessionFilter, string>;

/** What stands and counts, where other programs' sessions must be objects to be found, or must be looked at one by one. */
export const OURS = "undone = 0 and kind <> 'foreign'";
export const THEIRS = "undone = 0 and kind = 'foreign'";
export const SHOWN = "undone = 0 and (kind <> 'foreign' or ltrim(json, char(9, 10, 13, 32)) glob '{*')";
export const STANDING = 'undone = 0';

/** Whatever comes after a place when one looks back. */
const BEHIND = `
  select order_ms, ordinal from session where order_ms = :order and ordinal < :behind
  union all
  select order_ms, ordinal from session where order_ms < :order
  order by order_ms desc, ordinal desc`;

/** The sessions of a chunk, wherever they lie: by a look-up each. */
export const BY_TIME = `(${BEHIND} limit :rows) as place cross join session on session.ordinal = place.ordinal where true`;
/** The sessions of a chunk that is a row. */
export const BY_ROW = 'session where session.ordinal between :least and :most';
export const THEIRS_BY_ROW = 'session indexed by session_foreign where session.ordinal between :least and :most';

export const NEXT_BEHIND = `${BEHIND} limit 1`;
export const OLDEST_OF = `${BEHIND} limit 1 offset :rows - 1`;
export const ROW_ORDER = 'select order_ms as n from session where ordinal = ?';
export const COUNT_BETWEEN = 'select count(*) as n from session where order_ms > ? and order_ms < ?';
export const COUNT_AT = 'select count(*) as n from session where order_ms = ? and ordinal between ? and ?';

/** What is between the ordinals of a chunk and does not belong to it. */
const OUTSIDE = 'order_ms not between :from and :to';

/** The newest of the sessions, those outside first; only those within the limit are read as a whole. */
function found(sessions: string, first = ''): string {
  const order = 'session.order_ms desc, session.ordinal desc';
  return `
    select ${SESSION_ROW}
    from (select session.ordinal from ${sessions} order by ${first} ${order} limit :limit) as found
    cross join session on session.ordinal = found.ordinal order by ${first} ${order}`;
}

/** Behind every session. */
export const NEWEST: TimePlace = { orderMs: Number.POSITIVE_INFINITY, ordinal: 0 };

/** The session that comes next when one looks back from a place. */
export function nextBehind(reader: HistoryReader, place: TimePlace): TimePlace | undefined {
  const [next] = reader.statements.allBy<{ order_ms: number; ordinal: number }>(NEXT_BEHIND, behind(place));
  return next && { orderMs: next.order_ms, ordinal: next.ordinal };
}

/** At most so many sessions that come next when one looks back from a place; `undefined` when there are none. */
export function chunkBehind(reader: HistoryReader, place: TimePlace, rows: number): Chunk | undefined {
  const newest = nextBehind(reader, place);
  if (!newest) return undefined;
  const least = Math.max(0, newest.ordinal - rows + 1);
  const oldest = { orderMs: reader.number(ROW_ORDER, least)!, ordinal: least };
  const isRow = oldest.orderMs <= newest.orderMs && hasAsMany(reader, newest, oldest);
  if (isRow) return { newest, oldest, rows: newest.ordinal - least + 1, isRow };
  const [last] = reader.statements.allBy<{ order_ms: number; ordinal: number }>(OLDEST_OF, { ...behind(place), rows });
  if (last) return { newest, oldest: { orderMs: last.order_ms, ordinal: last.ordinal }, rows, isRow };
  return { newest, oldest: { orderMs: Number.NEGATIVE_INFINITY, ordinal: 0 }, rows, isRow };
}

/** At most `limit` sessions of a chunk behind a place that the filter lets through, newest first. */
export function foundIn(
  reader: HistoryReader,
  place: TimePlace,
  chunk: Chunk,
  filter: SessionFilter,
  limit: number,
): FoundRow[] {
  if (chunk.isRow) {
    const sql = found(`${BY_ROW} and (${OUTSIDE} or ${conditionsOf(filter)})`, `${OUTSIDE} desc,`);
    const rows = reader.statements.allBy<FoundRow>(sql, {
      ...valuesOf(place, chunk, filter),
      ...boundsOf(chunk),
      limit,
    });
    if (!rows[0] || isInside(rows[0], chunk)) return rows;
  }
  const sql = found(`${BY_TIME} and ${conditionsOf(filter)}`);
  return reader.statements.allBy<FoundRow>(sql, { ...valuesOf(place, { ...chunk, isRow: false }, filter), limit });
}

/** What those of a chunk count together that stand and that the filter lets through, and whether the chunk proved to be a row. */
export function sumIn(reader: HistoryReader, place: TimePlace, chunk: Chunk, filter: SessionFilter): SumOfChunk {
  const which = filter.kind !== undefined ? OURS : filter.needle !== undefined ? SHOWN : STANDING;
  const conditions = `${conditionsOf(filter)} and ${which}`;
  if (chunk.isRow) {
    const counted = `total(counted) filter (where ${conditions}) as tokens, total(${OUTSIDE}) as outside`;
    const sql = `select count(*) filter (where ${conditions}) as readings, ${counted} from ${BY_ROW} and (${OUTSIDE} or ${conditions})`;
    const values = { ...valuesOf(place, chunk, filter), ...boundsOf(chunk) };
    const { outside, ...sum } = reader.statements.allBy<SumOfChunk & { outside: number }>(sql, values)[0]!;
    if (outside === 0) return { ...sum, isRow: true };
  }
  const sql = `select count(*) as readings, total(counted) as tokens from ${BY_TIME} and ${conditions}`;
  const values = valuesOf(place, { ...chunk, isRow: false }, filter);
  return { ...reader.statements.allBy<SumOfChunk>(sql, values)[0]!, isRow: false };
}

interface SumOfChunk {
  readonly readings: number;
  readonly tokens: number;
  readonly isRow: boolean;
}

/** Those of a chunk that another program wrote, that stand and that the filter lets through; if it is a row, it has proved to be one. */
export function theirsIn(reader: HistoryReader, place: TimePlace, chunk: Chunk, filter: SessionFilter): FoundRow[] {
  const sessions = chunk.isRow ? THEIRS_BY_ROW : BY_TIME;
  const sql = `select ${SESSION_ROW} from ${sessions} and ${conditionsOf(filter)} and ${THEIRS}`;
  return reader.statements.allBy<FoundRow>(sql, valuesOf(place, chunk, filter));
}

function conditionsOf(filter: SessionFilter): string {
  const asked = Object.keys(filter) as (keyof SessionFilter)[];
  return asked.length === 0 ? 'true' : asked.map((name) => CONDITIONS[name]).join(' and ');
}

function boundsOf({ newest, oldest }: Chunk) {
  return { from: oldest.orderMs, to: newest.orderMs };
}

function isInside({ order_ms }: FoundRow, { newest, oldest }: Chunk): boolean {
  return order_ms >= oldest.orderMs && order_ms <= newest.orderMs;
}

function valuesOf(place: TimePlace, { isRow, newest, oldest, rows }: Chunk, { times, ...filter }: SessionFilter) {
  const places = isRow ? { least: oldest.ordinal, most: newest.ordinal } : { ...behind(place), rows };
  return { ...places, ...filter, ...times };
}

function behind({ orderMs, ordinal }: TimePlace) {
  return { order: orderMs, behind: ordinal };
}

/** Whether there are as many sessions between two places as between their ordinals. */
function hasAsMany(reader: HistoryReader, newest: TimePlace, oldest: TimePlace): boolean {
  const at = (orderMs: number, least: number, most: number) => reader.number(COUNT_AT, orderMs, least, most)!;
  const isAtOnce = oldest.orderMs === newest.orderMs;
  const count = isAtOnce
    ? at(newest.orderMs, oldest.ordinal, newest.ordinal)
    : at(oldest.orderMs, oldest.ordinal, Number.MAX_SAFE_INTEGER) +
      reader.number(COUNT_BETWEEN, oldest.orderMs, newest.orderMs)! +
      at(newest.orderMs, 0, newest.ordinal);
  return count === newest.ordinal - oldest.ordinal + 1;
}
