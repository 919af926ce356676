import { expect, test } from 'vitest';
import { holderOf } from '../../../../src/client/sdk/daemon/folder-lock.ts';
import { freshFolder } from '../../../support/folders.ts';

test('nobody is known to hold a folder whose lock has just gone', () => {
  expect(holderOf(freshFolder())).toBeUndefined();
});
