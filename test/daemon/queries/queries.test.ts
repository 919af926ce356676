import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createQueries, type Queries, type QueryOptions } from '../../../src/daemon/queries/queries.ts';
import { datedLine } from '../../../src/daemon/rules/dated-line.ts';
import { forecastOf } from '../../../src/daemon/rules/forecast.ts';
import { sampleLevels } from '../../../src/daemon/rules/series.ts';
import { EMPTY } from '../../../src/daemon/rules/snapshot.ts';
import { bucketUsage } from '../../../src/daemon/rules/stats.ts';
import { HistoryReader } from '../../../src/daemon/store/index/reading/reader.ts';
import { shownSession } from '../../../src/daemon/store/ledger/ledger-session.ts';
import type { Params, Result, Session, ToldAlert } from '../../../src/protocol/methods.ts';
import { parseTimestamp } from '../../../src/protocol/timestamp.ts';
import { textOf } from '../../../src/shared/foreign-text.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { randomOf } from '../../support/random.ts';
import { type FilledSession, fillHistory, ledgerSession } from '../store/index/filled-history.ts';

const START_MS = Date.UTC(2025, 9, 1);
const HOUR_MS = 3_600_000;
const SNAPSHOT = { ...EMPTY, used: 50_000, total: 1_000_000 };

interface Opened {
  readonly queries: Queries;
  readonly reader: HistoryReader;
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

function queriesOf(
  filled: Parameters<typeof fillHistory>[1],
  missing: readonly number[] = [],
  options: QueryOptions = {},
): Opened {
  const path = join(temporaryFolder(), 'history.db');
  const db = fillHistory(path, filled, missing);
  const reader = new HistoryReader(db);
  const source = { reader, path, settled: async () => undefined, generation: 0 };
  const queries = createQueries(source, { snapshot: SNAPSHOT }, options);
  open.push(async () => {
    await queries.close();
    db.close();
  });
  return { queries, reader };
}

/** Readings and sessions of other programs, of which one in so many came late, some at one instant, and some while the clock was wrong. */
function randomSessions(seed: number, count: number, late: number): FilledSession[] {
  const random = randomOf(seed);
  const below = (most: number) => Math.floor(random() * most);
  let highestMs = START_MS;
  return Array.from({ length: count }, (_, ordinal): FilledSession => {
    const dated = below(late) === 0;
    const isForeign = dated && below(2) === 0;
    const nowMs = START_MS + ordinal * 600_000 + (below(10 * late) === 0 ? 40 * 24 * HOUR_MS : 0);
    const atMs = dated ? START_MS + below(count) * 600_000 : nowMs;
    highestMs = Math.max(highestMs, nowMs);
    const toldMs = dated ? atMs : START_MS + ordinal * 600_000;
    const conversation = ['', 'a', 'b', `c${below(30)}`, 'half \ud83d', 'half \ud83e', 'half \ufffd'][below(7)]!;
    const event = ['Step One', 'step two', 'größe', 'İstanbul', '完成😀', 'half \ud83d', 'half \ude01'][below(7)]!;
    const counted = below(1_000);
    const common = {
      ...{ event, conversation, counted, setAside: below(10) === 0 ? below(100) - 50 : 0, atMs, toldMs, dated },
      ...{ orderMs: dated ? atMs : Math.max(atMs, highestMs), undone: below(15) === 0, beganAnew: below(200) === 0 },
    };
    if (!isForeign)
      return { ...common, kind: (['manual', 'auto', 'estimate', 'import', 'correction'] as const)[below(5)]! };
    const words = [
      { tokens: counted, event, conversation_id: conversation, sync_type: 'auto' },
      { tokens: counted, task: event, conversation_id: conversation, method: 'auto' },
      { tokens: counted, event: [event], conversation_id: conversation, sync_type: 'theirs' },
      5,
      null,
    ][below(5)];
    return { ...common, kind: 'foreign', json: JSON.stringify(words) };
  });
}

/** What the clock says when they are asked: some are told of later. */
const nowOf = (count: number) => START_MS + (count - 50) * 600_000;

interface Placed {
  readonly session: FilledSession;
  readonly ordinal: number;
  readonly toldMs: number;
}

/** By the meaning of the questions, row by row. */
class Model {
  readonly #all: Placed[];
  readonly nowMs: number;

