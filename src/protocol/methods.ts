import * as z from 'zod/mini';
import * as field from './fields.ts';
import { MAX_IMPORT } from './limits.ts';
import * as meters from './meters.ts';
import * as settings from './settings-wire.ts';

/** The version of this contract, which grows when a change would break a client. */
export const PROTOCOL_VERSION = 2;

/** The oldest version whose clients a daemon serves; a client talks when its own lies between the two. */
export const PROTOCOL_MIN = 1;

const none = z.strictObject({});

export const usage = z.strictObject({
  used: field.count,
  total: field.count,
  percent: field.percent,
  remaining: z.number().check(z.meta({ description: '`total − used`; negative over budget.' })),
  sessions_count: field.count,
  last_updated: z.string(),
  revision: field.revision,
  mark: field.mark,
});

/** A session as the state file shows it; those of other programs may have any other shape. */
export const session = z.looseObject({
  id: z.optional(z.string()),
  timestamp: z.optional(z.string()),
  tokens: z.optional(z.unknown()),
  event: z.optional(z.string()),
  conversation_id: z.optional(z.string()),
  sync_type: z.optional(z.string()),
  total_used: z.optional(z.number()),
  reset: z.optional(z.boolean()),
  counted: z.optional(field.counted),
  flags: z.optional(z.array(field.readingFlag)),
  undone: z.optional(z.boolean()),
  at: z.optional(
    z.string().check(field.describe('There where `instants` asked for it: when a reading that was recorded here was.')),
  ),
});

/** The reading that was taken back, that a correction restates, or that a reading replaces because it was a slip. */
const touched = z.strictObject({
  id: z.string(),
  event: z.string(),
  increment: z.number(),
  timestamp: z.string(),
  total: z.optional(
    z.number().check(field.describe('Of an undo: the budget at the time of that reading, where it is another now.')),
  ),
});

const forecastReason = z.enum(['too_little_data', 'no_usage', 'exhausted', 'no_budget', 'beyond_horizon', 'context']);

const budgetPeriod = z.strictObject({
  starts_at: z.string(),
  ends_at: z.string().check(field.describe('The reset: the local midnight at which the budget begins anew.')),
  days_left: field.count.check(field.describe('Local days up to the reset, today with them.')),
  expected_percent: z.number().check(field.describe('The share of the period that has passed, to two decimals.')),
  allowance_per_day: field.count.check(
    field.describe('What was left when the local day began, divided by the days left; rounded down.'),
  ),
  allowance_today: field.count.check(field.describe('The same less the consumption of today, never below 0.')),
  verdict: z
    .enum(['lasts', 'tight', 'short', 'unknown'])
    .check(
      field.describe(
        '`short`: the budget runs out before the reset · `tight`: it does at the earliest date of the range · `lasts` · `unknown`, with the reason.',
      ),
    ),
  spare_days: z.optional(
    z.number().check(field.describe('How long the budget outlasts the reset; below 0 where it does not reach it.')),
  ),
  reason: z.optional(z.enum([...forecastReason.options, 'no_reading_in_period'])),
});

export const receipt = z.strictObject({
  success: z.literal(true),
  id: z.string(),
  total_used: field.count,
  increment: z.number(),
  total: field.count.check(field.describe('The budget at the time.')),
  percent: field.percent,
  revision: field.revision,
  duplicate: z.optional(
    z.literal(true).check(field.describe('The id was recorded before; this is its first receipt.')),
  ),
  reset: z.optional(z.literal(true).check(field.describe('The counter has started anew.'))),
  rounded: z.optional(
    z.literal(true).check(field.describe('The value was the present figure, rounded, and left it as it is.')),
  ),
  counted: z.optional(field.counted),
  flags: z.optional(z.array(field.readingFlag)),
  touched: z.optional(touched),
  period: z
    .optional(budgetPeriod)
    .check(field.describe('With `ask`, where the verdict is another than with the receipt before that asked.')),
  state_file: z.optional(field.behind),
});

