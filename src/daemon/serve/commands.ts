import { TokenSyncError } from '../../protocol/errors.ts';
import type { Language } from '../../protocol/language.ts';
import type { MethodName, Params, Receipt, Result } from '../../protocol/methods.ts';
import { validateParams } from '../../protocol/validate.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { LiveBudget } from '../budget/live-budget.ts';
import { setBudget } from '../budget/set-budget.ts';
import type { Estimator } from '../estimate/estimator.ts';
import type { LiveMeters } from '../meters/live/live-meters.ts';
import type { Monitor } from '../monitor.ts';
import { newId } from '../new-id.ts';
import { type OfferedReading, toReading, writingOf } from '../offered-reading.ts';
import { type ImportItem, importOperation, recordOperation, restoreOperation, undoOperation } from '../operations.ts';
import type { Queries } from '../queries/queries.ts';
import type { VerdictTurn } from '../queries/verdict-turn.ts';
import type { Source } from '../rules/change.ts';
import type { LiveSettings } from '../settings/live-settings.ts';
import type { Subscriber } from '../subscribers.ts';
import { METER_COMMANDS } from './meter-commands.ts';
import { needsSocket } from './needs-socket.ts';
import { SETTING_COMMANDS } from './setting-commands.ts';

/** The parts of the daemon that the commands work on. */
export interface Services {
  readonly monitor: Monitor;
  readonly queries: Queries;
  readonly budget: LiveBudget;
  readonly verdict: VerdictTurn;
  readonly alerts: Pick<Alerts, 'standing' | 'latest'>;
  readonly estimator: Estimator;
  readonly settings: LiveSettings;
  readonly meters: LiveMeters;
  /** Records the clipboard's content; without a language in that of the daemon. */
  readonly syncClipboard: (event: string | undefined, language: Language | undefined) => Promise<Receipt>;
  /** A one-time code for the dashboard, where one is needed. */
  readonly pageCode: () => string | undefined;
  readonly info: () => Result<'daemon.info'>;
  readonly shutdown: () => void;
}

export interface Caller {
  readonly source: Source;
  /** The language that the caller prefers to read. */
  readonly language?: Language;
  /** Aborted when the caller has gone away. */
  readonly signal: AbortSignal;
  /** Told of changes; absent where nothing can be pushed. */
  readonly subscriber?: Subscriber;
}

/** Carries a method out with params that are checked; throws a `TokenSyncError` to refuse. */
type Command<M extends MethodName> = (
  services: Services,
  params: Params<M>,
  caller: Caller,
) => Result<M> | Promise<Result<M>>;

/** Every method of the contract. */
const COMMANDS: { readonly [M in MethodName]: Command<M> } = {
  'usage.get': getUsage,
  'usage.record': record,
  'usage.undo': undo,
  'usage.last_reading': lastReading,
  'usage.import': importSessions,
  'usage.set_total': setTotal,
  'usage.restore': restore,
  'usage.history': history,
  'usage.sum': sum,
  'usage.changes': changes,
  'usage.stats': stats,
  'usage.series': series,
  'usage.conversations': conversations,
  'usage.forecast': forecast,
  'usage.estimate_accuracy': estimateAccuracy,
  'usage.subscribe': subscribe,
  'usage.unsubscribe': unsubscribe,
  'conversation.estimate': estimate,
  'conversation.record': recordConversation,
  'clipboard.sync': syncClipboard,
  ...SETTING_COMMANDS,
  ...METER_COMMANDS,
  'daemon.info': info,
  'dashboard.code': dashboardCode,
  'daemon.shutdown': shutdown,
  'rpc.discover': discover,
};

/** Methods that only wait for the disk: a batch of them is handed over at once and shares a commit, in order. */
export const COMMITTING: ReadonlySet<string> = new Set<MethodName>([
  'usage.record',
  'usage.undo',
  'usage.import',
  'usage.set_total',
]);

/** Checks the params against the contract and carries the call out; throws a `TokenSyncError` to refuse. */
export type Commands = <M extends MethodName>(method: M, params: unknown, caller: Caller) => Promise<Result<M>>;

/** The commands of one daemon. */
export function createCommands(services: Services): Commands {
  return async (method, params, caller) => await COMMANDS[method](services, validateParams(method, params), caller);
}

function getUsage({ monitor }: Services): Result<'usage.get'> {
  return monitor.usage();
}

