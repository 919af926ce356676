import { expect, test } from 'vitest';
import {
  anotherAnswers,
  isGone,
  isSilent,
  isUnreachable,
  notADaemon,
  timedOut,
  unreachable,
} from '../../../../src/client/sdk/daemon/unreachable.ts';
import { TokenSyncError } from '../../../../src/protocol/errors.ts';

const text = { zh: '', en: '' };

test.each<[string, unknown, { unreachable: boolean; gone: boolean; silent: boolean }]>([
  ['no connection', unreachable(), { unreachable: true, gone: true, silent: false }],
  ['a stranger at the address', notADaemon(), { unreachable: true, gone: true, silent: false }],
  ['the daemon of another folder', anotherAnswers(), { unreachable: true, gone: true, silent: false }],
  ['a stopping daemon', new TokenSyncError('stopping', text), { unreachable: true, gone: true, silent: false }],
  ['no answer in time', timedOut(30_000), { unreachable: true, gone: false, silent: true }],
  ['a refused value', new TokenSyncError('value_refused', text), { unreachable: false, gone: false, silent: false }],
  ['another version', new TokenSyncError('incompatible', text), { unreachable: false, gone: false, silent: false }],
  ['a missing token', new TokenSyncError('unauthorized', text), { unreachable: false, gone: false, silent: false }],
  ['a fault of ours', new TypeError('x is not a function'), { unreachable: false, gone: false, silent: false }],
])('the failure of %s counts as unreachable, gone and silent as in the table', (_, error, expected) => {
  const found = { unreachable: isUnreachable(error), gone: isGone(error), silent: isSilent(error) };
  expect(found).toEqual(expected);
});
