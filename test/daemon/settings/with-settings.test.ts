import { expect, test } from 'vitest';
import { withSettings } from '../../../src/daemon/settings/with-settings.ts';
import { settingOf } from '../../../src/shared/settings.ts';

const PERIOD = [{ setting: settingOf('budget.period'), value: '15' }];

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
  const text = withSettings(before, PERIOD);

  expect(JSON.parse(text.replace(/^\uFEFF/, ''))).toEqual(after);
  expect(text).toMatch(/\n$/);
});

test('numbers keep their spelling, and members their order', () => {
  const text = withSettings(
    '{"port": 8.877e3, "10": 1, "2": 90071992547409931, "alerts": {"thresholds": [80.0]}}',
    PERIOD,
  );
  expect(text.replace(/\s+/g, '')).toBe(
    '{"port":8.877e3,"10":1,"2":90071992547409931,"alerts":{"thresholds":[80.0]},"budget":{"period":"15"}}',
  );
});

test.each([
  [
    'two spaces',
    '{\n  "a": {\n    "b": "  "\n  }\n}\n',
    '{\n  "a": {\n    "b": "  "\n  },\n  "budget": {\n    "period": "15"\n  }\n}\n',
  ],
  ['tabs', '{\n\t"lang": "zh"\n}', '{\n\t"lang": "zh",\n\t"budget": {\n\t\t"period": "15"\n\t}\n}\n'],
  [
    'lines of Windows and a mark',
    '\uFEFF{\r\n    "port": 1\r\n}',
    '\uFEFF{\r\n    "port": 1,\r\n    "budget": {\r\n        "period": "15"\r\n    }\r\n}\r\n',
  ],
])('a file with %s keeps its form', (_, before, after) => {
  expect(withSettings(before, PERIOD)).toBe(after);
});

test.each(['', '{ "port": ', '[]', '15', 'null'])('%j is refused', (text) => {
  expect(() => withSettings(text, PERIOD)).toThrow();
});