export const change = z.strictObject({
  revision: field.revision,
  previous_revision: field.revision.check(field.describe('The revision of the change before this one.')),
  mark: field.mark,
  usage,
  session: z.optional(session),
  at: z.optional(
    field.at.check(
      field.describe('An instant, ISO 8601 in UTC: of a reading its own time, of anything else that of the commit.'),
    ),
  ),
  cause: z.enum(['reading', 'undo', 'import', 'total', 'edit']),
});

export const forecast = z.strictObject({
  tokens_per_day: z.number(),
  exhausts_at: z.nullable(z.string()),
  basis_days: z.number(),
  range: z.optional(
    z.strictObject({
      tokens_per_day_low: z.number(),
      tokens_per_day_high: z.number(),
      earliest: z.nullable(z.string()),
      latest: z.nullable(z.string()),
    }),
  ),
  reason: z.optional(forecastReason),
  period: z.optional(budgetPeriod).check(field.describe('There where the budget has a period (`budget.period`).')),
  turns_left: z
    .optional(field.count)
    .check(
      field.describe(
        'For a budget of the kind `context`: how many turns like the last ones fit into the conversation; there once any are known.',
      ),
    ),
});

export const estimateAccuracy = z.strictObject({
  comparisons: field.count,
  estimated_tokens: z.number(),
  actual_tokens: z.number(),
  error_percent: z.nullable(z.number()),
  median_error_percent: z.nullable(z.number()),
  unreadable: z.optional(field.unreadable),
});

export const alert = z.strictObject({
  level: z.number().check(z.meta({ description: 'The threshold that was crossed, in percent; 100 for a forecast.' })),
  percent: field.percent,
  forecast: z
    .optional(forecast)
    .check(
      field.describe(
        'There where usage has crossed nothing, but the forecast says that the budget ends before its period.',
      ),
    ),
  period_ends_at: z.optional(z.string()),
  revision: field.revision,
});

/** A committed change as it is told afterwards. */
export const toldChange = z.strictObject({
  revision: field.revision,
  at: z.string().check(z.meta({ description: 'The instant of the commit in UTC, ISO 8601.' })),
  cause: change.shape.cause,
  used: field.count,
  total: field.count,
  increment: z.number().check(z.meta({ description: 'How far it moved `used`; below 0 where that fell.' })),
  session: z
    .optional(session)
    .check(field.describe('The reading, with what it counts by now, or the one that an undo took back.')),
  sessions: z.optional(field.count.check(field.describe('How many sessions an import or an edit brought.'))),
});

export const toldAlert = z.strictObject({
  ...alert.shape,
  at: z.string().check(z.meta({ description: 'When it was told, in UTC, ISO 8601.' })),
});

const reading = {
  event: z.optional(field.event),
  conversation_id: z.optional(field.conversationId),
  id: z.optional(field.readingId),
  timestamp: z.optional(field.timestamp),
};

const importSession = z.strictObject({ tokens: field.tokens, ...reading });

const skippedSession = z.strictObject({
  index: field.count.check(field.describe('Its place in the list, from 0.')),
  reason: z.string(),
});

const importResult = z.strictObject({
  success: z.literal(true),
  imported_count: field.count,
  skipped: z.array(skippedSession),
  total_tokens: field.count,
  current_usage: usage,
  state_file: z.optional(field.behind),
});

/** Which readings are looked for. */
const filter = {
  since: z.optional(field.timestamp),
  until: z.optional(field.timestamp),
  sync_type: z.optional(field.sessionType).check(field.describe('Readings of this kind alone.')),
  conversation_id: z.optional(field.conversationId).check(field.describe('Readings of this conversation alone.')),
  query: z.optional(field.query),
};

/** How far a search came that has not come to the end. */
const stopped = {
  next: z.optional(z.string()),
  looked_back_to: z
    .optional(z.string())
    .check(z.meta({ description: 'The time that was come to when the patience ended.' })),
};

