import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createQueries, type Queries, type QueryOptions } from '../../../src/daemon/queries/queries.ts';
import { forecastOf } from '../../../src/daemon/rules/forecast.ts';
import { EMPTY } from '../../../src/daemon/rules/snapshot.ts';
import { bucketUsage } from '../../../src/daemon/rules/stats.ts';
import { HistoryReader } from '../../../src/daemon/store/history/reader.ts';
import { shownSession } from '../../../src/daemon/store/ledger/ledger-session.ts';
import type { Params, Result, Session } from '../../../src/protocol/methods.ts';
import { parseTimestamp } from '../../../src/protocol/timestamp.ts';
import { textOf } from '../../../src/shared/foreign-text.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { randomOf } from '../../support/random.ts';
import { type FilledSession, fillHistory, ledgerSession } from '../store/history/filled-history.ts';

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
  const source = { reader, path, settled: async () => undefined };
  const queries = createQueries(source, { snapshot: SNAPSHOT }, options);
  open.push(async () => {
    await queries.close();
    db.close();
  });
  return { queries, reader };
}

/** Readings and sessions of other programs, of which many came late, some at one instant, and some while the clock was wrong. */
function randomSessions(seed: number, count: number): FilledSession[] {
  const random = randomOf(seed);
  const below = (most: number) => Math.floor(random() * most);
  let highestMs = START_MS;
  return Array.from({ length: count }, (_, ordinal): FilledSession => {
    const isForeign = below(8) === 0;
    const dated = isForeign || below(6) === 0;
    const nowMs = START_MS + ordinal * 600_000 + (below(50) === 0 ? 40 * 24 * HOUR_MS : 0);
    const atMs = dated ? START_MS + below(count) * 600_000 : nowMs;
    highestMs = Math.max(highestMs, nowMs);
    const toldMs = dated ? atMs : START_MS + ordinal * 600_000;
    const conversation = ['', 'a', 'b', `c${below(30)}`][below(4)]!;
    const event = ['Step One', 'step two', 'größe', 'İstanbul', '完成'][below(5)]!;
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
      return placed.session.undone ? { ...shown, undone: true } : shown;
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

const COUNT = 3_300;

describe.each([
  ['here', {}],
  ['by the process that looks far back', { mostHere: 0 }],
])('of random histories, asked %s', (_, options) => {
  describe.each([1, 2, 3])('history %i', (seed) => {
    const sessions = randomSessions(seed, COUNT);
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
      for (const filter of FILTERS)
        expect(await queries.sum(filter), JSON.stringify(filter)).toEqual(model.sum(filter));
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
  });
});
