import { expect, test } from 'vitest';
import { instantOf, noteInstants } from '../../../../src/client/dashboard/live/time-zone.ts';

test('the instant of a session that was told again lately is not forgotten', () => {
  const told = (id: string) => ({ id, at: '2026-11-18T10:00:00.000Z' });
  const many = (from: number) => Array.from({ length: 1_500 }, (_, index) => told(`s${from + index}`));
  noteInstants([told('again'), ...many(0)]);
  noteInstants([told('again')]);
  noteInstants(many(1_500));

  expect(instantOf({ id: 'again' })).toBe(Date.UTC(2026, 10, 18, 10));
  expect(instantOf({ id: 's0' })).toBeUndefined();
});