const historyQuery = z.strictObject({
  ...filter,
  limit: z.optional(field.limit),
  before: z.optional(field.before),
  patience_ms: z.optional(field.patience),
  instants: z.optional(field.instants),
});

const historyPage = z.strictObject({
  sessions: z.array(session),
  ...stopped,
  unreadable: z.optional(field.unreadable),
});

const statsQuery = z.strictObject({
  bucket: field.bucket,
  since: z.optional(field.timestamp),
  until: z.optional(field.timestamp),
  time_zone: z.optional(field.timeZone),
});

const bucket = z.strictObject({
  start: z.string(),
  tokens: z.number().check(field.describe('Consumption.')),
  readings: field.count,
  set_aside: z.optional(field.setAside),
});

const stats = z.strictObject({ buckets: z.array(bucket), unreadable: z.optional(field.unreadable) });

const conversation = {
  user_message: field.message,
  assistant_message: field.message,
  encoding: z.optional(field.encoding),
};

const estimate = z.strictObject({
  user_tokens: field.count,
  assistant_tokens: field.count,
  total_tokens: field.count,
  encoding: field.encoding,
});

const conversationReceipt = z.strictObject({
  ...receipt.shape,
  session_tokens: field.count,
  user_tokens: field.count,
  assistant_tokens: field.count,
});

const warning = z.strictObject({ code: z.string(), zh: z.string(), en: z.string() });

const daemonInfo = z.strictObject({
  name: z.string(),
  version: z.string(),
  protocol: field.count,
  protocol_min: field.count,
  pid: field.count,
  started_at: z.string(),
  data_dir: z.string(),
  state_file: z.string(),
  drop_dir: z.string(),
  url: z.string(),
  command: z.optional(
    z
      .string()
      .check(
        field.describe(
          'How the command line is called on this machine, for hints: every text of the daemon names it `token-sync`.',
        ),
      ),
  ),
  total_is_set: z.optional(
    z
      .literal(true)
      .check(
        field.describe(
          'There once somebody has set the budget; until then no percentage of it is alerted of. While the history is made anew it may be missing because that is not known.',
        ),
      ),
  ),
  budget: z.optional(
    z
      .strictObject({
        period: z.string().check(field.describe('As `usage.set_total` takes it; `7d` is told with its first day.')),
        kind: z.enum(['counter', 'context']),
        renews: z.boolean(),
      })
      .check(field.describe('The settings of the budget; there where any is not the default.')),
  ),
  warnings: z.array(warning),
  alerts: z.array(alert),
});

