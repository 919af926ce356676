import { batch, computed, signal } from '@preact/signals';
import type { Change, Result, Session } from '../../../../protocol/methods.ts';
import { parseTimestamp } from '../../../../protocol/timestamp.ts';
import { call } from '../../live/connection.ts';
import { createRefresher } from '../../live/refresher.ts';
import { forecast, sessions } from '../../live/state.ts';
import { instantOf } from '../../live/time-zone.ts';
import { countedOf } from '../session-text.ts';
import { type Bucket, bucketsOf, withAmount } from './buckets.ts';
import { type BucketName, bucketStart } from './calendar.ts';
import { plotData, scalePoints, verticalRange } from './plot-data.ts';
import { createShownWindow, type TimeSpan } from './shown-window.ts';
import { bucketFor, panned, type RangeName, type TimeWindow, zoomed } from './time-window.ts';
import { type Point, pointsOf, since, withPoints } from './timeline.ts';

/** Usage over a window of time, for the plot, the bars and the list of conversations. */
export type UsageModel = ReturnType<typeof createUsageModel>;

/** Asks for nothing before `load`. */
export function createUsageModel() {
  const nowMs = signal(Date.now());
  const points = signal<readonly Point[]>([]);
  /** When the line begins, with nothing used before. */
  const beginMs = signal<number | undefined>(undefined);
  const buckets = signal<{ readonly name: BucketName; readonly list: readonly Bucket[] }>({ name: 'day', list: [] });
  const conversations = signal<Result<'usage.conversations'>>({ conversations: [] });
  const status = signal<'loading' | 'ready' | 'failed'>('loading');
  const { range, zoom, window, oldestMs, ...choice } = createShownWindow(points, nowMs);
  /** The stretch that somebody has chosen, as the bars and the conversations count it; nothing where all is shown. */
  const span = signal<TimeSpan | undefined>(undefined);

  const data = computed(() => plotData(points.value, forecast.value, window.value, nowMs.value));
  const vertical = computed(() => {
    const isBegin = points.value[0]?.atMs === beginMs.value;
    const scaled = scalePoints(points.value, window.value, isBegin ? 0 : undefined);
    return verticalRange(plotData(scaled, forecast.value, window.value, nowMs.value), window.value, choice.fit.value);
  });

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
    const { fromMs, toMs } = window.peek();
    const until = { ...(zoom.peek() && { until: iso(toMs) }) };
    const untilMs = Math.min(toMs, Math.max(nowMs.peek(), fromMs)) + 1;
    const name = bucketFor({ fromMs, toMs: untilMs });
    const since = iso(bucketStart(fromMs, name));
    const [known, sums] = await Promise.all([
      // Days have no hours in them.
      (name !== 'hour' && days) ||
        call('usage.stats', { bucket: name, time_zone: timeZone(), since, ...until }).then((all) => all.buckets),
      // The bars begin with a whole bucket, and the conversations count the same readings.
      call('usage.conversations', { limit: CONVERSATIONS, since, ...until }),
    ]);
    if (!isWanted()) return;
    batch(() => {
      span.value = choice.chosenSpan({ since, until: zoom.peek() && toMs < nowMs.peek() ? iso(toMs) : '' });
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

  /** A load that a person waits for is not overtaken by changes that come meanwhile. */
  const refresher = createRefresher(async () => {
    await loading;
    await load();
  }, 2_000);
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** For a person's wish, which waits for nothing but the end of a movement. */
  function loadSoon(): void {
    // An answer that is under way was asked for before this wish, and would stand beside it.
    asked++;
    clearTimeout(timer);
    timer = setTimeout(load, 120);
  }

  function showWindow(wanted: TimeWindow | undefined): void {
    choice.zoomTo(wanted);
    loadSoon();
  }

  function showRange(name: RangeName): void {
    choice.chooseRange(name);
    loadSoon();
  }

  /** Shows changes at once; what they make of the conversations, or of a time long past, is asked for. */
  function take(changes: readonly Change[], hasGap: boolean): void {
    const atMs = Date.now();
    batch(() => {
      nowMs.value = atMs;
      const added = changes.map(({ usage: { used, total } }) => ({ atMs, used, total }));
      const { fromMs, toMs } = window.value;
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
    return last !== undefined && nowMs.value <= window.value.toMs && bucketStart(nowMs.value, name) > last.startMs;
  }

  return {
    range,
    /** Before the age of the history is known, no range suits it. */
    isRangeKnown: computed(() => choice.isRangeChosen.value || status.value !== 'loading' || points.value.length > 0),
    fit: choice.fit,
    switchFit: choice.switchFit,
    span,
    nowMs,
    points,
    buckets,
    conversations,
    status,
    data,
    vertical,
    forecast,
    window,
    isZoomed: computed(() => zoom.value !== undefined),
    load: () => void load(),
    take,
    refresh: refresher.request,
    /** Loads once more if the last load failed. */
    retry: () => {
      if (status.peek() === 'failed') refresher.request();
    },
    /** The clock goes on also when nothing happens. */
    tick: () => {
      nowMs.value = Date.now();
      if (isOutrun()) refresher.request();
    },
    showRange,
    /** From now on the range stays, which merely suited the age of the history. */
    keepRange: () => {
      if (!choice.isRangeChosen.peek()) showRange(range.peek());
    },
    showWindow,
    zoomBy: (factor: number, atMs?: number) => showWindow(zoomed(window.value, factor, atMs)),
    panBy: (share: number) => showWindow(panned(window.value, share)),
    stop: () => {
      clearTimeout(timer);
      refresher.stop();
    },
  };
}

/** One for each pixel of a wide screen’s plot. */
const POINTS = 1_200;
const CONVERSATIONS = 8;
const DAY_MS = 86_400_000;
const PAST_MS = { '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS };

/** The stretch to ask for: half a window more on either side, so that moving along shows something at once. */
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
