/** What both entries of the SDK export besides their `TokenSyncManager`. */
export { type FailureKind, TokenSyncError } from '../../protocol/errors.ts';
export type { Bilingual, Language } from '../../protocol/language.ts';
export type {
  Alert,
  Change,
  Forecast,
  Params,
  Receipt,
  Result,
  Session,
  SyncType,
  Usage,
} from '../../protocol/methods.ts';
export { formatTokens, parseTokenValue } from '../../protocol/token-value.ts';
export type {
  AlertItem,
  ChangeItem,
  ConnectionItem,
  SnapshotItem,
  Subscription,
  SubscriptionItem,
} from './connection/subscription.ts';
export type { Conversation, ImportSession, RecordOptions, SubscribeOptions } from './manager.ts';
