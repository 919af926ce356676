import { expect, test } from 'vitest';
import { architectEvents } from '../../../src/daemon/serve/architect-events.ts';

test('sessions without an id are events with ids of their own, which they keep when another comes', () => {
  const alike = { timestamp: '2025-11-18 20:00:00', tokens: 5 };
  const idsOf = (sessions: object[]) => architectEvents(sessions as Record<string, unknown>[]).map(({ id }) => id);
  const before = idsOf([alike, {}, alike, {}]);

  expect(new Set(before).size).toBe(4);
  expect(idsOf([alike, ...[alike, {}, alike, {}]]).slice(1)).toEqual(before);
});
