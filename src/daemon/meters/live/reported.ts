import { TokenSyncError } from '../../../protocol/errors.ts';
import { GAUGES } from '../../../protocol/meters.ts';
import type { MeterReport } from '../../../protocol/methods.ts';
import { parseTimestamp } from '../../../protocol/timestamp.ts';
import { windowSpan } from '../forms/rate-limit-window.ts';
import type { GaugeSeen, Observation, WindowSeen } from '../observation.ts';

/** What a report tells; throws `invalid_params` where a context belongs to no conversation, or to a tool that has no such meter, and for a window without a length. */
export function observationsOf(report: MeterReport, nowMs: number): Observation[] {
  const { context, windows = [] } = report;
  return [
    ...(context ? [contextSeen(report, context, nowMs)] : []),
    ...windows.map((each) => windowSeen(report, each, nowMs)),
  ];
}

function contextSeen(
  { tool, conversation, model, project }: MeterReport,
  { used, limit, provenance = 'exact' }: NonNullable<MeterReport['context']>,
  nowMs: number,
): GaugeSeen {
  const meter = `${tool}.context`;
  if (!(GAUGES as readonly string[]).includes(meter)) throw noSuchMeter(meter);
  if (conversation === undefined || conversation === '') throw nameless();
  return {
    ...{ kind: 'gauge', meter, conversation, used, atMs: nowMs, provenance },
    ...(limit !== undefined && { limit }),
    ...(model !== undefined && { model }),
    ...(project !== undefined && { folder: project }),
  };
}

function windowSeen(
  { tool }: MeterReport,
  { used_percent, resets_at, window_minutes }: NonNullable<MeterReport['windows']>[number],
  nowMs: number,
): WindowSeen {
  if (window_minutes < 1 || window_minutes > MOST_MINUTES) throw noWindow();
  return {
    ...{ kind: 'window', meter: `${tool}.${windowSpan(window_minutes)}` },
    ...{ usedPercent: used_percent, resetsAtMs: parseTimestamp(resets_at)!, windowMinutes: window_minutes },
    ...{ atMs: nowMs, provenance: 'exact' },
  };
}

/** A year: no vendor's limit is longer, and every length is a meter of its own that stays. */
const MOST_MINUTES = 366 * 24 * 60;

function noWindow(): TokenSyncError {
  return new TokenSyncError(
    'invalid_params',
    { zh: 'window_minutes 无效', en: 'window_minutes is wrong' },
    { field: 'windows', hint: { zh: `应为 1 到 ${MOST_MINUTES}`, en: `it should be from 1 to ${MOST_MINUTES}` } },
  );
}

function noSuchMeter(meter: string): TokenSyncError {
  return new TokenSyncError(
    'invalid_params',
    { zh: `没有名为 ${meter} 的表`, en: `there is no meter ${meter}` },
    { field: 'context', hint: { zh: `可用：${GAUGES.join('、')}`, en: `there are ${GAUGES.join(', ')}` } },
  );
}

function nameless(): TokenSyncError {
  return new TokenSyncError(
    'invalid_params',
    { zh: 'context 必须同时给出 conversation', en: 'a context needs the conversation that it belongs to' },
    { field: 'conversation', hint: { zh: '请写出会话的 id', en: 'name the id of the conversation' } },
  );
}
