import { readCursorConversation } from '../forms/cursor-conversation.ts';
import type { Finding, Outcome } from '../forms/finding.ts';
import type { GaugeSeen } from '../observation.ts';
import { type ConversationRow, type ConversationRows, MOST_ROWS, type RowHead } from './conversation-rows.ts';

/** How far a database was seen; a plain value. */
export interface CursorSight {
  readonly atMs: number;
  /** The newest rows, newest first, each with its mark: a number is given again when the newest row was deleted. */
  readonly top: readonly (readonly [row: number, mark: string])[];
  /** The newest conversation that told figures, and which. */
  readonly latest?: Latest;
}

export interface Latest {
  readonly row: number;
  readonly figures: string;
}

/** A sight of what was written since the one before. */
export interface Seen {
  readonly sight: CursorSight;
  /** Oldest first. */
  readonly gauges: readonly GaugeSeen[];
  /** Of every conversation that was read, oldest first. */
  readonly outcomes: readonly Outcome[];
}

export interface SightTime {
  readonly nowMs: number;
  /** When the system says that the database was written last. */
  readonly writtenMs: number;
}

/** A number is given again only when all rows above it are gone as well, so that one row that still stands vouches for all below it. */
const KEPT_ROWS = 16;

/** A clock that was set back by less must not make what is newer look older. */
const SET_BACK_MS = 60_000;

/**
 * Reads every conversation that was written since `last`; at first sight, and where nothing that was known still stands, those
 * among the newest `MOST_ROWS` rows.
 */
export function seeConversations(rows: ConversationRows, last: CursorSight | undefined, time: SightTime): Seen {
  const { heads, top, isNew } = last ? newSince(rows, last.top) : firstSight(rows);
  const conversations = heads.filter(({ conversation }) => conversation !== undefined).slice(0, MOST_ROWS);
  const gauges: GaugeSeen[] = [];
  const outcomes: Outcome[] = [];
  let latest = last?.latest;
  const take = (found: ConversationRow | undefined, findingOf: (found: ConversationRow) => Finding) => {
    if (!found) return;
    const { outcome, observations } = findingOf(found);
    outcomes.push(outcome);
    const gauge = observations.find((one): one is GaugeSeen => one.kind === 'gauge');
    if (!gauge) return;
    gauges.push(gauge);
    latest = { row: found.row, figures: figuresOf(gauge) };
  };
  for (const { row } of conversations.reverse()) {
    take(rows.at(row), (found) => (isNew(row) && last ? fresh(found, last, time) : known(found, time.nowMs)));
  }
  const { latest: before } = last ?? {};
  if (last && before && heads.length === 0) {
    // A commit that no new row explains may have written a row in its place, or deleted it and given its number again.
    const found = rows.at(before.row);
    const finding = found && fresh(found, last, time);
    const isOther = finding?.observations.some((one) => one.kind === 'gauge' && figuresOf(one) !== before.figures);
    if (isOther) take(found, () => finding!);
  }
  const atMs = last ? orderedNow(last, time.nowMs) : time.nowMs;
  return { sight: { atMs, top, ...(latest && { latest }) }, gauges, outcomes };
}

interface Found {
  /** Rows to read, newest first. */
  readonly heads: readonly RowHead[];
  readonly top: CursorSight['top'];
  /** Whether a row was surely written since the last sight. */
  readonly isNew: (row: number) => boolean;
}

function firstSight(rows: ConversationRows): Found {
  const heads = rows.newest();
  return { heads, top: topOf(heads), isNew: () => false };
}

function newSince(rows: ConversationRows, top: CursorSight['top']): Found {
  const marks = new Map(top);
  // SQLite's first number is 1.
  const high = top[0]?.[0] ?? 0;
  const low = top.at(-1)?.[0] ?? 1;
  const standing = rows.between(low, high);
  const anchor = standing.find(({ row, mark }) => marks.get(row) === mark)?.row;
  const base = anchor ?? low - 1;
  const isNew = (row: number) => row > base;
  const above = rows.above(base);
  const isMany = above.length > MOST_ROWS;
  // So much was written that most of it is no conversation.
  if (isMany) return { heads: rows.conversationsAbove(base), top: topOf(above), isNew };
  if (anchor !== undefined || top.length === 0) {
    return { heads: above, top: topOf([...above, ...standing.filter(({ row }) => !isNew(row))]), isNew };
  }
  const newest = rows.newest();
  return { heads: newest, top: topOf(newest), isNew };
}

function topOf(heads: readonly RowHead[]): CursorSight['top'] {
  return heads.slice(0, KEPT_ROWS).map(({ row, mark }) => [row, mark] as const);
}

function known({ conversation, value }: ConversationRow, nowMs: number): Finding {
  return readCursorConversation(conversation, value, { nowMs, isFresh: false });
}

/** Written since the last sight: the times that the row and the system tell hold where they lie between that one and now. */
function fresh({ conversation, value }: ConversationRow, last: CursorSight, { nowMs, writtenMs }: SightTime): Finding {
  const told = readCursorConversation(conversation, value, { nowMs, isFresh: false });
  const isWithin = (atMs: number) => atMs > last.atMs && atMs <= nowMs;
  const [own] = told.observations as readonly GaugeSeen[];
  if (!own || isWithin(own.atMs)) return told;
  const atMs = isWithin(writtenMs) ? writtenMs : orderedNow(last, nowMs);
  return readCursorConversation(conversation, value, { nowMs: atMs, isFresh: true });
}

function orderedNow(last: CursorSight, nowMs: number): number {
  return last.atMs - nowMs <= SET_BACK_MS ? Math.max(nowMs, last.atMs) : nowMs;
}

function figuresOf({ conversation, used, limit, model }: GaugeSeen): string {
  return JSON.stringify([conversation, used, limit, model]);
}
