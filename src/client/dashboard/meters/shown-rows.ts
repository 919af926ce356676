import type { Meter } from '../../../protocol/methods.ts';
import { toolOf } from '../../../shared/words/meter-text.ts';
import { keyOf } from '../live/meters.ts';

/** The rows of the page, and how many older conversations have none. */
export interface ShownRows {
  readonly rows: readonly Meter[];
  readonly hidden: number;
}

/** Of each gauge so many conversations have a row, those written last. */
export const SHOWN_GAUGES = 3;

/**
 * The meters that have a row, by tool: windows, its counter, conversations. A conversation that is shown keeps its place
 * while others are written, for rows that change places four times a second cannot be read; `before` holds their keys.
 */
export function shownRows(meters: readonly Meter[], before: readonly string[]): ShownRows {
  const groups = Map.groupBy(meters, ({ meter }) => meter);
  const shown = [...groups.values()].flatMap((group) =>
    group[0]!.kind === 'gauge' ? group.toSorted(newestFirst).slice(0, SHOWN_GAUGES) : group,
  );
  const place = (meter: Meter) => before.indexOf(keyOf(meter));
  const rows = shown.toSorted(
    (one, other) =>
      toolOf(one).localeCompare(toolOf(other)) ||
      KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) ||
      one.meter.localeCompare(other.meter) ||
      // One without a place is new, and stands first.
      place(one) - place(other) ||
      newestFirst(one, other),
  );
  return { rows, hidden: meters.length - shown.length };
}

const KINDS: readonly Meter['kind'][] = ['window', 'counter', 'gauge'];

function newestFirst(one: Meter, other: Meter): number {
  return other.observed_at.localeCompare(one.observed_at);
}
