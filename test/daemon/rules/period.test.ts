import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { dayEnd, dayStart, localDays, spanAt } from '../../../src/daemon/rules/period.ts';
import { type Period, parsePeriod, periodFrom, writtenPeriod } from '../../../src/shared/period.ts';

const ZONE = process.env.TZ;

afterEach(() => {
  if (ZONE === undefined) delete process.env.TZ;
  else process.env.TZ = ZONE;
});

function periodOf(text: unknown): Period {
  return periodFrom(parsePeriod(text)!, 0)!;
}

describe('a stretch of a period', () => {
  test.each<[zone: string, period: unknown, now: string, start: string | undefined, end: string | undefined]>([
    ['UTC', 1, '2025-11-18T20:30:00', '2025-11-01', '2025-12-01'],
    ['UTC', '15', '2025-11-14T23:59:59', '2025-10-15', '2025-11-15'],
    ['UTC', '15', '2025-11-15T00:00:00', '2025-11-15', '2025-12-15'],
    ['UTC', '20', '2025-12-25T08:00:00', '2025-12-20', '2026-01-20'],
    ['UTC', '20', '2026-01-03T08:00:00', '2025-12-20', '2026-01-20'],
    ['UTC', '31', '2025-11-18T20:30:00', '2025-10-31', '2025-11-30'],
    ['UTC', '31', '2025-11-30T00:00:00', '2025-11-30', '2025-12-31'],
    ['UTC', '31', '2026-01-31T12:00:00', '2026-01-31', '2026-02-28'],
    ['UTC', '31', '2026-02-28T00:00:00', '2026-02-28', '2026-03-31'],
    ['UTC', '29', '2028-02-29T00:00:00', '2028-02-29', '2028-03-29'],
    ['UTC', '2026-01-31', '2026-01-31T23:59:59', undefined, '2026-02-01'],
    ['UTC', '2026-01-31', '2026-02-01T00:00:00', undefined, undefined],
    ['UTC', '2025-11-03/7d', '2025-11-03T00:00:00', '2025-11-03', '2025-11-10'],
    ['UTC', '2025-11-03/7d', '2025-11-09T23:59:59', '2025-11-03', '2025-11-10'],
    ['UTC', '2025-11-03/7d', '2025-11-10T00:00:00', '2025-11-10', '2025-11-17'],
    ['UTC', '2025-12-29/7d', '2026-01-01T09:00:00', '2025-12-29', '2026-01-05'],
    ['UTC', '2025-03-01/30d', '2025-11-18T00:00:00', '2025-10-27', '2025-11-26'],
    ['UTC', '2026-01-01/30d', '2025-11-18T00:00:00', undefined, '2026-01-01'],
    ['Europe/Berlin', '2026-03-26/7d', '2026-03-31T12:00:00', '2026-03-26', '2026-04-02'],
    ['Europe/Berlin', '2026-10-22/7d', '2026-10-28T23:59:59', '2026-10-22', '2026-10-29'],
    ['America/Santiago', '6', '2026-09-05T23:59:59', '2026-08-06', '2026-09-06'],
    ['America/Santiago', '6', '2026-09-06T01:00:00', '2026-09-06', '2026-10-06'],
    ['America/Santiago', '2026-08-30/7d', '2026-09-06T01:00:00', '2026-09-06', '2026-09-13'],
  ])('in %s with %s at %s goes from midnight of %s to that of %s', (zone, period, now, start, end) => {
    process.env.TZ = zone;
    const span = spanAt(periodOf(period), new Date(now).getTime());

    expect([dateOf(span?.startMs), dateOf(span?.endMs)]).toEqual([start, end]);
  });

  test('a stretch begins where the one before it ends, and holds the instant it is asked for', () => {
    process.env.TZ = 'America/Santiago';
    const periods = fc.oneof(
      fc.integer({ min: 1, max: 31 }).map(String),
      fc.integer({ min: 1, max: 400 }).map((days) => `2024-08-29/${days}d`),
    );
    const instants = fc.date({ min: new Date('2024-09-01'), max: new Date('2031-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(periods, instants, (text, now) => {
        const { startMs, endMs } = spanAt(periodOf(text), now.getTime())!;
        expect(startMs).toBeLessThanOrEqual(now.getTime());
        expect(endMs).toBeGreaterThan(now.getTime());
        expect(spanAt(periodOf(text), endMs)!.startMs).toBe(endMs);
        expect(spanAt(periodOf(text), endMs - 1)).toEqual({ startMs, endMs });
      }),
    );
  });
});

describe('local days', () => {
  test.each<[zone: string, from: string, to: string, days: number]>([
    ['Europe/Berlin', '2026-03-28T23:30:00', '2026-03-30T00:30:00', 2],
    ['Europe/Berlin', '2026-10-24T23:30:00', '2026-10-26T00:30:00', 2],
    ['America/Santiago', '2026-09-05T12:00:00', '2026-09-06T12:00:00', 1],
    ['America/Santiago', '2026-04-04T00:00:00', '2026-04-05T00:00:00', 1],
    ['UTC', '2025-12-31T23:59:59', '2026-01-01T00:00:00', 1],
    ['UTC', '2026-01-01T00:00:00', '2026-01-01T23:59:59', 0],
  ])('in %s from %s to %s are %d midnights', (zone, from, to, days) => {
    process.env.TZ = zone;

    expect(localDays(new Date(from).getTime(), new Date(to).getTime())).toBe(days);
  });

  test.each<[zone: string, now: string, start: string, end: string]>([
    ['Europe/Berlin', '2026-03-29T10:00:00Z', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25T10:00:00Z', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['America/Santiago', '2026-09-06T10:00:00Z', '2026-09-06T04:00:00.000Z', '2026-09-07T03:00:00.000Z'],
    ['America/Santiago', '2026-04-05T03:30:00Z', '2026-04-04T03:00:00.000Z', '2026-04-05T04:00:00.000Z'],
  ])('in %s the day of %s goes from %s to %s', (zone, now, start, end) => {
    process.env.TZ = zone;
    const nowMs = Date.parse(now);

    expect([dayStart(nowMs), dayEnd(nowMs)].map((ms) => new Date(ms).toISOString())).toEqual([start, end]);
  });
});

describe('a period as people write it', () => {
  test.each([
    0,
    32,
    1.5,
    '',
    '/',
    '/7d',
    'd',
    '0d',
    '1000d',
    'Never',
    'month',
    '2025-02-30',
    '2025-11-03/0d',
    '2025-11-03/1000d',
    '2025-11-03/7',
    true,
    [1],
  ])('a period cannot be %s', (period) => {
    expect(parsePeriod(period)).toBeUndefined();
  });

  test.each([
    ['7d', '2025-11-18/7d'],
    ['15', '15'],
    ['2026-01-31', '2026-01-31'],
    ['2025-11-03/30d', '2025-11-03/30d'],
    ['never', 'never'],
  ])('%s that is set on 18 November 2025 is kept as %s', (text, kept) => {
    const setMs = new Date(2025, 10, 18, 23, 59).getTime();

    expect(writtenPeriod(periodFrom(parsePeriod(text)!, setMs))).toBe(kept);
  });
});

function dateOf(ms: number | undefined): string | undefined {
  if (ms === undefined) return undefined;
  const date = new Date(ms);
  // A midnight, or the first instant of a day whose midnight summer time leaves out.
  expect(new Date(ms - 1).getDate()).not.toBe(date.getDate());
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
