import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { parseTimestamp } from '../../../../protocol/timestamp.ts';
import { forecast } from '../../live/state.ts';
import { type RangeName, rangeWindow, type TimeWindow } from './time-window.ts';
import { type Point, since } from './timeline.ts';

/** Between two instants in ISO 8601; an empty `until` is open. */
export interface TimeSpan {
  readonly since: string;
  readonly until: string;
}

/** The stretch of time that is shown, and how it is scaled: as somebody chose, or as suits the history. */
export function createShownWindow(points: ReadonlySignal<readonly Point[]>, nowMs: ReadonlySignal<number>) {
  const chosenRange = signal<RangeName | undefined>(undefined);
  const chosenFit = signal<'budget' | 'usage' | undefined>(undefined);
  const zoom = signal<TimeWindow | undefined>(undefined);
  /** The oldest reading; the model sets it once the daemon has answered. */
  const oldestMs = signal<number | undefined>(undefined);

  const range = computed(() => chosenRange.value ?? rangeForAge(nowMs.value - (oldestMs.value ?? nowMs.value)));
  const fit = computed(() => chosenFit.value ?? (isFlat() ? 'usage' : 'budget'));
  const window = computed<TimeWindow>(() => zoom.value ?? windowOf(range.value));

  function windowOf(name: RangeName): TimeWindow {
    const { exhausts_at, tokens_per_day = 0, reason, range: paces } = forecast.value ?? { exhausts_at: null };
    const last = points.value.at(-1);
    // Close to the line there is no room for the forecast.
    const hasPace =
      fit.value === 'budget' &&
      tokens_per_day > 0 &&
      reason !== 'exhausted' &&
      last !== undefined &&
      last.used < last.total;
    const exhausts = paces?.latest ?? exhausts_at;
    return rangeWindow(name, {
      nowMs: nowMs.value,
      firstMs: oldestMs.value,
      exhaustsMs: exhausts === null ? undefined : parseTimestamp(exhausts),
      hasPace,
    });
  }

  /** Whether a day or two of usage would be a straight line below the budget. */
  function isFlat(): boolean {
    const from = zoom.value ?? rangeWindow(range.value, { nowMs: nowMs.value, hasPace: false });
    if (range.value === 'all' || from.toMs - from.fromMs > 2 * DAY_MS) return false;
    const figures = since(points.value, from.fromMs).map(({ used }) => used);
    const most = Math.max(points.value.at(-1)?.total ?? 0, ...figures);
    const rise = Math.max(...figures) - Math.min(...figures);
    return figures.length > 1 && rise > 0 && rise < most * FLAT;
  }

  return {
    range,
    fit,
    window,
    zoom,
    oldestMs,
    zoomTo: (wanted: TimeWindow | undefined) => {
      zoom.value = wanted;
    },
    chooseRange: (name: RangeName) => {
      chosenRange.value = name;
      zoom.value = undefined;
    },
    /** Whether the range was chosen, and does not merely suit the age of the history. */
    isRangeChosen: computed(() => chosenRange.value !== undefined),
    switchFit: () => {
      chosenFit.value = fit.peek() === 'usage' ? 'budget' : 'usage';
    },
    /** The same stretch, if somebody chose it and something lies outside of it. */
    chosenSpan: (span: TimeSpan): TimeSpan | undefined => {
      const isChosen = zoom.peek() !== undefined || (chosenRange.peek() ?? 'all') !== 'all';
      const hides = span.until !== '' || Date.parse(span.since) > (oldestMs.peek() ?? Number.POSITIVE_INFINITY);
      return isChosen && hides ? span : undefined;
    },
  };
}

/** A young history is no thin line at the edge of a month. */
function rangeForAge(ageMs: number): RangeName {
  if (ageMs < 2 * DAY_MS) return '24h';
  return ageMs < 14 * DAY_MS ? '7d' : '30d';
}

/** A line that rises by less than this share of the axis looks flat. */
const FLAT = 0.04;
const DAY_MS = 86_400_000;
