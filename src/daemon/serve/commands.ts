import { TokenSyncError } from '../../protocol/errors.ts';
import type { Language } from '../../protocol/language.ts';
import type { MethodName, Params, Receipt, Result } from '../../protocol/methods.ts';
import { validateParams } from '../../protocol/validate.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { Estimator } from '../estimate/estimator.ts';
import type { Monitor } from '../monitor.ts';
import { newId } from '../new-id.ts';
import { type OfferedReading, toReading, writingOf } from '../offered-reading.ts';
import {
  type ImportItem,
  importOperation,
  recordOperation,
  restoreOperation,
  totalOperation,
  undoOperation,
} from '../operations.ts';
import type { Queries } from '../queries/queries.ts';
import type { Source } from '../rules/change.ts';
import type { Subscriber } from '../subscribers.ts';

/** What the commands work on. */
export interface Services {
  readonly monitor: Monitor;
  readonly queries: Queries;
  readonly alerts: Pick<Alerts, 'standing' | 'latest'>;
  readonly estimator: Estimator;
  /** Records what the clipboard holds; without a language in that of the daemon. */
  readonly syncClipboard: (event: string | undefined, language: Language | undefined) => Promise<Receipt>;
  /** A one-time code for the dashboard, where one is needed. */
  readonly pageCode: () => string | undefined;
  readonly info: () => Result<'daemon.info'>;
  readonly shutdown: () => void;
}

/** Who calls. */
export interface Caller {
  readonly source: Source;
  /** What the caller prefers to read. */
  readonly language?: Language;
  /** Aborted when the caller has gone away. */
  readonly signal: AbortSignal;
  /** Where changes are told; absent where nothing can be pushed. */
  readonly subscriber?: Subscriber;
}

/** Every method of the contract. */
export type Commands = { readonly [M in MethodName]: (params: Params<M>, caller: Caller) => Promise<Result<M>> };

/** Methods that only wait for the disk: a batch of them is handed over at once and shares a commit, in order. */
export const COMMITTING: ReadonlySet<string> = new Set<MethodName>([
  'usage.record',
  'usage.undo',
  'usage.import',
  'usage.set_total',
]);

/** Checks the params against the contract and carries the call out; throws a `TokenSyncError` to refuse. */
export async function call<M extends MethodName>(commands: Commands, method: M, params: unknown, caller: Caller) {
  return await commands[method](validateParams(method, params), caller);
}

/** The one table of what the daemon can do. */
export function createCommands(services: Services): Commands {
  const { monitor, queries, alerts, estimator, syncClipboard, pageCode, info, shutdown } = services;
  const estimate = async (params: Params<'conversation.estimate'>, { signal }: Caller) => {
    const { user_message, assistant_message, encoding = 'o200k_base' } = params;
    const [user_tokens = 0, assistant_tokens = 0] = await estimator.count(
      [user_message, assistant_message],
      encoding,
      signal,
    );
    return { user_tokens, assistant_tokens, total_tokens: user_tokens + assistant_tokens, encoding };
  };
  return {
    'usage.get': async () => monitor.usage(),
    'usage.record': ({ ask, sync_type = 'manual', ...offered }, { source }) => {
      const asked = ask ? writingOf(offered.tokens) : undefined;
      return monitor.submit(recordOperation(toReading(offered, sync_type), source, asked));
    },
    'usage.undo': ({ id = newId(), reading }, { source }) => monitor.submit(undoOperation(id, source, reading)),
    'usage.last_reading': async () => queries.lastReading(),
    'usage.import': ({ sessions }, { source }) => monitor.submit(importOperation(sessions.map(toImportItem), source)),
    'usage.set_total': ({ total }, { source }) => monitor.submit(totalOperation(total, source)),
    'usage.restore': async ({ content, event = DEFAULT_RESTORE, id = newId() }, { source }) => {
      const tokens = await monitor.submit(restoreOperation(content, source));
      return await monitor.submit(recordOperation(toReading({ tokens, event, id }, 'correction'), source));
    },
    'usage.history': (params) => queries.history(params),
    'usage.sum': (params) => queries.sum(params),
    'usage.changes': async (params) => queries.changes(params, alerts.latest),
    'usage.stats': async (params) => queries.stats(params),
    'usage.series': async (params) => queries.series(params),
    'usage.conversations': async (params) => queries.conversations(params),
    'usage.forecast': async () => queries.forecast(),
    'usage.estimate_accuracy': () => queries.estimateAccuracy(),
    'usage.subscribe': async (last, { subscriber, signal }) => {
      if (!subscriber) throw needsSocket();
      // In a batch its turn may come when the peer has gone, and nobody would end it any more.
      signal.throwIfAborted();
      return { ...monitor.subscribe(subscriber, last), alerts: alerts.standing() };
    },
    'usage.unsubscribe': async (_, { subscriber }) => {
      if (subscriber) monitor.unsubscribe(subscriber);
      return {};
    },
    'conversation.estimate': (params, caller) => estimate(params, caller),
    'conversation.record': async ({ event = '对话', conversation_id, id, ...messages }, caller) => {
      const { user_tokens, assistant_tokens, total_tokens } = await estimate(messages, caller);
      const fields = {
        event,
        ...(conversation_id !== undefined && { conversation_id }),
        ...(id !== undefined && { id }),
      };
      const reading = toReading({ tokens: total_tokens, ...fields }, 'estimate');
      const receipt = await monitor.submit(recordOperation(reading, caller.source));
      return { ...receipt, session_tokens: total_tokens, user_tokens, assistant_tokens };
    },
    'clipboard.sync': ({ event }, { source, language }) =>
      syncClipboard(event, source === 'rest' ? language : undefined),
    'daemon.info': async () => info(),
    'dashboard.code': async () => {
      const code = pageCode();
      return code === undefined ? {} : { code };
    },
    'daemon.shutdown': async () => {
      shutdown();
      return {};
    },
    // Loaded when it is asked for: hardly anybody does.
    'rpc.discover': async () => (await import('./openrpc.ts')).openRpcDocument(info().version),
  };
}

const DEFAULT_RESTORE = '恢复副本';

function toImportItem(offered: OfferedReading): ImportItem {
  // Skipped by the rule for counts that are not above 0, where it is told apart from a value that nobody can read.
  if (typeof offered.tokens === 'number' && offered.tokens < 0) return { refusal: 'tokens must be above 0' };
  try {
    return { reading: toReading(offered, 'import') };
  } catch (error) {
    if (error instanceof TokenSyncError) return { refusal: error.text.en };
    throw error;
  }
}

function needsSocket(): TokenSyncError {
  return new TokenSyncError(
    'invalid_params',
    { zh: '订阅需要 WebSocket 连接', en: 'a subscription needs a WebSocket connection' },
    { hint: { zh: '请连接 ws://…/rpc', en: 'connect to ws://…/rpc' } },
  );
}