async function record(
  { monitor, verdict }: Services,
  { ask, sync_type = 'manual', ...offered }: Params<'usage.record'>,
  { source }: Caller,
): Promise<Receipt> {
  const asked = ask ? writingOf(offered.tokens) : undefined;
  const recorded = () => monitor.submit(recordOperation(toReading(offered, sync_type), source, asked));
  return ask ? await verdict.beside(recorded) : await recorded();
}

function undo({ monitor }: Services, { id = newId(), reading }: Params<'usage.undo'>, { source }: Caller) {
  return monitor.submit(undoOperation(id, source, reading));
}

function lastReading({ queries }: Services) {
  return queries.lastReading();
}

function importSessions({ monitor }: Services, { sessions }: Params<'usage.import'>, { source }: Caller) {
  return monitor.submit(importOperation(sessions.map(toImportItem), source));
}

function setTotal(services: Services, params: Params<'usage.set_total'>, { source }: Caller) {
  return setBudget(services, params, source);
}

async function restore(
  { monitor }: Services,
  { content, event = DEFAULT_RESTORE, id = newId() }: Params<'usage.restore'>,
  { source }: Caller,
): Promise<Receipt> {
  const tokens = await monitor.submit(restoreOperation(content, source));
  return await monitor.submit(recordOperation(toReading({ tokens, event, id }, 'correction'), source));
}

function history({ queries }: Services, params: Params<'usage.history'>, caller: Caller) {
  return queries.history(params, caller);
}

function sum({ queries }: Services, params: Params<'usage.sum'>, caller: Caller) {
  return queries.sum(params, caller);
}

function changes({ queries, alerts }: Services, params: Params<'usage.changes'>) {
  return queries.changes(params, alerts.latest);
}

function stats({ queries }: Services, params: Params<'usage.stats'>, caller: Caller) {
  return queries.stats(params, caller);
}

function series({ queries }: Services, params: Params<'usage.series'>, caller: Caller) {
  return queries.series(params, caller);
}

function conversations({ queries }: Services, params: Params<'usage.conversations'>, caller: Caller) {
  return queries.conversations(params, caller);
}

function forecast({ queries }: Services) {
  return queries.forecast();
}

function estimateAccuracy({ queries }: Services) {
  return queries.estimateAccuracy();
}

function subscribe({ monitor, alerts }: Services, last: Params<'usage.subscribe'>, { subscriber, signal }: Caller) {
  if (!subscriber) throw needsSocket();
  // In a batch its turn may come when the peer has gone, and nobody would end it any more.
  signal.throwIfAborted();
  return { ...monitor.subscribe(subscriber, last), alerts: alerts.standing() };
}

function unsubscribe({ monitor }: Services, _: Params<'usage.unsubscribe'>, { subscriber }: Caller) {
  if (subscriber) monitor.unsubscribe(subscriber);
  return {};
}

async function estimate(
  { estimator }: Services,
  { user_message, assistant_message, encoding = 'o200k_base' }: Params<'conversation.estimate'>,
  { signal }: Caller,
): Promise<Result<'conversation.estimate'>> {
  const texts = [user_message, assistant_message];
  const [user_tokens = 0, assistant_tokens = 0] = await estimator.count(texts, encoding, signal);
  return { user_tokens, assistant_tokens, total_tokens: user_tokens + assistant_tokens, encoding };
}

async function recordConversation(
  services: Services,
  { event = '对话', conversation_id, id, ...messages }: Params<'conversation.record'>,
  caller: Caller,
): Promise<Result<'conversation.record'>> {
  const { user_tokens, assistant_tokens, total_tokens } = await estimate(services, messages, caller);
  const fields = {
    event,
    ...(conversation_id !== undefined && { conversation_id }),
    ...(id !== undefined && { id }),
  };
  const reading = toReading({ tokens: total_tokens, ...fields }, 'estimate');
  const receipt = await services.monitor.submit(recordOperation(reading, caller.source));
  return { ...receipt, session_tokens: total_tokens, user_tokens, assistant_tokens };
}

function syncClipboard(services: Services, { event }: Params<'clipboard.sync'>, { source, language }: Caller) {
  return services.syncClipboard(event, source === 'rest' ? language : undefined);
}

function info(services: Services) {
  return services.info();
}

function dashboardCode({ pageCode }: Services): Result<'dashboard.code'> {
  const code = pageCode();
  return code === undefined ? {} : { code };
}

function shutdown(services: Services) {
  services.shutdown();
  return {};
}

async function discover(services: Services) {
  // Loaded when it is asked for: hardly anybody does.
  return (await import('./openrpc.ts')).openRpcDocument(services.info().version);
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
