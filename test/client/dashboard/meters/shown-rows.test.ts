import { describe, expect, test } from 'vitest';
import { keyOf } from '../../../../src/client/dashboard/live/meters.ts';
import { meterName } from '../../../../src/client/dashboard/meters/meter-name.ts';
import { shownRows } from '../../../../src/client/dashboard/meters/shown-rows.ts';
import { counterAt, gaugeAt, instant, windowAt } from '../../../support/told-meters.ts';

const nowMs = Date.UTC(2026, 10, 20);
/** A conversation that was written so many minutes ago. */
const talk = (conversation: string, age: number) => gaugeAt(nowMs, { conversation, observed_at: instant(nowMs, -age) });
const conversationsOf = (meters: readonly ReturnType<typeof talk>[], before: readonly string[]) =>
  shownRows(meters, before).rows.map((row) => keyOf(row).split(' ')[1]);
const keys = (...conversations: string[]) => conversations.map((id) => `cursor.context ${id}`);

test('rows stand by tool: its limits, its tokens, its conversations', () => {
  const meters = [
    talk('a', 1),
    counterAt(nowMs, { meter: 'codex' }),
    windowAt(nowMs, { meter: 'claude.7d' }),
    counterAt(nowMs),
    windowAt(nowMs),
  ];
  expect(shownRows(meters, []).rows.map(({ meter }) => meter)).toEqual([
    ...['claude.5h', 'claude.7d', 'claude'],
    'codex',
    'cursor.context',
  ]);
});

describe('conversations', () => {
  test('the three that were written last have a row, newest first, and the rest is counted', () => {
    const meters = [talk('old', 9), talk('b', 2), talk('a', 1), talk('c', 3), talk('older', 10)];
    expect(conversationsOf(meters, [])).toEqual(['a', 'b', 'c']);
    expect(shownRows(meters, []).hidden).toBe(2);
  });

  test('two that are written in turn do not change places', () => {
    const before = keys('a', 'b', 'c');
    expect(conversationsOf([talk('b', 0), talk('a', 1), talk('c', 3)], before)).toEqual(['a', 'b', 'c']);
  });

  test('a new one stands first, and takes the place of the one that was written longest ago', () => {
    const meters = [talk('new', 0), talk('c', 1), talk('b', 2), talk('a', 3)];
    expect(conversationsOf(meters, keys('a', 'b', 'c'))).toEqual(['new', 'b', 'c']);
  });
});

test.each([
  [counterAt(nowMs), 'Claude Code · 用量', 'Claude Code · tokens'],
  [counterAt(nowMs, { meter: 'cursor.billed' }), 'Cursor · 账单用量', 'Cursor · billed'],
  [gaugeAt(nowMs), 'Cursor · 对话', 'Cursor · conversation'],
  [windowAt(nowMs), 'Claude Code · 5 小时限额', 'Claude Code · 5-hour limit'],
  [windowAt(nowMs, { window_minutes: 10_080 }), 'Claude Code · 7 天限额', 'Claude Code · 7-day limit'],
  [windowAt(nowMs, { window_minutes: 90 }), 'Claude Code · 90 分钟限额', 'Claude Code · 90-minute limit'],
])('a meter has a name for people', (meter, zh, en) => {
  expect(meterName(meter)).toEqual({ zh, en });
});
