import { expect, test } from 'vitest';
import type { MeterSource } from '../../../src/protocol/methods.ts';
import { readDaemonSettings } from '../../../src/shared/read-settings.ts';
import { feedingText, offersOf, stateText } from '../../../src/shared/words/source-text.ts';
import { instant } from '../../support/told-meters.ts';

const nowMs = new Date(2026, 10, 20, 12, 0).getTime();
const found = (...names: MeterSource['name'][]) => names.map((name) => ({ name, state: 'idle' as const }));

test('a degraded source says since when, the others only how they stand', () => {
  const since = instant(nowMs, -30);
  expect(stateText({ state: 'degraded', since }, nowMs)).toEqual({
    zh: '读取异常（自 11:30 起）',
    en: 'degraded since 11:30',
  });
  expect(stateText({ state: 'live', since }, nowMs)).toEqual({ zh: '实时', en: 'live' });
});

test.each([
  [undefined, '没有，只记录你自己同步的数值', 'nothing; it takes what you record'],
  [['cursor.context'], 'cursor.context：used 跟随它的数值', 'cursor.context: used follows its figure'],
  [
    ['claude', 'codex'],
    'claude, codex：新增的用量（fresh）加入 used',
    'claude, codex: its growth (fresh) is added to used',
  ],
])('what feeds the budget is told: %j', (main, zh, en) => {
  expect(feedingText(main ? { feeding: { main, count: 'fresh' } } : {})).toEqual({ zh, en });
});

test('each offer is made of settings that a daemon takes, and means what it says', () => {
  const settings = offersOf({ sources: found('cursor', 'claude', 'codex') }).map(({ commands }) => {
    const named = commands.map((command) => /^token-sync settings (\S+) (\S+)$/.exec(command)!.slice(1));
    return readDaemonSettings({ readFile: () => JSON.stringify(Object.fromEntries(named)), env: {}, flags: {} });
  });
  expect(settings.map(({ meters: { main }, budget: { kind } }) => ({ main, kind }))).toEqual([
    { main: ['cursor.context'], kind: 'context' },
    { main: ['claude', 'codex'], kind: 'counter' },
  ]);
});

test('nothing is offered without a tool, or where something feeds the budget already', () => {
  const off: MeterSource[] = [
    { name: 'cursor', state: 'absent' },
    { name: 'claude', state: 'off' },
  ];
  expect(offersOf({ sources: off })).toEqual([]);
  expect(offersOf({ sources: found('cursor'), feeding: { main: ['claude'], count: 'all' } })).toEqual([]);
  expect(offersOf({ sources: found('claude') })).toHaveLength(1);
});