  constructor(sessions: readonly FilledSession[], nowMs: number) {
    this.nowMs = nowMs;
    this.#all = sessions.map((session, ordinal) => {
      const { atMs, toldMs = atMs, dated } = session;
      return { session, ordinal, toldMs: dated ? toldMs : Math.min(toldMs, nowMs) };
    });
  }

  between({ since, until }: { readonly since?: string | undefined; readonly until?: string | undefined }): Placed[] {
    const sinceMs = since === undefined ? Number.NEGATIVE_INFINITY : parseTimestamp(since)!;
    const untilMs = until === undefined ? Number.POSITIVE_INFINITY : parseTimestamp(until)!;
    return this.#all.filter(({ toldMs }) => toldMs >= sinceMs && toldMs < untilMs);
  }

  usage(asked: { readonly since?: string | undefined; readonly until?: string | undefined }) {
    return this.between(asked)
      .filter(({ session }) => !session.undone)
      .map(({ session, toldMs }) => ({
        ...{ atMs: toldMs, tokens: session.counted, setAside: session.setAside ?? 0, name: session.conversation },
      }));
  }

  found(filter: Params<'usage.sum'>): Placed[] {
    return this.between(filter)
      .filter((placed) => this.#isFound(placed, filter))
      .sort((one, other) => {
        const orderOf = ({ session }: Placed) => session.orderMs ?? session.atMs;
        return orderOf(other) - orderOf(one) || other.ordinal - one.ordinal;
      });
  }

  page(filter: Params<'usage.history'>): Session[] {
    return this.found(filter).flatMap((placed) => {
      const shown = this.#shown(placed);
      if (typeof shown !== 'object' || shown === null) return [];
      return [placed.session.undone ? { ...shown, undone: true } : shown];
    });
  }

  sum(filter: Params<'usage.sum'>): Result<'usage.sum'> {
    const standing = this.found(filter).filter(({ session }) => !session.undone);
    return { readings: standing.length, tokens: standing.reduce((sum, { session }) => sum + session.counted, 0) };
  }

  #shown({ session, ordinal }: Placed): Session {
    return shownSession(ledgerSession(session, ordinal), session.counted);
  }

  #isFound(placed: Placed, { sync_type, conversation_id, query }: Params<'usage.sum'>): boolean {
    const { session } = placed;
    if (conversation_id !== undefined && session.conversation !== conversation_id) return false;
    if (session.kind !== 'foreign') {
      return (sync_type ?? session.kind) === session.kind && contains(session.event, query);
    }
    if (sync_type === undefined && query === undefined) return true;
    const shown = this.#shown(placed);
    if (typeof shown !== 'object' || shown === null) return false;
    const { sync_type: kind = shown.method, event = shown.task } = shown;
    return (sync_type ?? kind) === kind && contains(textOf(event), query);
  }
}

function contains(event: string, query = ''): boolean {
  return event.toLowerCase().includes(query.toLowerCase());
}

const STRETCHES = [
  {},
  { since: '2025-10-05T00:00:00Z' },
  { until: '2025-10-10T12:00:00Z' },
  { since: '2025-10-03T00:00:00Z', until: '2025-10-12T00:00:00Z' },
  { since: '2025-10-12T00:00:00Z', until: '2025-10-03T00:00:00Z' },
] as const;

const FILTERS: readonly Params<'usage.sum'>[] = [
  ...STRETCHES,
  ...STRETCHES.map((stretch) => ({ ...stretch, query: 'STEP' })),
  ...(['manual', 'auto', 'import'] as const).map((sync_type) => ({ sync_type })),
  { sync_type: 'auto', query: 'größe', since: '2025-10-04T00:00:00Z' },
  { conversation_id: 'a' },
  { conversation_id: '', query: 'i̇stan', until: '2025-10-20T00:00:00Z' },
  { conversation_id: 'nobody' },
  ...['half \ud83d', 'half \ufffd', 'half \ud800'].map((conversation_id) => ({ conversation_id })),
  ...['\ud83d', 'half \ud83d', 'HALF \ude01', '\ude00', '😀', '\ufffd', '\u{10d83d}'].map((query) => ({ query })),
  { query: 'nobody wrote this' },
];

/** All pages one after another. */
async function pagesOf(queries: Queries, params: Params<'usage.history'>): Promise<Session[]> {
  const sessions: Session[] = [];
  for (let before: string | undefined; ; ) {
    const page = await queries.history({ ...params, ...(before !== undefined && { before }) });
    expect(page.sessions.length).toBeLessThanOrEqual(params.limit ?? 100);
    sessions.push(...page.sessions);
    if (page.next === undefined) return sessions;
    // No page is asked for that would be empty.
    expect(page.sessions.length).toBe(params.limit ?? 100);
    before = page.next;
  }
}

