/** The exports of both entries of the SDK besides their `TokenSyncManager`. */
export { type FailureDetails, type FailureKind, TokenSyncError } from '../../protocol/errors.ts';
export type { Bilingual, Language } from '../../protocol/language.ts';
export type {
  Alert,
  Bucket,
  BudgetPeriod,
  Change,
  ConversationReceipt,
  DaemonInfo,
  Estimate,
  EstimateAccuracy,
  Forecast,
  HistoryPage,
  HistoryQuery,
  ImportResult,
  ImportSession,
  MethodName,
  NotificationName,
  NotificationParams,
  Params,
  Receipt,
  Result,
  Session,
  SessionType,
  SkippedSession,
  Stats,
  StatsQuery,
  SyncType,
  ToldAlert,
  ToldChange,
  Touched,
  Usage,
  Warning,
} from '../../protocol/methods.ts';
export {
  formatTokens,
  type ParsedTokenValue,
  parseTokenValue,
  type RefusalReason,
} from '../../protocol/token-value.ts';
export type {
  AlertItem,
  ChangeItem,
  ConnectionItem,
  SnapshotItem,
  Subscription,
  SubscriptionItem,
} from './connection/subscription.ts';
export type { BudgetOptions, Conversation, RecordOptions, SubscribeOptions } from './manager.ts';
