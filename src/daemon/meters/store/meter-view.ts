import type { Statements } from '../../store/index/database/statements.ts';
import type { Provenance } from '../observation.ts';
import type { CounterRow } from './counters.ts';
import { allOf, type Counts, freshOf } from './counts.ts';
import type { Names } from './names.ts';

/** So many conversations of a gauge are told, those that were written last. */
const MOST_GAUGES = 50;

/** A counter's figures: classes that are disjoint but for `reasoning`, which lies within `output`, and their two sums. */
export interface Tokens {
  readonly input: number;
  readonly cache_read: number;
  readonly cache_write: number;
  readonly output: number;
  readonly reasoning: number;
  readonly fresh: number;
  readonly all: number;
}

/** A meter as it is on the wire; times are ISO 8601 in UTC. */
export type Meter = CounterMeter | GaugeMeter | WindowMeter;

interface Told {
  readonly meter: string;
  readonly provenance: Provenance;
  readonly observed_at: string;
}

/** The meters at one number; another epoch counts from anew. */
export interface MetersAt {
  readonly epoch: string;
  readonly seq: number;
  readonly meters: readonly Meter[];
}

export interface CounterMeter extends Told {
  readonly kind: 'counter';
  readonly tokens: Tokens;
  readonly calls: number;
}

export interface GaugeMeter extends Told {
  readonly kind: 'gauge';
  readonly conversation: string;
  readonly used: number;
  readonly limit?: number;
  /** To two decimals. */
  readonly percent?: number;
  readonly model?: string;
  readonly project?: string;
}

export interface WindowMeter extends Told {
  readonly kind: 'window';
  readonly used_percent: number;
  readonly resets_at: string;
  readonly window_minutes: number;
  readonly expired?: true;
}

/** Counters, then windows, then of each gauge the 50 conversations last written, newest first; only what changed after a number. */
export function metersSince(statements: Statements, names: Names, seq: number, nowMs: number): Meter[] {
  const gauges = statements.all<{ meter: string }>(GAUGES);
  return [
    ...statements.all<CounterRow>(COUNTERS, seq).map(counterMeter),
    ...statements.all<WindowRow>(WINDOWS, seq).map((row) => windowMeter(row, nowMs)),
    ...gauges.flatMap(({ meter }) =>
      statements
        .all<GaugeRow>(NEWEST, meter, MOST_GAUGES)
        .filter((row) => row.seq > seq)
        .map((row) => gaugeMeter(row, names)),
    ),
  ];
}

/** Counts with their names and sums. */
export function tokensOf(counts: Counts): Tokens {
  const [input, cache_read, cache_write, output, reasoning] = counts;
  return { input, cache_read, cache_write, output, reasoning, fresh: freshOf(counts), all: allOf(counts) };
}

function counterMeter(row: CounterRow): CounterMeter {
  const { meter, input, cache_read, cache_write, output, reasoning, calls, estimated, at_ms } = row;
  return {
    ...{ meter, kind: 'counter', tokens: tokensOf([input, cache_read, cache_write, output, reasoning]), calls },
    ...{ provenance: provenanceOf(estimated), observed_at: iso(at_ms!) },
  };
}

function gaugeMeter(row: GaugeRow, names: Names): GaugeMeter {
  const { meter, used, most, at_ms, estimated } = row;
  const model = names.textOf(row.model);
  const project = names.textOf(row.project);
  return {
    ...{ meter, kind: 'gauge', conversation: names.textOf(row.conversation) ?? '', used },
    ...(most !== null && { limit: most }),
    ...(most !== null && most > 0 && { percent: Math.round((used / most) * 10_000) / 100 }),
    ...(model !== undefined && { model }),
    ...(project !== undefined && { project }),
    ...{ provenance: provenanceOf(estimated), observed_at: iso(at_ms) },
  };
}

function windowMeter(row: WindowRow, nowMs: number): WindowMeter {
  const { meter, used_percent, resets_ms, minutes, estimated, at_ms } = row;
  return {
    ...{ meter, kind: 'window', used_percent, resets_at: iso(resets_ms), window_minutes: minutes },
    ...{ provenance: provenanceOf(estimated), observed_at: iso(at_ms) },
    ...(resets_ms <= nowMs && { expired: true }),
  };
}

/** A sum of which a part is estimated is estimated. */
function provenanceOf(estimated: number): Provenance {
  return estimated > 0 ? 'estimated' : 'exact';
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

interface GaugeRow {
  readonly meter: string;
  readonly conversation: number;
  readonly used: number;
  readonly most: number | null;
  readonly model: number;
  readonly project: number;
  readonly estimated: number;
  readonly at_ms: number;
  readonly seq: number;
}

interface WindowRow {
  readonly meter: string;
  readonly used_percent: number;
  readonly resets_ms: number;
  readonly minutes: number;
  readonly estimated: number;
  readonly at_ms: number;
}

// A counter without a time has never counted anything.
const COUNTERS = 'select * from counter where seq > ? and at_ms is not null order by meter';
const WINDOWS = 'select * from window where seq > ? order by meter';
const GAUGES = 'select distinct meter from gauge order by meter';
const NEWEST = 'select * from gauge where meter = ? order by at_ms desc, conversation limit ?';