const COUNT = 2_200;

describe.each([
  ['here', 2, {}],
  ['here', 40, {}],
  ['here', 1_000, {}],
  ['by the process that looks far back', 40, { mostHere: 0 }],
])('asked %s, of a history with one session in %i late', (_, late, options) => {
  const sessions = randomSessions(late, COUNT, late);
  const model = new Model(sessions, nowOf(COUNT));
  const opened = () => queriesOf({ sessions }, [1], { now: () => model.nowMs, ...options }).queries;

  test('every filter finds on pages what it means, newest first', async () => {
    const queries = opened();
    for (const filter of FILTERS) {
      const expected = model.page(filter);
      expect(await pagesOf(queries, { ...filter, limit: 1_000 }), JSON.stringify(filter)).toEqual(expected);
      expect((await queries.history({ ...filter, limit: 7 })).sessions).toEqual(expected.slice(0, 7));
    }
    expect(await pagesOf(queries, { query: 'istan', limit: 23 })).toEqual(model.page({ query: 'istan' }));
  });

  test('every filter sums what it finds', async () => {
    const queries = opened();
    for (const filter of FILTERS) expect(await queries.sum(filter), JSON.stringify(filter)).toEqual(model.sum(filter));
  });

  test('buckets and conversations hold all consumption', async () => {
    const queries = opened();
    for (const stretch of STRETCHES) {
      const usage = model.usage(stretch);
      for (const bucket of ['hour', 'day', 'week', 'month'] as const) {
        const { buckets } = await queries.stats({ ...stretch, bucket, time_zone: 'Europe/Berlin' });
        expect(buckets).toEqual(bucketUsage(usage, bucket, 'Europe/Berlin'));
      }
      const { conversations, others } = await queries.conversations({ ...stretch, limit: 5 });
      const told = conversations.map(({ conversation_id, tokens, readings, last_at }) => {
        const own = usage.filter(({ name }) => name === conversation_id);
        expect(readings).toBe(own.length);
        expect(tokens).toBe(own.reduce((sum, { tokens }) => sum + tokens, 0));
        expect(Date.parse(last_at)).toBe(Math.max(...own.map(({ atMs }) => atMs)));
        return tokens;
      });
      expect(told.slice(0, -1)).toEqual(told.slice(0, -1).toSorted((one, other) => other - one));
      const all = [...conversations, ...(others ? [others] : [])];
      expect(all.reduce((sum, { readings }) => sum + readings, 0)).toBe(usage.length);
      expect(new Set(usage.map(({ name }) => name)).size).toBe(conversations.length + (others?.conversations ?? 0));
    }
  });

  test('the forecast is made of all consumption since counting began', async () => {
    const starts = [{ first: 700 }, { first: 2_000, cause: sessions.findIndex(({ undone }) => undone) }];
    for (const [started, from] of [
      [[], 0],
      [starts, 700],
    ] as const) {
      const { queries } = queriesOf({ sessions, starts: started }, [1], { now: () => model.nowMs, ...options });
      const anew = sessions.findLastIndex(({ beganAnew, undone }) => beganAnew && !undone);
      const since = model
        .between({})
        .filter(({ session, ordinal }) => !session.undone && ordinal >= Math.max(from, anew));
      const sinceMs = Math.min(...since.map(({ toldMs }) => toldMs));
      expect(await queries.forecast()).toEqual(forecastOf(SNAPSHOT, model.usage({}), model.nowMs, sinceMs));
      expect(queries.recordedTokens()).toBe(model.sum({}).tokens);
    }
  });

  test('the line shows every change, and what came late at its own time', async () => {
    const rises = sessions.flatMap(({ dated, atMs, counted }, place) => {
      return dated && atMs < START_MS + place * 600_000 ? [{ fromMs: atMs, place, tokens: counted }] : [];
    });
    // Times that never fall, as those of changes are.
    const told = sessions.map((session, place) => ({ ...session, dated: false, toldMs: START_MS + place * 600_000 }));
    for (const late of [[], rises]) {
      const { queries } = queriesOf({ sessions: told, rises: late }, [1], { now: () => model.nowMs, ...options });
      for (const stretch of STRETCHES) {
        for (const points of [2, 50]) {
          const { points: line } = await queries.series({ ...stretch, points });
          expect(line).toEqual(lineOf(told, late, { ...stretch, points }, model.nowMs));
        }
      }
    }
  });
});

