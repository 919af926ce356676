import { batch, computed, signal } from '@preact/signals';
import type { Change, Result, Session } from '../../../../protocol/methods.ts';
import { parseTimestamp } from '../../../../protocol/timestamp.ts';
import { call } from '../../live/connection.ts';
import { forecast, sessions } from '../../live/state.ts';
import { instantOf } from '../../live/time-zone.ts';
import { countedOf } from '../table/session-text.ts';
import { type Bucket, type BucketName, bucketStart, bucketsOf, withAmount } from './buckets.ts';
import { plotData, scalePoints, verticalRange } from './plot-data.ts';
import { createRefresher } from './refresher.ts';
import { bucketFor, panned, type RangeName, rangeWindow, type TimeWindow, zoomed } from './time-window.ts';
import { type Point, pointsOf, since, withPoints } from './timeline.ts';

/** Usage over a window of time: what the plot, the bars and the list of conversations show. */
export type UsageModel = ReturnType<typeof createUsageModel>;

/** Asks for nothing before `load`. */
export function createUsageModel() {
  /** Chosen by the age of the history until somebody chooses. */
  const chosen = signal<RangeName | undefined>(undefined);
  const oldestMs = signal<number | undefined>(undefined);
  /** When the line begins, with nothing used before. */
  const beginMs = signal<number | undefined>(undefined);
  const zoom = signal<TimeWindow | undefined>(undefined);
  /** Chosen by how flat the line would be until somebody chooses. */
  const chosenFit = signal<'budget' | 'usage' | undefined>(undefined);
  const nowMs = signal(Date.now());
  const range = computed(() => chosen.value ?? rangeForAge(nowMs.value - (oldestMs.value ?? nowMs.value)));
  const points = signal<readonly Point[]>([]);
  const buckets = signal<{ readonly name: BucketName; readonly list: readonly Bucket[] }>({ name: 'day', list: [] });
  const conversations = signal<Result<'usage.conversations'>>({ conversations: [] });
  const status = signal<'loading' | 'ready' | 'failed'>('loading');

  const fit = computed(() => chosenFit.value ?? (isFlat() ? 'usage' : 'budget'));
  /** The stretch that somebody has chosen, as the bars and the conversations count it; nothing where all is shown. */
  const span = signal<TimeSpan | undefined>(undefined);

  const shown = computed<TimeWindow>(() => zoom.value ?? windowOf(range.value));
  const data = computed(() => plotData(points.value, forecast.value, shown.value, nowMs.value));
  const vertical = computed(() => {
    const isBegin = points.value[0]?.atMs === beginMs.value;
    const scaled = scalePoints(points.value, shown.value, isBegin ? 0 : undefined);
    return verticalRange(plotData(scaled, forecast.value, shown.value, nowMs.value), shown.value, fit.value);
  });

  function windowOf(name: RangeName): TimeWindow {
    const { exhausts_at, tokens_per_day = 0, reason, range: paces } = forecast.value ?? { exhausts_at: null };
    const last = points.value.at(-1);
    // Close to the line there is no room for what is foreseen.
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

  /** What somebody chose hides nothing when everything is younger. */
  function spanOf(since: string, until: string): TimeSpan | undefined {
    const isChosen = zoom.peek() !== undefined || (chosen.peek() ?? 'all') !== 'all';
    const hides = until !== '' || Date.parse(since) > (oldestMs.peek() ?? Number.POSITIVE_INFINITY);
    return isChosen && hides ? { since, until } : undefined;
  }

  let asked = 0;
  let loading: Promise<void> | undefined;
  /** Reads everything of the present window; an answer that is overtaken by a later wish is dropped. */
  function load(): Promise<void> {
    const mine = ++asked;
    loading = loadWindow(mine).catch(() => {
      // The panel says so, with a way to try again.
      if (mine === asked) status.value = 'failed';
    });
    return loading;
  }

  async function loadWindow(mine: number): Promise<void> {
    const isWanted = () => mine === asked;
    if (oldestMs.peek() === undefined) {
      const { points: ends } = await call('usage.series', { points: 2 });
      const known = [...pointsOf(ends).map(({ atMs }) => atMs), ...sessions.peek().flatMap(timeOf)];
      beginMs.value = pointsOf(ends)[0]?.atMs;
      if (known.length > 0) oldestMs.value ??= Math.min(...known);
    }
    const days = range.peek() === 'all' && !zoom.peek() ? await allDays() : undefined;
    if (!isWanted()) return;
    const { points: found } = await call('usage.series', { points: POINTS, ...around(zoom.peek(), range.peek()) });
    if (!isWanted()) return;
    batch(() => {
      nowMs.value = Date.now();
      points.value = pointsOf(found);
    });
    const { fromMs, toMs } = shown.peek();
    const until = { ...(zoom.peek() && { until: iso(toMs) }) };
    const untilMs = Math.min(toMs, Math.max(nowMs.peek(), fromMs)) + 1;
    const name = bucketFor({ fromMs, toMs: untilMs });
    const since = iso(bucketStart(fromMs, name));
    const [known, sums] = await Promise.all([
      // Days have no hours in them.
      (name !== 'hour' && days) ||
        call('usage.stats', { bucket: name, time_zone: timeZone(), since, ...until }).then((all) => all.buckets),
      // The bars begin with a whole bucket, and what stands beside them counts the same readings.
      call('usage.conversations', { limit: CONVERSATIONS, since, ...until }),
    ]);
    if (!isWanted()) return;
    batch(() => {
      span.value = spanOf(since, zoom.peek() && toMs < nowMs.peek() ? iso(toMs) : '');
      buckets.value = { name, list: bucketsOf(known, name, { fromMs, toMs: untilMs }) };
      conversations.value = sums;
      status.value = 'ready';
    });
  }

  /** Past readings that were imported lie before the first point of the line. */
  async function allDays() {
    const { buckets: days } = await call('usage.stats', { bucket: 'day', time_zone: timeZone() });
    const first = days[0] && parseTimestamp(days[0].start);
    if (first !== undefined) oldestMs.value = Math.min(first, oldestMs.peek() ?? first);
    return days;
  }

  /** What a person waits for is not overtaken by what happens meanwhile. */
  const refresher = createRefresher(async () => {
    await loading;
    await load();
  }, 2_000);
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** For a person's wish, which waits for nothing but the end of a movement. */
  function loadSoon(): void {
    // What is still being read was asked for before this wish, and would stand beside it.
    asked++;
    clearTimeout(timer);
    timer = setTimeout(load, 120);
  }

  function show(window: TimeWindow | undefined): void {
    zoom.value = window;
    loadSoon();
  }

  function showRange(name: RangeName): void {
    chosen.value = name;
    show(undefined);
  }

  /** Shows what has just happened at once; what it makes of the conversations, or of a time long past, is asked for. */
  function take(changes: readonly Change[], hasGap: boolean): void {
    const atMs = Date.now();
    batch(() => {
      nowMs.value = atMs;
      const added = changes.map(({ usage: { used, total } }) => ({ atMs, used, total }));
      const { fromMs, toMs } = shown.value;
      const gapMs = (toMs - fromMs) / POINTS;
      const kept = zoom.value || range.value === 'all' ? points.value : since(points.value, fromMs);
      points.value = withPoints(kept, added, gapMs);
      for (const { cause, session } of changes) {
        const counted = cause === 'reading' && session ? countedOf(session) : undefined;
        if (counted === undefined) continue;
        const { name, list } = buckets.value;
        buckets.value = { name, list: withAmount(list, name, atMs, counted) };
      }
    });
    if (hasGap || changes.some(({ cause }) => cause !== 'total')) refresher.request();
  }

  /** Whether a bucket has begun that the window shows and the bars do not: at midnight a day, for one. */
  function isOutrun(): boolean {
    const { name, list } = buckets.value;
    const last = list.at(-1);
    return last !== undefined && nowMs.value <= shown.value.toMs && bucketStart(nowMs.value, name) > last.startMs;
  }

  return {
    range,
    fit,
    switchFit: () => {
      chosenFit.value = fit.peek() === 'usage' ? 'budget' : 'usage';
    },
    span,
    nowMs,
    points,
    buckets,
    conversations,
    status,
    data,
    vertical,
    forecast,
    window: shown,
    isZoomed: computed(() => zoom.value !== undefined),
    load: () => void load(),
    take,
    refresh: refresher.request,
    /** Reads what could not be read before. */
    retry: () => {
      if (status.peek() === 'failed') refresher.request();
    },
    /** The clock goes on also when nothing happens. */
    tick: () => {
      nowMs.value = Date.now();
      if (isOutrun()) refresher.request();
    },
    showRange,
    /** From now on what is shown by itself is what somebody chose. */
    keepWindow: () => {
      if (chosen.peek() === undefined) showRange(range.peek());
    },
    showWindow: show,
    zoomBy: (factor: number, atMs?: number) => show(zoomed(shown.value, factor, atMs)),
    panBy: (share: number) => show(panned(shown.value, share)),
    stop: () => {
      clearTimeout(timer);
      refresher.stop();
    },
  };
}

/** Between two instants in ISO 8601; an empty `until` is open. */
export interface TimeSpan {
  readonly since: string;
  readonly until: string;
}

/** A young history is no thin line at the edge of a month. */
function rangeForAge(ageMs: number): RangeName {
  if (ageMs < 2 * DAY_MS) return '24h';
  return ageMs < 14 * DAY_MS ? '7d' : '30d';
}

/** As many as a wide screen has pixels for. */
const POINTS = 1_200;
const CONVERSATIONS = 8;
/** A line that rises by less than this share of the axis looks flat. */
const FLAT = 0.04;
const DAY_MS = 86_400_000;
const PAST_MS = { '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS };

/** What to ask for: half a window more on either side, so that moving along shows something at once. */
function around(zoom: TimeWindow | undefined, range: RangeName) {
  if (!zoom) return range === 'all' ? {} : { since: iso(Date.now() - PAST_MS[range] * 1.1) };
  const halfMs = (zoom.toMs - zoom.fromMs) / 2;
  return { since: iso(zoom.fromMs - halfMs), until: iso(zoom.toMs + halfMs) };
}

/** Where the session names a time that can be read. */
function timeOf(session: Session): number[] {
  const { timestamp } = session;
  const atMs = instantOf(session) ?? (typeof timestamp === 'string' ? parseTimestamp(timestamp) : undefined);
  return atMs === undefined ? [] : [atMs];
}

function iso(atMs: number): string {
  return new Date(Math.min(Math.max(atMs, DAY_MS), LAST_MS)).toISOString();
}

/** The last instant that the contract has a name for, less a day for every zone. */
const LAST_MS = Date.UTC(9999, 11, 30);

function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
