import { ulid } from 'ulid';
import { TokenSyncError } from '../../protocol/errors.ts';
import type {
  ConversationReceipt,
  Forecast,
  HistoryPage,
  HistoryQuery,
  ImportResult,
  ImportSession,
  Meters,
  MethodName,
  Params,
  Receipt,
  Result,
  Stats,
  StatsQuery,
  SyncType,
  Usage,
} from '../../protocol/methods.ts';
import { explainRefusal, parseTokenValue } from '../../protocol/token-value.ts';
import { given } from '../../shared/given.ts';
import {
  type LiveItem,
  type OpenConnection,
  type Subscription,
  subscribe,
  subscribeWithMeters,
} from './connection/subscription.ts';
import { sumOfChunks } from './countable-chunks.ts';
import { importInChunks } from './import-chunks.ts';
import { closed, KeptConnection } from './kept-connection.ts';
import type { Platform } from './platform.ts';

/** The details of a reading besides its value and event. */
export interface RecordOptions {
  readonly conversationId?: string;
  /** The same id again returns the first receipt; made by the SDK where none is given. */
  readonly id?: string;
  /** `manual` by default: the value is the counter's present total. */
  readonly syncType?: SyncType;
  /** When it was, if not now. */
  readonly timestamp?: string;
  /** A person is there to be asked: an implausible value is refused with a `question`, and recorded after a yes by the same call without this. */
  readonly ask?: boolean;
}

/** A conversation whose tokens are to be counted and added. */
export interface Conversation {
  readonly userMessage: string;
  readonly assistantMessage: string;
  readonly event?: string;
  readonly conversationId?: string;
  readonly id?: string;
}

export interface BudgetOptions {
  /** When the budget begins anew: `15`, `7d`, `2026-01-31`, `2025-11-03/7d` or `never`; as it is when absent. */
  readonly period?: string;
}

export interface SubscribeOptions {
  /** Start a daemon when it has gone, instead of waiting until somebody does; false by default. */
  readonly startAgain?: boolean;
}

/**
 * The token figure, from a program: every method is one call to the daemon and throws its `TokenSyncError`.
 * Options are in camelCase; results, `HistoryQuery` and `StatsQuery` have the field names of the wire, in snake_case.
 * A call whose connection is lost is made again, for up to 15 s, under the same id, so that nothing is counted twice.
 */
export class Manager {
  readonly #platform: Platform;
  readonly #mayStart: boolean;
  readonly #connection: KeptConnection;
  readonly #subscriptions = new Set<Subscription<LiveItem>>();

  constructor(platform: Platform, { autoStart }: { readonly autoStart: boolean }) {
    this.#platform = platform;
    this.#mayStart = autoStart;
    this.#connection = new KeptConnection(platform, { mayStart: autoStart });
  }

  /** Records a value, a number or a text as people write it; resolves when it is durable. */
  record(value: number | string, event?: string, options: RecordOptions = {}): Promise<Receipt> {
    const { conversationId, id = ulid(), syncType, timestamp, ask } = options;
    const fields = { event, conversation_id: conversationId, sync_type: syncType, timestamp, ask };
    return this.#connection.repeat('usage.record', { tokens: value, id, ...given(fields) });
  }