test('a line is left to the process for what came late too, but not for what came late elsewhere', async () => {
  const sessions = Array.from(
    { length: 10 },
    (_, ordinal): FilledSession => ({
      ...{ kind: 'import', event: '', conversation: '', counted: 1_000, atMs: START_MS + ordinal * 24 * HOUR_MS },
    }),
  );
  // All of the sixth day, used on the third.
  const rises = Array.from({ length: 1_000 }, (_, at) => ({
    fromMs: START_MS + 50 * HOUR_MS + at,
    place: 5,
    tokens: 1,
  }));
  const { reader } = queriesOf({ sessions, rises });
  const path = join(temporaryFolder(), 'there is none');
  const source = { reader, path, settled: async () => undefined, generation: 0 };
  const queries = createQueries(source, { snapshot: SNAPSHOT }, { mostHere: 100 });
  open.push(() => queries.close());
  const dayOf = (day: number) => new Date(START_MS + day * 24 * HOUR_MS - HOUR_MS).toISOString();

  for (const stretch of [{}, { since: dayOf(2) }, { until: dayOf(6) }, { since: dayOf(3), until: dayOf(4) }]) {
    await expect(queries.series(stretch), JSON.stringify(stretch)).rejects.toMatchObject({ kind: 'busy' });
  }
  for (const stretch of [{ since: dayOf(6) }, { until: dayOf(2) }, { since: dayOf(8), until: dayOf(9) }]) {
    expect((await queries.series(stretch)).points.length, JSON.stringify(stretch)).toBeGreaterThan(1);
  }
});

test('a line shows at its own time what came late, however much that is', async () => {
  const random = randomOf(7);
  const sessions = Array.from(
    { length: 12 },
    (_, ordinal): FilledSession => ({
      ...{ kind: 'import', event: '', conversation: '', counted: 1_000, atMs: START_MS + ordinal * 24 * HOUR_MS },
      toldMs: START_MS + ordinal * 24 * HOUR_MS,
    }),
  );
  const rises = Array.from({ length: 8_400 }, (_, at) => {
    const place = Math.floor(at / 700);
    return { fromMs: START_MS + Math.floor((place * 24 - 1 - random() * 90) * HOUR_MS), place, tokens: 1 };
  });
  const nowMs = START_MS + 30 * 24 * HOUR_MS;
  const { queries } = queriesOf({ sessions, rises }, [], { now: () => nowMs, mostHere: 100_000 });
  for (const stretch of STRETCHES) {
    const { points } = await queries.series({ ...stretch, points: 60 });
    expect(points, JSON.stringify(stretch)).toEqual(lineOf(sessions, rises, { ...stretch, points: 60 }, nowMs));
  }
});

test('of two late sessions that change places neither is found twice nor missed', async () => {
  const hourOf = (ordinal: number) => ({ 500: 10, 100: 450 })[ordinal] ?? ordinal;
  const sessions = Array.from(
    { length: 700 },
    (_, ordinal): FilledSession => ({
      ...{
        kind: ordinal % 100 === 0 ? 'manual' : 'auto',
        event: `step ${ordinal % 100}`,
        conversation: '',
        counted: 1,
      },
      ...{ atMs: START_MS + hourOf(ordinal) * HOUR_MS, dated: hourOf(ordinal) !== ordinal },
    }),
  );
  const model = new Model(sessions, START_MS + 1_000 * HOUR_MS);
  const { queries } = queriesOf({ sessions }, [], { now: () => model.nowMs });

  const filters: Params<'usage.sum'>[] = [
    { query: 'step 0' },
    { sync_type: 'manual' },
    { since: '2025-10-12T00:00:00Z' },
  ];
  for (const filter of filters) {
    expect(await pagesOf(queries, { ...filter, limit: 1_000 })).toEqual(model.page(filter));
    expect(await queries.sum(filter)).toEqual(model.sum(filter));
    for (const before of [446, 451, 640].map((ordinal) => `${START_MS + ordinal * HOUR_MS}.${ordinal}`)) {
      const older = (all: Session[]) =>
        all.filter(({ timestamp }) => Date.parse(`${timestamp}Z`) < Number.parseInt(before, 10));
      expect((await queries.history({ ...filter, before, limit: 1_000 })).sessions).toEqual(older(model.page(filter)));
      expect((await queries.sum({ ...filter, before })).readings).toBe(older(model.page(filter)).length);
    }
  }
});

