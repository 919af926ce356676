import type { Params, Result, ToldAlert } from '../../protocol/methods.ts';
import { type BudgetSettings, PLAIN_BUDGET } from '../../shared/settings.ts';
import { faultOf } from '../disk/database-fault.ts';
import { stopping } from '../process/stopping.ts';
import { accuracyOf, compareEstimates } from '../rules/estimate-accuracy.ts';
import { HistoryUnready } from '../store/index/history-warnings.ts';
import { type HistoryReader, sessionOf } from '../store/index/reading/reader.ts';
import { instantOf, shownSession } from '../store/ledger/ledger-session.ts';
import { stretchOf } from './asked-time.ts';
import { recordedTokens, sessionsIn } from './consumed.ts';
import { readingsWithEstimates } from './estimate-history.ts';
import { changesOf } from './latest-changes.ts';
import { type FiguresNow, outlookOf } from './outlook.ts';
import { Searches } from './patience.ts';
import { type Answers, answer, lookFor, type Question } from './questions.ts';
import { madeAnew, ReaderProcess } from './reader-process.ts';
import { type PagePart, placeBefore, type SumPart, stopOf } from './session-history.ts';
import { seriesCost } from './usage-series.ts';

/** Whoever asks; its signal is aborted when the connection is gone. */
export interface Asker {
  readonly signal: AbortSignal;
}

/** Answers about the past; nothing here changes anything. Each may throw `busy` while the history is made anew. */
export interface Queries {
  history(params: Params<'usage.history'>, asker?: Asker): Promise<Result<'usage.history'>>;
  sum(params: Params<'usage.sum'>, asker?: Asker): Promise<Result<'usage.sum'>>;
  /** Changes, and of `alerts` those of that time. */
  changes(params: Params<'usage.changes'>, alerts: readonly ToldAlert[]): Promise<Result<'usage.changes'>>;
  lastReading(): Promise<Result<'usage.last_reading'>>;
  stats(params: Params<'usage.stats'>, asker?: Asker): Promise<Result<'usage.stats'>>;
  series(params: Params<'usage.series'>, asker?: Asker): Promise<Result<'usage.series'>>;
  conversations(params: Params<'usage.conversations'>, asker?: Asker): Promise<Result<'usage.conversations'>>;
  forecast(): Promise<Result<'usage.forecast'>>;
  /** At once; `undefined` while the history is made anew. */
  forecastNow(): Result<'usage.forecast'> | undefined;
  /** Consumption since the beginning, over all restarts of the counter, at once; `undefined` while the history is made anew. */
  recordedTokens(): number | undefined;
  estimateAccuracy(): Promise<Result<'usage.estimate_accuracy'>>;
  /** Refuses whoever still waits. */
  close(): Promise<void>;
}

/** The history as a database. */
export interface HistorySource {
  /** By the daemon's own connection, for what is answered at once. */
  readonly reader: HistoryReader;
  /** For other processes; `undefined` where they cannot read it. */
  readonly path: string | undefined;
  /** Resolves when everything committed so far is in the database. */
  settled(): Promise<void>;
  /** Changes with every database that takes the place of another. */
  readonly generation: number;
}

export interface QueryOptions {
  readonly now?: () => number;
  /** The budget's settings as they hold now; a plain counter without a period by default. */
  readonly budget?: () => BudgetSettings;
  /** The database is at fault. */
  readonly onFault?: (error: Error) => void;
  /** Told why the process broke that looks far back. */
  readonly onCrash?: (cause: Error) => void;
  /** More sessions than this are looked at by a process of its own. */
  readonly mostHere?: number;
  /** The process ends after so long without a question. */
  readonly idleMs?: number;
}

/** Sessions that are looked at one by one in some milliseconds, … */
const MOST_HERE = 5_000;
/** … and in blocks, of which one is looked at so much faster. */
const BLOCKS_FASTER = 8;

const IDLE_MS = 60_000;

