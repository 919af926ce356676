import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../../../src/client/cli/show/display-width.ts';
import { frameText, nextState, type WatchState } from '../../../../src/client/cli/show/watch-view.ts';
import type { Usage } from '../../../../src/protocol/methods.ts';

const usage: Usage = {
  used: 350_000,
  total: 1_000_000,
  percent: 35,
  remaining: 650_000,
  sessions_count: 1,
  last_updated: '2025-11-18T20:30:00',
  revision: 1,
  mark: '1:0a1b2c3d',
};
const session = { id: 'a', timestamp: '2025-11-18 20:30:00', tokens: 15_000, event: '完成架构设计'.repeat(20) };
const state: WatchState = { usage, sessions: [session] };

describe('a frame', () => {
  test.each([
    [80, 24],
    [40, 12],
    [20, 5],
    [200, 60],
  ])('a frame fits into %i columns and %i rows', (columns, rows) => {
    const lines = frameText(state, { columns, rows }, 'zh', 0).trimEnd().split('\n');
    expect(lines.length).toBeLessThan(rows);
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
  });

  test.each([200, 80, 60, 40, 30, 20, 10])('a frame of %i columns shows each figure whole or not at all', (columns) => {
    const used = 392_415_876;
    const large = { ...usage, used, total: 1_234_567_890, remaining: 842_152_014, sessions_count: 54_321 };
    const sessions = [{ ...session, tokens: 15_678, total_used: used, sync_type: 'manual', event: 'design' }];
    const text = frameText({ usage: large, sessions }, { columns, rows: 24 }, 'en', 0);
    const known = ['392,415,876', '1,234,567,890', '842,152,014', '54321', '15,678', '31.8'];
    const figures = text.replace(/\d{4}-\S+|\d\d:\S+/g, '').match(/\d[\d,.]*…?/g) ?? [];
    expect(figures.filter((figure) => !known.includes(figure))).toEqual([]);
  });

  test.each([
    [12_000, '数据是 12 秒前的', 'figures 12 s old'],
    [150_000, '数据是 2 分钟前的', 'figures 2 min old'],
    [7_200_000, '数据是 2 小时前的', 'figures 2 h old'],
  ])('a frame tells the age of the figures %i ms after the connection was lost', (nowMs, zh, en) => {
    const lost = nextState(state, { type: 'connection', state: 'lost' }, 0)!;
    expect(frameText(lost, { columns: 80, rows: 24 }, 'zh', nowMs)).toContain(zh);
    expect(frameText(lost, { columns: 80, rows: 24 }, 'en', nowMs)).toContain(en);
    const back = nextState(lost, { type: 'connection', state: 'back' }, nowMs)!;
    expect(frameText(back, { columns: 80, rows: 24 }, 'zh', nowMs)).toContain('● 已连接');
  });
});

test('a session that is already shown is not shown twice', () => {
  const item = {
    type: 'change',
    revision: 1,
    previous_revision: 0,
    mark: '1:0a1b2c3d',
    usage,
    session,
    cause: 'reading',
  } as const;
  expect(nextState(state, item, 0)!.sessions).toHaveLength(1);
  expect(nextState({ usage, sessions: [] }, item, 0)!.sessions).toEqual([session]);
});

describe('an alert', () => {
  const crossed = { type: 'alert', level: 100, percent: 101.94, revision: 1 } as const;
  const change = { type: 'change', revision: 2, previous_revision: 1, mark: '2:0a1b2c3d', cause: 'total' } as const;
  const over = { ...usage, used: 367_000, total: 360_000, remaining: -7_000 };
  const shownOf = (shown: WatchState) => frameText(shown, { columns: 80, rows: 24 }, 'en', 0);

  test('an alert goes when a larger budget has overtaken it', () => {
    const alerted = nextState({ usage: over, sessions: [] }, crossed, 0)!;
    expect(shownOf(alerted)).toContain('⚠️ 100% has been reached (now 101.9%)');
    expect(shownOf(nextState(alerted, { ...change, usage: { ...over, total: 1_500_000 } }, 0)!)).not.toContain('⚠️');
    expect(
      shownOf(nextState(alerted, { type: 'snapshot', revision: 2, mark: '', usage, sessions: [] }, 0)!),
    ).not.toContain('⚠️');
  });

  test('an alert stays while it holds, and tells the figure of now', () => {
    const alerted = nextState({ usage: over, sessions: [] }, crossed, 0)!;
    const later = nextState(alerted, { ...change, usage: { ...over, used: 396_000 } }, 0)!;
    expect(shownOf(later)).toContain('100% has been reached (now 110.0%)');
  });

  test('an alert is told once: the higher takes the place of the lower, beside what is foretold', () => {
    const forecast = { tokens_per_day: 1, exhausts_at: '2026-12-01T12:00:00Z', basis_days: 9 };
    const alerts = [{ ...crossed, level: 80 }, { ...crossed, forecast }, { ...crossed, level: 90 }, crossed];
    const alerted = alerts.reduce<WatchState>((before, item) => nextState(before, item, 0)!, {
      usage: over,
      sessions: [],
    });
    expect(shownOf(alerted).match(/⚠️ .*/g)).toEqual([
      expect.stringContaining('runs out on 2026-12-01'),
      expect.stringContaining('100% has been reached'),
    ]);
  });
});

test('the forecast stands below the figures, without its range where there is no room', () => {
  const at = (day: number) => new Date(2026, 11, day, 12).toISOString();
  const range = { tokens_per_day_low: 1, tokens_per_day_high: 2, earliest: at(3), latest: at(20) };
  const forecast = { tokens_per_day: 1, exhausts_at: at(9), basis_days: 9, range };
  const shown = (columns: number) => frameText({ ...state, forecast }, { columns, rows: 24 }, 'zh', 0);
  expect(shown(80)).toContain('\n   预计用完: 2026-12-09（12-03 至 12-20）\n');
  expect(shown(30)).toContain('\n   预计用完: 2026-12-09\n');
});
