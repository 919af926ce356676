import type { EstimateAccuracy } from '../../protocol/methods.ts';
import type { RecordedReading } from './change.ts';

/** The estimates between two true figures of the counter, beside the counter's own difference. */
export interface Comparison {
  readonly estimated: number;
  readonly actual: number;
}

type Compared = Pick<RecordedReading, 'sync_type' | 'conversation_id' | 'value' | 'increment' | 'before' | 'used'>;

/**
 * Compares the estimates between two exact values (manual or correction) with the difference of these, for the conversation
 * of the second one. `readings` come oldest first and without those undone; `undefined` stands for what cannot be followed.
 */
export function* compareEstimates(readings: Iterable<Compared | undefined>): Generator<Comparison> {
  let lastUsed: number | undefined;
  let interval: Interval | undefined;
  for (const reading of readings) {
    // An edit of the figure lies between two readings that do not meet.
    const isFollowed = reading !== undefined && (lastUsed === undefined || reading.before === lastUsed);
    lastUsed = reading?.used;
    if (!isFollowed) interval = undefined;
    if (!reading) continue;
    const { sync_type, conversation_id, increment, value, used } = reading;
    if (sync_type === 'import' || sync_type === 'live' || sync_type === 'period') interval = undefined;
    else if (sync_type === 'estimate') interval &&= withEstimate(interval, increment, conversation_id);
    else if (sync_type === 'auto') interval &&= { ...interval, counted: interval.counted + increment };
    else if (value === used) {
      // A value that is not the figure afterwards was the same figure seen coarsely, and says nothing new.
      const actual = interval ? used - interval.from - interval.counted : 0;
      if (interval && interval.estimated > 0 && interval.conversation === conversation_id && actual > 0) {
        yield { estimated: interval.estimated, actual };
      }
      interval = { from: used, counted: 0, estimated: 0, conversation: undefined };
    }
  }
}

/** The sums of the comparisons, and how far off they were: positive where estimates were too high. */
export function accuracyOf(comparisons: Iterable<Comparison>): EstimateAccuracy {
  const all = [...comparisons];
  const estimated = sum(all.map((comparison) => comparison.estimated));
  const actual = sum(all.map((comparison) => comparison.actual));
  const errors = all.map((comparison) => Math.abs(percentOff(comparison))).sort((one, other) => one - other);
  const middle = errors.length / 2;
  return {
    comparisons: all.length,
    estimated_tokens: estimated,
    actual_tokens: actual,
    error_percent: all.length === 0 ? null : rounded(percentOff({ estimated, actual })),
    median_error_percent:
      all.length === 0 ? null : rounded((errors[Math.floor(middle)]! + errors[Math.ceil(middle) - 1]!) / 2),
  };
}

/** The readings since the last exact value. */
interface Interval {
  readonly from: number;
  /** The sum of exact counts. */
  readonly counted: number;
  readonly estimated: number;
  /** The conversation of all estimates; `null` where there are several, so that nobody knows whose the difference is. */
  readonly conversation: string | null | undefined;
}

function withEstimate(interval: Interval, increment: number, conversation: string): Interval {
  const isSame = interval.conversation === undefined || interval.conversation === conversation;
  return {
    ...interval,
    estimated: interval.estimated + increment,
    conversation: isSame ? conversation : null,
  };
}

function percentOff({ estimated, actual }: Comparison): number {
  return ((estimated - actual) / actual) * 100;
}

function rounded(percent: number): number {
  return Math.round(percent * 10) / 10;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
