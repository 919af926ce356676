import { expect, test } from 'vitest';
import { forecastText } from '../../../src/shared/words/forecast-text.ts';

const at = (year: number, month: number, day: number) => new Date(year, month - 1, day, 12).toISOString();
const figures = { used: 350_000, total: 1_000_000 };
const known = { tokens_per_day: 15_000, exhausts_at: at(2027, 1, 4), basis_days: 20 };
const between = (earliest: string | null, latest: string | null) => ({
  ...known,
  range: { tokens_per_day_low: 1, tokens_per_day_high: 2, earliest, latest },
});

test.each([
  [
    'a range',
    between(at(2026, 12, 29), at(2027, 1, 12)),
    '2027-01-04（12-29 至 01-12）',
    '2027-01-04 (12-29 to 01-12)',
  ],
  [
    'a range so long that its years must be told',
    between(at(2026, 12, 29), at(2028, 1, 12)),
    '2027-01-04（2026-12-29 至 2028-01-12）',
    '2027-01-04 (2026-12-29 to 2028-01-12)',
  ],
  [
    'a range without an end',
    between(at(2026, 12, 29), null),
    '2027-01-04（最早 2026-12-29）',
    '2027-01-04 (2026-12-29 at the earliest)',
  ],
  ['a range of one day', between(at(2027, 1, 4), at(2027, 1, 4)), '2027-01-04', '2027-01-04'],
  ['no range', known, '2027-01-04', '2027-01-04'],
])('the forecast names the day with %s', (_, forecast, zh, en) => {
  expect(forecastText(forecast, figures)).toEqual({ zh, en });
});

test.each(['too_little_data', 'no_usage', 'exhausted', 'no_budget', 'beyond_horizon'] as const)(
  'says why there is no day: %s',
  (reason) => {
    const { zh, en } = forecastText({ tokens_per_day: 0, exhausts_at: null, basis_days: 0, reason }, figures);
    expect(zh).toMatch(/\p{Script=Han}/u);
    expect(en).toMatch(/^[A-Z]/);
  },
);

test('a budget that is used up has no day, whatever was foretold before', () => {
  expect(forecastText(known, { used: 1_000_000, total: 1_000_000 }).en).toBe('The budget is used up');
  expect(forecastText(known, { used: 5, total: 0 }).en).toBe('2027-01-04');
});
