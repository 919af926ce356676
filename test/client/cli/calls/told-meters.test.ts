import { expect, test } from 'vitest';
import { toldMeters } from '../../../../src/client/cli/calls/told-meters.ts';
import { type FailureKind, TokenSyncError } from '../../../../src/protocol/errors.ts';

const refusing = (kind: FailureKind) => async () => {
  throw new TokenSyncError(kind, { zh: '没有', en: 'none' });
};

test('a daemon that is older than the meters tells of none, and any other failure is told', async () => {
  expect(await toldMeters(refusing('no_such_method'))).toBeUndefined();
  await expect(toldMeters(refusing('unreachable'))).rejects.toMatchObject({ kind: 'unreachable' });
});