/** THE CONTRACT: every method with its params and result. Validation, types, the OpenRPC document and PROTOCOL.md come from here. */
export const METHODS = {
  'usage.get': { summary: 'The usage as it stands.', params: none, result: usage },
  'usage.record': {
    summary: 'Records one reading; answered when it is durable and stands in the state file.',
    params: z.strictObject({
      tokens: field.tokens,
      ...reading,
      sync_type: z.optional(field.syncType),
      ask: z.optional(field.ask),
    }),
    result: receipt,
  },
  'usage.undo': {
    summary: 'Takes back the last reading that has not been undone.',
    params: z.strictObject({ id: z.optional(field.requestId), reading: z.optional(field.expectedReading) }),
    result: receipt,
  },
  'usage.last_reading': {
    summary:
      'The reading that an undo would take back, which need not be the newest by its time; none when there is none.',
    params: none,
    result: z.strictObject({ session: z.optional(session), at: z.optional(field.at) }),
  },
  'usage.import': {
    summary: 'Adds past counts, all or none of them; counts that are not above 0 are skipped.',
    params: z.strictObject({
      sessions: z
        .array(importSession)
        .check(
          z.maxLength(MAX_IMPORT),
          field.describe('Past counts; with an id each, a second import counts nothing twice.'),
        ),
    }),
    result: importResult,
  },
  'usage.set_total': {
    summary: 'Sets the budget, the period for which it is meant to last, or both.',
    params: z.strictObject({ total: z.optional(field.total), period: z.optional(field.period) }),
    result: usage,
  },
  'usage.restore': {
    summary:
      'Goes back to an older copy of the state file: its other members are taken over, then its `used` is recorded as a correction.',
    params: z.strictObject({ content: field.copy, event: z.optional(field.event), id: z.optional(field.readingId) }),
    result: receipt,
  },
  'usage.history': {
    summary: 'A page of the full history, newest first.',
    params: historyQuery,
    result: historyPage,
  },
  'usage.sum': {
    summary: 'Consumption and readings of all that `usage.history` would find, but for what was undone.',
    params: z.strictObject({
      ...filter,
      before: z.optional(field.before),
      patience_ms: z.optional(field.patience),
    }),
    result: z.strictObject({
      readings: field.count,
      tokens: z.number(),
      ...stopped,
      unreadable: z.optional(field.unreadable),
    }),
  },
  'usage.changes': {
    summary:
      'The latest committed changes, newest first: readings, undos, imports, budgets and edits; and the alerts of that time.',
    params: z.strictObject({ limit: z.optional(field.changeLimit) }),
    result: z.strictObject({
      changes: z.array(toldChange),
      alerts: z.array(toldAlert),
      unreadable: z.optional(field.unreadable),
    }),
  },
  'usage.stats': {
    summary:
      'Consumption and readings by hour, day, week (from Monday) or month; buckets without a reading are left out.',
    params: statsQuery,
    result: stats,
  },
  'usage.series': {
    summary:
      'The line of `used` and `total` as they stood after each change, oldest first, with what stood at `since`; what was told later than it was used stands at its own time, and of many changes there are those that show its shape.',
    params: z.strictObject({
      since: z.optional(field.timestamp),
      until: z.optional(field.timestamp),
      points: z.optional(field.points),
    }),
    result: z.strictObject({
      points: z.array(z.strictObject({ at: z.string(), used: field.count, total: field.count })),
      unreadable: z.optional(field.unreadable),
    }),
  },
  'usage.conversations': {
    summary:
      'Consumption and readings by conversation, the largest first and what names none last; those beyond the limit are one sum, `others`.',
    params: z.strictObject({
      since: z.optional(field.timestamp),
      until: z.optional(field.timestamp),
      limit: z.optional(field.conversationLimit),
    }),
    result: z.strictObject({
      conversations: z.array(
        z.strictObject({
          conversation_id: z.string(),
          tokens: z.number(),
          readings: field.count,
          last_at: z.string(),
        }),
      ),
      others: z.optional(z.strictObject({ conversations: field.count, tokens: z.number(), readings: field.count })),
      unreadable: z.optional(field.unreadable),
    }),
  },
  'usage.forecast': {
    summary:
      'The pace, when the budget runs out at it, and between which dates four times out of five; with a period also whether it lasts until the reset, and how much may be used a day.',
    params: none,
    result: forecast,
  },
  'usage.estimate_accuracy': {
    summary:
      'How far estimates were off, as far as manual values or corrections of the same conversation followed them; above 0 they were too high.',
    params: none,
    result: estimateAccuracy,
  },
  'usage.subscribe': {
    summary: 'The state now, and from then on every change as `usage.changed`; WebSocket only.',
    params: z.strictObject({
      since_revision: z.optional(field.revision).check(field.describe('The `revision` that was told last.')),
      since: z.optional(field.since),
    }),
    result: z.strictObject({
      revision: field.revision,
      mark: field.mark,
      usage,
      sessions: z.array(session),
      alerts: z.array(alert),
      changes: z.optional(z.array(change)),
    }),
  },
  'usage.unsubscribe': { summary: 'Ends the subscription of this connection.', params: none, result: none },
  'conversation.estimate': {
    summary: 'Counts the tokens of a conversation and records nothing.',
    params: z.strictObject(conversation),
    result: estimate,
  },
  'conversation.record': {
    summary: 'Counts the tokens of a conversation and adds them.',
    params: z.strictObject({
      ...conversation,
      event: z.optional(field.event),
      conversation_id: z.optional(field.conversationId),
      id: z.optional(field.readingId),
    }),
    result: conversationReceipt,
  },
  'clipboard.sync': {
    summary: 'Reads the system clipboard and records the value that stands there.',
    params: z.strictObject({ event: z.optional(field.event) }),
    result: receipt,
  },
  'settings.get': {
    summary: 'Every setting with its value, its default, where it was named, and what it is for.',
    params: none,
    result: settings.settings,
  },
  'settings.set': {
    summary:
      'Writes settings into `config.json`, all of them or none, checked as at a start; what can take effect at once does. Those that could run programs or open doors are refused here, and are set by `token-sync settings NAME VALUE` on the machine itself.',
    params: settings.settingsChange,
    result: settings.settingsChanged,
  },
  'meters.get': {
    summary: 'Every live meter as it stands, and the sources that are read.',
    params: none,
    result: meters.meters,
  },
  'meters.subscribe': {
    summary:
      'The same, and from then on what changes as `meters.changed`, at most four times a second a meter; WebSocket only.',
    params: meters.sinceSeq,
    result: meters.meters,
  },
  'meters.unsubscribe': { summary: 'Ends that subscription of this connection.', params: none, result: none },
  'meters.stats': {
    summary: 'What the counters counted, by what is asked for.',
    params: meters.statsQuery,
    result: meters.stats,
  },
  'meters.report': {
    summary: 'Takes the context and the limits that a tool told a statusline, a hook or another program.',
    params: meters.report,
    result: none,
  },
  'daemon.info': {
    summary: 'Who serves, from where, and what is wrong.',
    params: none,
    result: daemonInfo,
  },
  'dashboard.code': {
    summary: 'A code that opens the dashboard once within a minute, at `/#code`; none where no token is asked for.',
    params: none,
    result: z.strictObject({ code: z.optional(z.string()) }),
  },
  'daemon.shutdown': { summary: 'Answers, then stops cleanly.', params: none, result: none },
  'rpc.discover': { summary: 'This contract as an OpenRPC document.', params: none, result: z.looseObject({}) },
} as const satisfies Record<string, { summary: string; params: z.ZodMiniType; result: z.ZodMiniType }>;

