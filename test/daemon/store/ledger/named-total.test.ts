import { join } from 'node:path';
import { expect, test } from 'vitest';
import { setTotal } from '../../../../src/daemon/rules/budget.ts';
import { EMPTY } from '../../../../src/daemon/rules/snapshot.ts';
import { type CheckpointLine, isCheckpoint } from '../../../../src/daemon/store/ledger/ledger-line.ts';
import { scanSegment } from '../../../../src/daemon/store/ledger/ledger-scan.ts';
import { NamedTotal } from '../../../../src/daemon/store/ledger/named-total.ts';
import { Segments } from '../../../../src/daemon/store/ledger/segments.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { openStore } from '../opened-store.ts';

type Begin = Pick<CheckpointLine, 'checkpoint' | 'total_named'>;

const later = { ...EMPTY, revision: 7 };

test.each<[string, readonly Begin[], boolean | undefined]>([
  ['at the beginning of a ledger it is known that nobody has', [{ checkpoint: EMPTY }], false],
  ['a checkpoint tells that somebody has', [{ checkpoint: later, total_named: true }], true],
  ['a checkpoint tells that nobody has', [{ checkpoint: later, total_named: false }], false],
  ['a checkpoint of an older version tells nothing of the default', [{ checkpoint: later }], undefined],
  ['any other budget was named by somebody', [{ checkpoint: { ...later, total: 5 } }], true],
  ['no budget was named by nobody', [{ checkpoint: { ...later, total: 0 } }], undefined],
  ['what one has named stays so', [{ checkpoint: later, total_named: true }, { checkpoint: later }], true],
  ['what nobody had named somebody may have', [{ checkpoint: EMPTY }, { checkpoint: later, total_named: true }], true],
])('%s', (_, lines, isNamed) => {
  const named = new NamedTotal();
  for (const line of lines) named.begin(line);
  expect(named.isNamed).toBe(isNamed);
  named.add(setTotal(later, EMPTY.total, 'rpc', 0));
  expect(named.isNamed).toBe(true);
});

test('every segment tells whether somebody had named a budget, be it the default', async () => {
  const opened = await openStore(temporaryFolder(MEMORY), { maxSegmentBytes: 1_000 });
  for (let at = 0; at < 8; at++) await opened.record(1);
  await opened.setTotal(EMPTY.total);
  for (let at = 0; at < 8; at++) await opened.record(1);
  const segments = new Segments(join(opened.folder, 'ledger'));
  const heads = segments.numbers().map((number) => scanSegment(segments.readWhole(number)).lines[0]!.line);
  const told = heads.filter(isCheckpoint).map(({ checkpoint, total_named }) => [checkpoint.revision, total_named]);
  expect(told).toEqual(heads.filter(isCheckpoint).map(({ checkpoint: { revision } }) => [revision, revision >= 9]));
  expect(new Set(told.map(([, isNamed]) => isNamed))).toEqual(new Set([false, true]));
});
