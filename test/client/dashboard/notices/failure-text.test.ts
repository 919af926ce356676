import { expect, test } from 'vitest';
import { failureText } from '../../../../src/client/dashboard/notices/failure-text.ts';
import { failureOfAnswer } from '../../../../src/client/sdk/connection/wire-error.ts';

const REFUSED = { code: -32001, data: { kind: 'value_refused' } };

test.each([
  ['zh', 'event 太长', '最多 1,000 个字符', '“事件”太长。最多 1,000 个字符'],
  ['en', 'event is too long', 'at most 1,000 characters', '“What for” is too long. At most 1,000 characters.'],
] as const)('a failure names the field as the page does, in sentences (%s)', (language, message, hint, wanted) => {
  const error = failureOfAnswer({ ...REFUSED, message, data: { ...REFUSED.data, field: 'event', hint } });
  expect(failureText(error)[language]).toBe(wanted);
});

test('a failure begins with a capital where there is no hint either', () => {
  const error = failureOfAnswer({ ...REFUSED, message: 'there is nothing to undo' });
  expect(failureText(error).en).toBe('There is nothing to undo');
});

test('an error that is no failure of the daemon’s is thrown on', () => {
  expect(() => failureText(new RangeError('x'))).toThrow(RangeError);
});