/** Notifications, which the daemon sends to subscribers. */
export const NOTIFICATIONS = {
  'usage.changed': { summary: 'One committed change, in order and without gaps, to every subscriber.', params: change },
  'usage.alert': {
    summary:
      'Usage has crossed a threshold of the settings, or the forecast says that the budget ends before its period; once a crossing, behind all changes that were committed together.',
    params: alert,
  },
  'usage.period_changed': {
    summary:
      'Time alone has changed what may be used today, or whether it lasts: a local day or a stretch of the period has begun; or the period was set.',
    params: z.strictObject({ forecast }),
  },
  'meters.changed': {
    summary: 'Meters that changed, in order, to those who subscribed to meters.',
    params: meters.metersChanged,
  },
  'daemon.stopping': {
    summary: 'The daemon is about to stop cleanly.',
    params: z.strictObject({ reason: z.string() }),
  },
} as const satisfies Record<string, { summary: string; params: z.ZodMiniType }>;

export type MethodName = keyof typeof METHODS;
export type Params<M extends MethodName> = z.infer<(typeof METHODS)[M]['params']>;
export type Result<M extends MethodName> = z.infer<(typeof METHODS)[M]['result']>;
export type NotificationName = keyof typeof NOTIFICATIONS;
export type NotificationParams<N extends NotificationName> = z.infer<(typeof NOTIFICATIONS)[N]['params']>;

