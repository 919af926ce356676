import type { Bilingual, Language } from '../../../protocol/language.ts';
import type { Alert, Forecast, Session, Usage } from '../../../protocol/methods.ts';
import { formatTokens } from '../../../protocol/token-value.ts';
import { visibleLine } from '../../../shared/visible-text.ts';
import { ageText } from '../../../shared/words/age-text.ts';
import { alertText } from '../../../shared/words/alert-text.ts';
import { figureText, percentText, tokensText } from '../../../shared/words/figures.ts';
import { forecastText, RUNS_OUT } from '../../../shared/words/forecast-text.ts';
import type { ChangeItem, SubscriptionItem } from '../../sdk/connection/subscription.ts';
import { displayWidth, fitWidth } from './display-width.ts';
import { bar } from './progress-bar.ts';
import { periodRows } from './render.ts';
import { eventOf, incrementOf, sessionTable } from './session-table.ts';

/** The state that `watch` shows. */
export interface WatchState {
  readonly usage: Usage;
  /** Newest first. */
  readonly sessions: readonly Session[];
  /** When the connection was lost, in milliseconds; `undefined` while there is one. */
  readonly lostAtMs?: number | undefined;
  /** Those that hold. */
  readonly alerts?: readonly Alert[];
  readonly forecast?: Forecast;
}

const MAX_SESSIONS = 100;

/** The state after an item; `undefined` before the first snapshot. */
export function nextState(
  state: WatchState | undefined,
  item: SubscriptionItem,
  nowMs: number,
): WatchState | undefined {
  if (item.type === 'snapshot') return withUsage({ ...state, usage: item.usage, sessions: item.sessions });
  if (!state) return undefined;
  if (item.type === 'alert') return { ...state, alerts: [...others(state.alerts, item), item] };
  if (item.type === 'connection') return { ...state, lostAtMs: item.state === 'lost' ? nowMs : undefined };
  return withUsage({ ...state, usage: item.usage, sessions: sessionsAfter(state.sessions, item) });
}

/** Without the alerts that its figures have overtaken; of what is foretold the daemon is asked. */
function withUsage(state: WatchState): WatchState {
  const { used, total } = state.usage;
  const holds = ({ forecast, level }: Alert) => forecast !== undefined || (total > 0 && used * 100 >= level * total);
  return state.alerts ? { ...state, alerts: state.alerts.filter(holds) } : state;
}

/** A crossing takes the place of the one before it, and so does what is foretold. */
function others(alerts: readonly Alert[] = [], { forecast }: Alert): readonly Alert[] {
  return alerts.filter((alert) => !alert.forecast !== !forecast);
}

/** Whether the sessions must be asked for again: an undo, an import or an edit does not tell them. */
export function changesOtherSessions(item: SubscriptionItem): boolean {
  return item.type === 'change' && (item.cause === 'undo' || item.cause === 'import' || item.cause === 'edit');
}

/** A frame for a terminal of that size; every line fits into it, and a figure for which there is no room is left out. */
export function frameText(
  state: WatchState,
  {
    columns,
    rows,
    takesKeys = false,
  }: { readonly columns: number; readonly rows: number; readonly takesKeys?: boolean },
  language: Language,
  nowMs: number,
): string {
  const { usage, sessions, alerts = [], forecast, lostAtMs } = state;
  const isLost = lostAtMs !== undefined;
  const share = usage.total > 0 ? usage.used / usage.total : 0;
  const percent = percentText(usage.used, usage.total);
  const remaining = `   ${REMAINING[language]}: ${formatTokens(usage.remaining)}`;
  const figures = `   ${formatTokens(usage.used)}`;
  const both = `${figures} / ${formatTokens(usage.total)}`;
  const lines = [
    `📊 ${TITLE[language]}  ${isLost ? lostText(nowMs - lostAtMs, language) : `● ${CONNECTED[language]}`}`,
    '',
    firstFitting([`${figures} / ${tokensText(usage.total)}`, both, figures], columns),
    firstFitting([`   [${bar(share, Math.max(10, Math.min(50, columns - 16)))}] ${percent}`, `   ${percent}`], columns),
    firstFitting([`${remaining}  ${SESSIONS[language]}: ${usage.sessions_count}`, remaining], columns),
    `   ${UPDATED[language]}: ${visibleLine(usage.last_updated)}`,
    ...(forecast ? [firstFitting(forecastLines(forecast, usage, language), columns)] : []),
    ...periodRows(forecast?.period, usage, language).map(([label, value]) => `   ${label[language]}: ${value}`),
    ...alerts.map((alert) => `   ⚠️ ${alertText(alert, usage)[language]}`),
    '',
  ];
  // The cursor stands on a line of its own below the last one.
  const room = Math.min(SHOWN_SESSIONS, rows - lines.length - 4);
  if (room > 0 && sessions.length > 0) {
    const table = sessionTable(sessions.slice(0, room), language, Math.max(1, columns - 3));
    lines.push(
      ...table
        .trimEnd()
        .split('\n')
        .map((row) => `   ${row}`),
      '',
    );
  }
  lines.push(`   ${(takesKeys ? LEAVE_BY_KEY : LEAVE)[language]}`);
  return lines
    .slice(0, Math.max(1, rows - 1))
    .map((text) => `${fitWidth(text, columns)}\n`)
    .join('');
}

