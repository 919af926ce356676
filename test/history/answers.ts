import type { Params, Result, Session, ToldChange } from '../../src/protocol/methods.ts';
import { parseTimestamp } from '../../src/protocol/timestamp.ts';
import { accuracyOf } from './accuracy.ts';
import { believed } from './believed.ts';
import type { HistoryModel } from './model.ts';
import type { Question } from './questions.ts';
import type { Row } from './rows.ts';
import { seriesOf } from './series.ts';
import { percentOf } from './told.ts';
import { bucketStart } from './zones.ts';

type Filter = Omit<Params<'usage.sum'>, 'before' | 'patience_ms'>;

/** What the questions that look back must be answered after what the model was told. */
export class Answers {
  readonly #model: HistoryModel;
  readonly #zone: string;
  /** When each change was, by its revision less one. */
  readonly #changeTimes: readonly number[];

  constructor(model: HistoryModel, zone: string) {
    this.#model = model;
    this.#zone = zone;
    this.#changeTimes = believed(
      model.commits.map(({ atMs }) => atMs),
      model.nowMs,
    );
  }

  to({ method, params }: Question): unknown {
    const asked = params as never;
    switch (method) {
      case 'usage.history':
        return { sessions: this.history(asked) };
      case 'usage.sum':
        return this.sum(asked);
      case 'usage.stats':
        return { buckets: this.stats(asked) };
      case 'usage.conversations':
        return this.conversations(asked);
      case 'usage.changes':
        return { changes: this.changes((params as Params<'usage.changes'>).limit), alerts: [] };
      case 'usage.series':
        return { points: this.series(asked) };
      case 'usage.estimate_accuracy':
        return accuracyOf(this.#model.rows);
      case 'usage.last_reading':
        return this.lastReading();
      default:
        throw new Error(`the model does not know what ${method} answers`);
    }
  }

  get(): Omit<Result<'usage.get'>, 'last_updated' | 'mark'> {
    const { used, total, revision, rows } = this.#model;
    const sessions_count = rows.filter(({ isUndone, isRemoved }) => !isUndone && !isRemoved).length;
    return { used, total, percent: percentOf(used, total), remaining: total - used, sessions_count, revision };
  }

  /** All pages in one. */
  history({ instants = false, ...filter }: Filter & { readonly instants?: boolean }): Session[] {
    return this.#found(filter).map((row) => this.#shown(row, instants));
  }

  sum(filter: Filter): Result<'usage.sum'> {
    const counting = this.#found(filter).filter(({ isUndone }) => !isUndone);
    return { readings: counting.length, tokens: this.#tokens(counting) };
  }

  stats({ bucket, since, until, time_zone = this.#zone }: Params<'usage.stats'>): Bucketed[] {
    const buckets = new Map<string, Row[]>();
    const counting = this.#found({ since, until } as Filter).filter(({ isUndone }) => !isUndone);
    const oldestFirst = counting.sort((one, other) => this.#atMs(one) - this.#atMs(other));
    for (const row of oldestFirst) {
      const start = bucketStart(this.#atMs(row), bucket, time_zone);
      buckets.set(start, [...(buckets.get(start) ?? []), row]);
    }
    return [...buckets].map(([start, rows]) => {
      const set_aside = rows.reduce((sum, { aside }) => sum + (aside ? aside.moved - aside.before : 0), 0);
      return { start, tokens: this.#tokens(rows), readings: rows.length, ...(set_aside !== 0 && { set_aside }) };
    });
  }

  conversations({ since, until, limit = 20 }: Params<'usage.conversations'>): Result<'usage.conversations'> {
    const groups = new Map<string, Row[]>();
    const found = new Set(this.#found({ since, until } as Filter));
    for (const row of this.#model.rows.filter((one) => found.has(one))) {
      const name = conversationOf(row);
      if (!row.isUndone) groups.set(name, [...(groups.get(name) ?? []), row]);
    }
    const all = [...groups].map(([conversation_id, rows]) => ({
      conversation_id,
      tokens: this.#tokens(rows),
      readings: rows.length,
      last_at: new Date(Math.max(...rows.map((row) => this.#atMs(row)))).toISOString(),
    }));
    // The texts say neither whether what names none is the last of those that are shown or shown last of all, nor
    // which of two as large is first: the one used later, then the one that came first.
    const isNameless = ({ conversation_id }: { readonly conversation_id: string }) => Number(conversation_id === '');
    all.sort((one, other) => other.tokens - one.tokens || Date.parse(other.last_at) - Date.parse(one.last_at));
    const shown = all.slice(0, limit).sort((one, other) => isNameless(one) - isNameless(other));
    const rest = all.slice(limit);
    const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
    const others = {
      conversations: rest.length,
      tokens: sum(rest.map(({ tokens }) => tokens)),
      readings: sum(rest.map(({ readings }) => readings)),
    };
    return { conversations: shown, ...(rest.length > 0 && { others }) };
  }

  changes(limit = 60): ToldChange[] {
    const newest = this.#model.commits.toReversed().slice(0, limit);
    return newest.map(({ atMs, row, rises: _, ...change }) => ({
      ...change,
      at: iso(atMs),
      ...(row && { session: this.#shown(row, false) }),
    }));
  }

  series(params: Params<'usage.series'>): Result<'usage.series'>['points'] {
    return seriesOf(this.#model.commits, this.#changeTimes, params);
  }

  /** All that counts, at its time. */
  usage(): { readonly atMs: number; readonly tokens: number }[] {
    const counting = this.#model.rows.filter(({ isUndone }) => !isUndone);
    return counting.map((row) => ({ atMs: this.#atMs(row), tokens: this.#tokensOf(row) }));
  }

  /** The earliest time of what was recorded since the counter began anew; infinite where nothing was. */
  countingSince(): number {
    const { rows, starts } = this.#model;
    const began = starts.findLast(({ by }) => !by?.isUndone)?.place ?? 0;
    const since = rows.slice(began).filter(({ isUndone }) => !isUndone);
    const reset = since.findLastIndex(({ session }) => session.reset === true);
    return Math.min(...since.slice(Math.max(0, reset)).map((row) => this.#atMs(row)));
  }

  lastReading(): Result<'usage.last_reading'> {
    const row = this.#model.lastReading;
    return row ? { session: this.#shown(row, false), at: iso(this.#toldMs(row)) } : {};
  }

  /** The texts do not say of which clock `at` is told; it is the one that `timestamp` is told of, believed or not. */
  #toldMs({ namedMs, revision }: Row): number {
    return namedMs ?? this.#model.commits[revision - 1]!.atMs;
  }

  /** The texts say newest first, and no more: of a clock that was set back what came later stands above. */
  #placeMs({ namedMs, revision }: Row): number {
    return namedMs ?? Math.max(...this.#model.commits.slice(0, revision).map(({ atMs }) => atMs));
  }

  #atMs({ namedMs, revision }: Row): number {
    return namedMs ?? this.#changeTimes[revision - 1]!;
  }

  /** Newest first; of the same time the one that came later. */
  #found({ since, until, sync_type, conversation_id, query }: Filter): Row[] {
    const sinceMs = since === undefined ? Number.NEGATIVE_INFINITY : parseTimestamp(since)!;
    const untilMs = until === undefined ? Number.POSITIVE_INFINITY : parseTimestamp(until)!;
    const found = this.#model.rows.filter((row) => {
      const atMs = this.#atMs(row);
      const { session } = row;
      const type = session.sync_type ?? session.method;
      const event = session.event ?? session.task ?? '';
      const text = typeof event === 'string' ? event : JSON.stringify(event);
      if (atMs < sinceMs || atMs >= untilMs) return false;
      if (sync_type !== undefined && type !== sync_type) return false;
      if (conversation_id !== undefined && conversationOf(row) !== conversation_id) return false;
      return query === undefined || text.toLowerCase().includes(query.toLowerCase());
    });
    return found.toReversed().sort((one, other) => this.#placeMs(other) - this.#placeMs(one));
  }

  #shown(row: Row, hasInstant: boolean): Session {
    const { session, isUndone, reading } = row;
    const counted = reading && (isUndone ? reading.counted : (this.#model.counted.get(row.key) ?? 0));
    return {
      ...session,
      ...(counted !== undefined && counted !== session.tokens && { counted }),
      ...(isUndone && { undone: true }),
      ...(hasInstant && reading && { at: iso(this.#toldMs(row)) }),
    };
  }

  #tokens(rows: readonly Row[]): number {
    return rows.reduce((sum, row) => sum + this.#tokensOf(row), 0);
  }

  #tokensOf({ key, reading, session }: Row): number {
    if (reading) return this.#model.counted.get(key) ?? 0;
    return typeof session.tokens === 'number' ? session.tokens : 0;
  }
}

type Bucketed = Result<'usage.stats'>['buckets'][number];

function conversationOf({ session }: Row): string {
  return typeof session.conversation_id === 'string' ? session.conversation_id : '';
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