/** Answers from the history: at once what costs little, by a process of its own what would keep everything else waiting. */
export function createQueries(source: HistorySource, monitor: FiguresNow, options: QueryOptions = {}): Queries {
  const {
    now = Date.now,
    budget = () => PLAIN_BUDGET,
    onFault = () => undefined,
    onCrash = () => undefined,
    mostHere = MOST_HERE,
    idleMs = IDLE_MS,
  } = options;
  const far = new ReaderProcess({ path: () => source.path, onCrash, idleMs });
  const most = () => (source.path === undefined ? Number.POSITIVE_INFINITY : mostHere);
  const searches = new Searches();
  let isClosed = false;

  return {
    history: (params, asker) =>
      told(async () => {
        const question = {
          asked: 'page',
          params,
          head: { held: 0 },
          from: placeBefore(params.before),
          nowMs: now(),
        } as const;
        const page = await look(question, params, asker, (near: PagePart) => {
          const { sessions, last } = near;
          return { ...question, head: { held: sessions.length, ...(last !== undefined && { last }) } };
        });
        const sessions = page.flatMap((part) => part.sessions);
        const { ended, last } = page.at(-1)!;
        return { sessions, ...(ended.how === 'asked' ? { next: last! } : stopOf(ended)) };
      }),
    sum: (params, asker) =>
      told(async () => {
        const { query, sync_type, before } = params;
        const isByBlock = query === undefined && sync_type === undefined && before === undefined;
        if (isByBlock) return byBlock({ asked: 'sumOver', params, nowMs: now() }, sessionsOf, asker);
        const question = { asked: 'sum', params, head: NOTHING, from: placeBefore(before), nowMs: now() } as const;
        const parts = await look(question, params, asker, ({ readings, tokens }: SumPart) => ({
          ...question,
          head: { readings, tokens },
        }));
        const { readings, tokens, ended } = parts.at(-1)!;
        return { readings, tokens, ...stopOf(ended) };
      }),
    changes: (params, alerts) => told(() => changesOf(source.reader, alerts, params)),
    lastReading: async () => {
      const { unreadable: _, ...last } = await told(() => lastReadingOf(source.reader));
      return last;
    },
    stats: (params, asker) => told(() => byBlock({ asked: 'stats', params, nowMs: now() }, sessionsOf, asker)),
    series: (params, asker) =>
      told(() =>
        byBlock(
          { asked: 'series', params, nowMs: now() },
          ({ params: asked, nowMs }) => seriesCost(source.reader, asked, nowMs),
          asker,
        ),
      ),
    conversations: (params, asker) =>
      told(() => byBlock({ asked: 'conversations', params, nowMs: now() }, sessionsOf, asker)),
    forecast: async () => {
      const { unreadable: _, ...answered } = await told(forecast);
      return answered;
    },
    forecastNow: () => atOnce(forecast),
    recordedTokens: () => atOnce(() => recordedTokens(source.reader)),
    estimateAccuracy: () => told(() => accuracyOf(compareEstimates(readingsWithEstimates(source.reader)))),
    async close() {
      isClosed = true;
      await far.close();
    },
  };

  /** Of a history that is here. */
  function atOnce<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (faultOf(error)) onFault(error as Error);
      else if (!(error instanceof HistoryUnready)) throw error;
      return undefined;
    }
  }

  function forecast(): Result<'usage.forecast'> {
    return outlookOf(source.reader, monitor, budget(), now());
  }

  /** An answer of everything committed so far, with how many entries it lacks, where it lacks any; asked again where another database took the place of the one asked. */
  async function told<T extends object>(answerOf: () => T | Promise<T>): Promise<T & { unreadable?: number }> {
    for (let attempt = 0; ; attempt++) {
      await source.settled();
      const { generation } = source;
      try {
        const found = await withLost(answerOf);
        if (source.generation === generation) return found;
      } catch (error) {
        // The database may be gone by now.
        if (isClosed) throw stopping();
        // What was the fault of the one before is none of the one that took its place.
        const fault = faultOf(error);
        if (fault && source.generation === generation) onFault(error as Error);
        const isToBeAskedAgain = source.generation !== generation || fault === 'busy';
        if (!isToBeAskedAgain || attempt === MOST_ATTEMPTS) throw fault ? madeAnew(error) : error;
      }
      if (attempt === MOST_ATTEMPTS) throw madeAnew(undefined);
    }
  }

  async function withLost<T extends object>(answerOf: () => T | Promise<T>): Promise<T & { unreadable?: number }> {
    const found = await answerOf();
    const { lost } = source.reader;
    return lost > 0 ? { ...found, unreadable: lost } : found;
  }

  function sessionsOf({ params, nowMs }: Question<'sumOver' | 'stats' | 'conversations'>): number {
    return sessionsIn(source.reader, stretchOf(params, nowMs));
  }

  async function byBlock<A extends 'sumOver' | 'stats' | 'conversations' | 'series'>(
    question: Question<A>,
    costOf: (question: Question<A>) => number,
    asker: Asker | undefined,
  ): Promise<Answers[A]> {
    if (costOf(question) <= most() * BLOCKS_FASTER) return answer(source.reader, question);
    return far.ask(question, { signal: asker?.signal });
  }

  /** Looks back here, and in the process from where that would take too long; what either found. */
  async function look<A extends 'page' | 'sum'>(
    question: Question<A>,
    asked: Params<'usage.sum'>,
    asker: Asker | undefined,
    rest: (near: Answers[A]) => Omit<Question<A>, 'from'>,
  ): Promise<Answers[A][]> {
    const patience = searches.begin(asked, asker?.signal);
    const near = await lookFor(source.reader, question, {
      most: most(),
      isOver: patience.isOver,
      throwIfGone: () => asker?.signal.throwIfAborted(),
    });
    const { ended } = near;
    if (ended.how !== 'far') return [near];
    const further = { ...rest(near), from: ended.from } as Question<A>;
    const found = await far.ask(further, {
      signal: asker?.signal,
      patienceMs: patience.leftMs(),
      onAsked: patience.onEnd,
    });
    return [near, found];
  }
}

/** A history that is exchanged more often while one question is answered has other troubles. */
const MOST_ATTEMPTS = 3;

const NOTHING = { readings: 0, tokens: 0 };

function lastReadingOf(reader: HistoryReader): Result<'usage.last_reading'> {
  const row = reader.lastReading();
  if (!row) return {};
  const last = sessionOf(row);
  const at = instantOf(last);
  return { session: shownSession(last, row.counted), ...(at !== undefined && { at }) };
}
