import type { DatabaseSync } from 'node:sqlite';
import type { ClockState } from '../writing/told-times.ts';

/** Where a line lies that was taken in, and its checksum, which covers that of the line before it. */
export interface Position {
  readonly segment: number;
  readonly start: number;
  readonly end: number;
  readonly crc: string;
}

/** What is known there beside the rows. */
export interface KnownThere {
  readonly lost: number;
  readonly reached: number;
  readonly isTotalNamed: boolean;
  readonly foreignTokens: number;
  readonly countedTokens: number;
  readonly clock: ClockState;
}

/** What a history holds. */
export interface Known extends KnownThere {
  /** `undefined` before the first line. */
  readonly position: Position | undefined;
  readonly changes: number;
  readonly sessions: number;
  /** The last change's revision, and the figures after it. */
  readonly revision: number;
  readonly used: number;
  readonly total: number | undefined;
}

/** Reads how far a history has come. */
export function readPosition(db: DatabaseSync): Known {
  const row = db.prepare('select * from position').get() as unknown as PositionRow | undefined;
  const last = db.prepare(LAST_CHANGE).get() as unknown as LastChange | undefined;
  const { sessions } = db.prepare('select coalesce(max(ordinal) + 1, 0) as sessions from session').get() as {
    sessions: number;
  };
  return {
    position: row && { segment: row.segment, start: row.start, end: row.end, crc: row.crc },
    changes: last ? last.place + 1 : 0,
    sessions,
    revision: last?.revision ?? 0,
    used: last?.used ?? 0,
    total: last?.total,
    lost: row?.lost ?? 0,
    reached: row?.reached ?? 0,
    isTotalNamed: row?.total_named === 1,
    foreignTokens: row?.foreign_tokens ?? 0,
    countedTokens: row?.counted_tokens ?? 0,
    clock: {
      highestMs: row?.highest_ms ?? undefined,
      lastMs: last?.committed_ms,
      setBack: row?.set_back ?? undefined,
      isPast: row?.told_past !== 0,
    },
  };
}

/** Saves how far it has come now. */
export function savePosition(
  db: DatabaseSync,
  { segment, start, end, crc }: Position,
  { lost, reached, isTotalNamed, foreignTokens, countedTokens, clock }: KnownThere,
): void {
  db.prepare(SAVE).run(
    ...[segment, start, end, crc, lost, reached, isTotalNamed ? 1 : 0, foreignTokens, countedTokens],
    ...[clock.highestMs ?? null, clock.setBack ?? null, clock.isPast ? 1 : 0],
  );
}

interface PositionRow extends Position {
  readonly lost: number;
  readonly reached: number;
  readonly total_named: number;
  readonly foreign_tokens: number;
  readonly counted_tokens: number;
  readonly highest_ms: number | null;
  readonly set_back: number | null;
  readonly told_past: number;
}

interface LastChange {
  readonly place: number;
  readonly revision: number;
  readonly committed_ms: number;
  readonly used: number;
  readonly total: number;
}

const LAST_CHANGE = 'select place, revision, committed_ms, used, total from change order by place desc limit 1';
const SAVE = `insert or replace into position values (1, ${Array(12).fill('?').join(', ')})`;