/** One line for a snapshot or a change, where there is no terminal; `undefined` for what is no figure. */
export function lineText(item: SubscriptionItem, language: Language): string | undefined {
  if (item.type !== 'snapshot' && item.type !== 'change') return undefined;
  const head = `${visibleLine(item.usage.last_updated)}  ${figureText(item.usage)}`;
  return `${item.type === 'change' ? `${head}  ${causeText(item, language)}` : head}\n`;
}

/** A line beside the figures: the connection, a threshold; `undefined` for figures. */
export function noteText(item: SubscriptionItem, language: Language): string | undefined {
  if (item.type === 'alert') return `⚠️ ${alertText(item)[language]}\n`;
  if (item.type === 'connection') return `${(item.state === 'lost' ? LOST : BACK)[language]}\n`;
  return undefined;
}

const SHOWN_SESSIONS = 10;

/** Empty where not even the last, which is the shortest, fits. */
function firstFitting(texts: readonly string[], width: number): string {
  return texts.find((text) => displayWidth(text) <= width) ?? '';
}

/** A reading may have come with a list that was asked for after it. */
function sessionsAfter(sessions: readonly Session[], { session }: ChangeItem): readonly Session[] {
  if (!session || (session.id !== undefined && sessions.some(({ id }) => id === session.id))) return sessions;
  return [session, ...sessions].slice(0, MAX_SESSIONS);
}

/** With its range and without. */
function forecastLines(forecast: Forecast, usage: Usage, language: Language): string[] {
  const { range: _, ...alone } = forecast;
  return [forecast, alone].map((told) => `   ${RUNS_OUT[language]}: ${forecastText(told, usage)[language]}`);
}

function causeText({ cause, session }: ChangeItem, language: Language): string {
  if (!session) return CAUSES[cause][language];
  return `${incrementOf(session)} ${eventOf(session)}`.trim();
}

function lostText(ageMs: number, language: Language): string {
  const age = ageText(ageMs)[language];
  return {
    zh: `○ 连接已断开，数据是 ${age}前的，正在重连…`,
    en: `○ connection lost, figures ${age} old, reconnecting …`,
  }[language];
}

const TITLE = { zh: 'Token使用情况', en: 'Token usage' };
const CONNECTED = { zh: '已连接', en: 'connected' };
const LOST = { zh: '连接已断开，正在重连…', en: 'connection lost, reconnecting …' };
const BACK = { zh: '连接已恢复', en: 'connected again' };
const REMAINING = { zh: '剩余', en: 'Remaining' };
const SESSIONS = { zh: '会话数', en: 'Sessions' };
const UPDATED = { zh: '更新时间', en: 'Updated' };
const LEAVE = { zh: '按 Ctrl+C 退出', en: 'Ctrl+C to leave' };
const LEAVE_BY_KEY = { zh: '按 q 或 Ctrl+C 退出', en: 'q or Ctrl+C to leave' };
const CAUSES: Readonly<Record<ChangeItem['cause'], Bilingual>> = {
  reading: { zh: '记录', en: 'reading' },
  undo: { zh: '撤销', en: 'undo' },
  import: { zh: '导入', en: 'import' },
  total: { zh: '额度变更', en: 'budget changed' },
  edit: { zh: '文件被编辑', en: 'file edited' },
};