/** The line by the rules, of all changes. */
function lineOf(
  sessions: readonly FilledSession[],
  rises: readonly { readonly fromMs: number; readonly place: number; readonly tokens: number }[],
  { since, until, points }: Params<'usage.series'>,
  nowMs: number,
) {
  let sum = 0;
  const used = sessions.map(({ counted }) => (sum += counted));
  const atMs = (place: number) => Math.min(sessions[place]!.toldMs!, nowMs);
  const levels = { atMs, used: (place: number) => used[place]!, total: () => 1_000_000 };
  const sinceMs = since === undefined ? Number.NEGATIVE_INFINITY : parseTimestamp(since)!;
  const untilMs = until === undefined ? Number.POSITIVE_INFINITY : parseTimestamp(until)!;
  const placeFrom = (fromMs: number) => {
    const place = used.findIndex((_, index) => atMs(index) >= fromMs);
    return place === -1 ? used.length : place;
  };
  const from = placeFrom(sinceMs);
  const byStart = rises.toSorted((one, other) => one.fromMs - other.fromMs);
  const late = {
    length: rises.length,
    start: (rank: number) => [byStart[rank]!.fromMs, byStart[rank]!.tokens] as const,
    end: (rank: number) => [atMs(rises[rank]!.place), rises[rank]!.tokens] as const,
  };
  const line = datedLine(levels, [from, Math.max(from, placeFrom(untilMs))], late, [sinceMs, untilMs]);
  const point = (ms: number, at: number, total: number) => ({ at: new Date(ms).toISOString(), used: at, total });
  const isCovered = line.length > 0 && line.levels.atMs(0) === sinceMs;
  const isBegun = line.stood && Number.isFinite(sinceMs) && sinceMs < untilMs && !isCovered;
  const begin = isBegun ? [point(sinceMs, line.stood.used, line.stood.total)] : [];
  const ranks = sampleLevels(line.levels, 0, line.length, points! - begin.length);
  return [
    ...begin,
    ...ranks.map((rank) => point(line.levels.atMs(rank), line.levels.used(rank), line.levels.total(rank))),
  ];
}

test('the latest changes tell their session as it stands, and every answer what the ledger lacks', async () => {
  const sessions = ['first', 'second', 'third'].map(
    (event, index): FilledSession => ({
      ...{ kind: index === 1 ? 'foreign' : 'manual', event, conversation: '', counted: 10, atMs: START_MS + index },
      ...(index === 1 && { json: '{"tokens":10}', dated: true }),
      undone: index === 2,
    }),
  );
  const { queries } = queriesOf({ sessions, lost: 3 });

  const { changes, alerts, unreadable } = await queries.changes({ limit: 2 }, [
    { level: 80, revision: 1, at: '2025-10-01T00:00:00.000Z' } as ToldAlert,
    { level: 90, revision: 2, at: '2025-10-01T00:00:01.000Z' } as ToldAlert,
  ]);

  expect(changes).toMatchObject([
    {
      revision: 3,
      cause: 'reading',
      at: '2025-10-01T00:00:00.002Z',
      increment: 10,
      session: { event: 'third', undone: true },
    },
    { revision: 2, cause: 'edit', increment: 10, sessions: 1 },
  ]);
  expect(changes[1]).not.toHaveProperty('session');
  expect(alerts.map(({ revision }) => revision)).toEqual([2]);
  expect(unreadable).toBe(3);
  expect(await queries.lastReading()).toEqual({
    session: expect.objectContaining({ id: 's0', event: 'first' }),
    at: '2025-10-01T00:00:00.000Z',
  });
  for (const answer of [
    queries.history({}),
    queries.sum({}),
    queries.stats({ bucket: 'day' }),
    queries.series({}),
    queries.conversations({}),
    queries.estimateAccuracy(),
  ]) {
    expect(await answer).toMatchObject({ unreadable: 3 });
  }
});

test('a place that no page gave is refused', async () => {
  const { queries } = queriesOf({ sessions: [] });
  for (const before of ['x', '1', '1.2.3', '1.12345678901']) {
    await expect(queries.history({ before })).rejects.toMatchObject({ kind: 'invalid_params', field: 'before' });
    await expect(queries.sum({ before })).rejects.toMatchObject({ kind: 'invalid_params', field: 'before' });
  }
});
