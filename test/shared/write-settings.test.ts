import { expect, test } from 'vitest';
import { settingOf } from '../../src/shared/settings.ts';
import { withSetting } from '../../src/shared/write-settings.ts';

const PERIOD = settingOf('budget.period');

test.each<[what: string, before: string, after: object]>([
  ['an empty file', '{}', { budget: { period: '15' } }],
  ['a byte order mark', '\uFEFF{ "lang": "zh" }', { lang: 'zh', budget: { period: '15' } }],
  [
    'other settings',
    '{ "port": 1, "budget": { "renews": true } }',
    { port: 1, budget: { renews: true, period: '15' } },
  ],
  [
    'the same setting',
    '{ "budget": { "period": "7d", "kind": "counter" } }',
    { budget: { kind: 'counter', period: '15' } },
  ],
  [
    'the older name',
    '{ "alerts": { "period": 1, "desktop": false } }',
    { alerts: { desktop: false }, budget: { period: '15' } },
  ],
  ['the older name alone', '{ "alerts": { "period": 1 } }', { budget: { period: '15' } }],
  [
    'names with dots',
    '{ "alerts.period": 1, "budget.period": 2, "alerts.desktop": true }',
    { 'alerts.desktop': true, budget: { period: '15' } },
  ],
  ['a list', '{ "alerts": { "thresholds": [] } }', { alerts: { thresholds: [] }, budget: { period: '15' } }],
])('a period that is set over %s leaves one value and everything else', (_, before, after) => {
  const text = withSetting(before, PERIOD, '15');

  expect(JSON.parse(text)).toEqual(after);
  expect(text).toMatch(/\n$/);
});
