import { parseTimestamp } from '../../protocol/timestamp.ts';
import type { Stretch } from '../rules/consumption.ts';

/** The time that a question asks about; without end on either side where it names none. */
export function stretchOf(
  asked: { readonly since?: string | undefined; readonly until?: string | undefined },
  nowMs: number,
): Stretch {
  return {
    sinceMs: instant(asked.since) ?? Number.NEGATIVE_INFINITY,
    untilMs: instant(asked.until) ?? Number.POSITIVE_INFINITY,
    nowMs,
  };
}

function instant(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseTimestamp(text);
}
