import { expect, test } from 'vitest';
import type { MethodName } from '../../src/protocol/methods.ts';
import { validateParams } from '../../src/protocol/validate.ts';

test.each<[MethodName, string, unknown, string, string | undefined]>([
  ['usage.history', 'limit', 0, 'limit must be a whole number from 1 to 1,000', undefined],
  ['usage.history', 'limit', 1_001, 'limit must be a whole number from 1 to 1,000', undefined],
  [
    'usage.history',
    'patience_ms',
    10_001,
    'patience_ms must be a whole number of milliseconds from 1 to 10,000',
    undefined,
  ],
  ['usage.changes', 'limit', 201, 'limit must be a whole number from 1 to 200', undefined],
  ['usage.series', 'points', 1, 'points must be a whole number from 2 to 2,000', undefined],
  ['usage.set_total', 'total', 0, 'total must be a whole number from 1', undefined],
  ['usage.history', 'query', 'x'.repeat(1_001), 'query is too long', 'at most 1,000 characters'],
  ['usage.undo', 'id', 'x'.repeat(129), 'id is too long', 'at most 128 characters'],
  ['usage.history', 'conversation_id', '好'.repeat(257), 'conversation_id is too long', 'at most 256 characters'],
  ['usage.undo', 'id', '', 'id must not be empty', undefined],
])('%s refuses a wrong %s with its limit', (method, field, value, text, hint) => {
  expect(() => validateParams(method, { [field]: value })).toThrow(
    expect.objectContaining({
      kind: 'value_refused',
      field,
      text: expect.objectContaining({ en: text }),
      hint: hint === undefined ? undefined : expect.objectContaining({ en: hint }),
    }),
  );
});

test('a text of as many characters as its limit is taken, an emoji counting as one', () => {
  expect(validateParams('usage.history', { query: '😀'.repeat(1_000) })).toEqual({ query: '😀'.repeat(1_000) });
});