/** The shapes that have a name, by which PROTOCOL.md, the published types and every hover call them. */
export const NAMED_TYPES = {
  Usage: usage,
  Session: session,
  Receipt: receipt,
  Touched: touched,
  ConversationReceipt: conversationReceipt,
  Estimate: estimate,
  ImportSession: importSession,
  ImportResult: importResult,
  SkippedSession: skippedSession,
  HistoryQuery: historyQuery,
  HistoryPage: historyPage,
  StatsQuery: statsQuery,
  Stats: stats,
  Bucket: bucket,
  Forecast: forecast,
  BudgetPeriod: budgetPeriod,
  EstimateAccuracy: estimateAccuracy,
  Change: change,
  ToldChange: toldChange,
  Alert: alert,
  ToldAlert: toldAlert,
  Warning: warning,
  DaemonInfo: daemonInfo,
  ToldSetting: settings.toldSetting,
  Settings: settings.settings,
  SettingsChanged: settings.settingsChanged,
  Meter: meters.meter,
  CounterMeter: meters.counterMeter,
  GaugeMeter: meters.gaugeMeter,
  WindowMeter: meters.windowMeter,
  MeterSource: meters.meterSource,
  MeterTokens: meters.tokens,
  Meters: meters.meters,
  MeterStatsQuery: meters.statsQuery,
  MeterStats: meters.stats,
  MeterStatsRow: meters.statsRow,
  MeterReport: meters.report,
  SyncType: field.syncType,
  SessionType: field.sessionType,
} as const satisfies Record<string, z.ZodMiniType>;

type Named = typeof NAMED_TYPES;
export type Usage = z.infer<Named['Usage']>;
export type Session = z.infer<Named['Session']>;
export type Receipt = z.infer<Named['Receipt']>;
export type Touched = z.infer<Named['Touched']>;
export type ConversationReceipt = z.infer<Named['ConversationReceipt']>;
export type Estimate = z.infer<Named['Estimate']>;
export type ImportSession = z.infer<Named['ImportSession']>;
export type ImportResult = z.infer<Named['ImportResult']>;
export type SkippedSession = z.infer<Named['SkippedSession']>;
export type HistoryQuery = z.infer<Named['HistoryQuery']>;
export type HistoryPage = z.infer<Named['HistoryPage']>;
export type StatsQuery = z.infer<Named['StatsQuery']>;
export type Stats = z.infer<Named['Stats']>;
export type Bucket = z.infer<Named['Bucket']>;
export type Forecast = z.infer<Named['Forecast']>;
export type BudgetPeriod = z.infer<Named['BudgetPeriod']>;
export type EstimateAccuracy = z.infer<Named['EstimateAccuracy']>;
export type Change = z.infer<Named['Change']>;
export type ToldChange = z.infer<Named['ToldChange']>;
export type Alert = z.infer<Named['Alert']>;
export type ToldAlert = z.infer<Named['ToldAlert']>;
export type Warning = z.infer<Named['Warning']>;
export type DaemonInfo = z.infer<Named['DaemonInfo']>;
export type ToldSetting = z.infer<Named['ToldSetting']>;
export type Settings = z.infer<Named['Settings']>;
export type SettingsChanged = z.infer<Named['SettingsChanged']>;
export type Meter = z.infer<Named['Meter']>;
export type CounterMeter = z.infer<Named['CounterMeter']>;
export type GaugeMeter = z.infer<Named['GaugeMeter']>;
export type WindowMeter = z.infer<Named['WindowMeter']>;
export type MeterSource = z.infer<Named['MeterSource']>;
export type MeterTokens = z.infer<Named['MeterTokens']>;
export type Meters = z.infer<Named['Meters']>;
export type MeterStatsQuery = z.infer<Named['MeterStatsQuery']>;
export type MeterStats = z.infer<Named['MeterStats']>;
export type MeterStatsRow = z.infer<Named['MeterStatsRow']>;
export type MeterReport = z.infer<Named['MeterReport']>;
export type SyncType = z.infer<Named['SyncType']>;
export type SessionType = z.infer<Named['SessionType']>;