  /** Counts the tokens of a conversation and adds them; resolves when that is durable. */
  recordConversation(conversation: Conversation): Promise<ConversationReceipt> {
    const { userMessage, assistantMessage, event, conversationId, id = ulid() } = conversation;
    const messages = { user_message: userMessage, assistant_message: assistantMessage };
    return this.#connection.repeat('conversation.record', {
      ...messages,
      id,
      ...given({ event, conversation_id: conversationId }),
    });
  }

  /** The usage as it stands. */
  usage(): Promise<Usage> {
    return this.#connection.repeat('usage.get', {});
  }

  /**
   * Adds past counts, in as many calls as their size needs, and sums the results; `index` in `skipped` is that of the
   * list given. Each call is all or nothing: when a later one fails, the earlier ones stand, and the same list is safe
   * to import again only if its sessions carry ids.
   */
  import(sessions: readonly ImportSession[]): Promise<ImportResult> {
    return importInChunks(sessions, (chunk) => this.#connection.repeat('usage.import', { sessions: chunk }));
  }

  /** The older name of `record`. */
  quickRecord(value: number | string, event?: string, options?: RecordOptions): Promise<Receipt> {
    return this.record(value, event, options);
  }

  /** The older name of `recordConversation`. */
  autoRecordConversation(conversation: Conversation): Promise<ConversationReceipt> {
    return this.recordConversation(conversation);
  }

  /** The older name of `usage`. */
  getCurrentUsage(): Promise<Usage> {
    return this.usage();
  }

  /** The older name of `import`. */
  batchImportSessions(sessions: readonly ImportSession[]): Promise<ImportResult> {
    return this.import(sessions);
  }

  /** How many tokens a text of any length has, in `o200k_base`; nothing is recorded. */
  estimateTokens(text: string): Promise<number> {
    return sumOfChunks(text, async (chunk) => {
      const messages = { user_message: chunk, assistant_message: '' };
      return (await this.#connection.repeat('conversation.estimate', messages)).user_tokens;
    });
  }

  /** The value that a text tells, without a call; throws `value_refused` with the reason. */
  parseTokenValue(text: string): number {
    const parsed = parseTokenValue(text);
    if (parsed.ok) return parsed.tokens;
    throw new TokenSyncError('value_refused', explainRefusal(text), { hint: parsed.hint });
  }

  /** Every change from now on, across restarts of the daemon; the first item is a snapshot. */
  subscribe(options: SubscribeOptions = {}): Subscription {
    return this.#keep((onEnd) => subscribe(this.#opening(options), onEnd));
  }

  /** The same, and the live meters: all of them with each connection, then those that change. */
  subscribeWithMeters(options: SubscribeOptions = {}): Subscription<LiveItem> {
    return this.#keep((onEnd) => subscribeWithMeters(this.#opening(options), onEnd));
  }

  #opening({ startAgain = false }: SubscribeOptions): OpenConnection {
    return (isAgain, signal) => this.#platform.connect({ mayStart: isAgain ? startAgain : this.#mayStart, signal });
  }

  /** Ends a subscription with the manager, unless it has ended before. */
  #keep<S extends Subscription<LiveItem>>(begin: (onEnd: () => void) => S): S {
    if (this.#connection.isClosed) throw closed();
    const subscription = begin(() => this.#subscriptions.delete(subscription));
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** A page of the full history, newest first; `next` of the result is the `before` of the following page. */
  history(query: HistoryQuery = {}): Promise<HistoryPage> {
    return this.#connection.repeat('usage.history', query);
  }

  /** Takes back the last reading that has not been undone; throws `not_found` when there is none, or it is not the one that is named. */
  undo(reading?: string): Promise<Receipt> {
    return this.#connection.repeat('usage.undo', { id: ulid(), ...given({ reading }) });
  }

  /** Sets the budget, a whole number of tokens from 1, and its period where that is given. */
  setTotal(total: number, { period }: BudgetOptions = {}): Promise<Usage> {
    return this.#connection.repeat('usage.set_total', { total, ...given({ period }) });
  }

  /** The pace, and when the budget runs out at it. */
  forecast(): Promise<Forecast> {
    return this.#connection.repeat('usage.forecast', {});
  }

  /** Consumption and readings by hour, day, week or month. */
  stats(query: StatsQuery): Promise<Stats> {
    return this.#connection.repeat('usage.stats', query);
  }

  /** The figures of AI tools on this machine as they stand, and how each source does. */
  meters(): Promise<Meters> {
    return this.#connection.repeat('meters.get', {});
  }

  /** Any method of the contract, made once: a caller who repeats it sees to the id. */
  call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    return this.#connection.call(method, params);
  }

  /** Ends subscriptions and connection, also one that is not open yet; calls that wait for an answer reject. */
  async close(): Promise<void> {
    const ending = this.#connection.close();
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.return()));
    await ending;
  }
}
