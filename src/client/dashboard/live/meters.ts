import { signal } from '@preact/signals';
import type { Meter, MeterSource, Meters } from '../../../protocol/methods.ts';
import type { MetersItem } from '../../sdk/connection/meters-order.ts';
import { oncePerFrame } from './frame.ts';

/** The meters as they stand, and their sources. */
export interface LiveMeters {
  readonly meters: readonly Meter[];
  readonly sources: readonly MeterSource[];
  readonly feeding?: Meters['feeding'];
}

/** `undefined` until the daemon has told of them; one that is older than they are never does. */
export const liveMeters = signal<LiveMeters | undefined>(undefined);

/** Takes what the subscription tells; the page shows it with its next picture. */
export function takeMeters(item: MetersItem): void {
  latest = metersAfter(latest, item);
  showSoon();
}

/** The meters after an item: a whole replaces them, a change those of the same name and conversation. */
export function metersAfter(now: LiveMeters | undefined, item: MetersItem): LiveMeters | undefined {
  const { isWhole, meters, sources, feeding } = item;
  if (isWhole) return { meters, sources: sources ?? [], ...(feeding && { feeding }) };
  if (!now) return undefined;
  const changed = new Set(meters.map(keyOf));
  const others = now.meters.filter((meter) => !changed.has(keyOf(meter)));
  return { ...now, meters: newestGauges([...meters, ...others]), ...(sources && { sources }) };
}

/** A gauge is told of each conversation apart. */
export function keyOf(meter: Meter): string {
  return meter.kind === 'gauge' ? `${meter.meter} ${meter.conversation}` : meter.meter;
}

/** As many conversations as the daemon tells of each gauge (SPEC §10). */
const MOST_GAUGES = 50;

/** Without the gauges beyond, so that a page that stays open for weeks holds no more than the daemon does. */
function newestGauges(meters: readonly Meter[]): readonly Meter[] {
  const counts = new Map<string, number>();
  return meters
    .toSorted((one, other) => other.observed_at.localeCompare(one.observed_at))
    .filter(({ kind, meter }) => {
      const count = (counts.get(meter) ?? 0) + 1;
      counts.set(meter, count);
      return kind !== 'gauge' || count <= MOST_GAUGES;
    });
}

let latest: LiveMeters | undefined;
const showSoon = oncePerFrame(() => {
  liveMeters.value = latest;
});
