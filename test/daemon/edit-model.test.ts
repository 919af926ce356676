import { expect, test } from 'vitest';
import { runEdits, runSteps, stepsOf } from '../edits/run.ts';
import { StoreSubject } from '../edits/store-subject.ts';
import { MEMORY, temporaryFolder } from './store/opened-store.ts';

/** Many segments in a run of some hundred edits. */
const SEGMENT_BYTES = 20_000;

const open = () => StoreSubject.open({ scratch: temporaryFolder(MEMORY), maxSegmentBytes: SEGMENT_BYTES });

test('300 edits by programs of every kind come out as the contract says', async () => {
  const { edits, failure } = await runEdits(1, 300, open, 0);
  expect(failure).toBeUndefined();
  expect(edits).toBeGreaterThanOrEqual(300);
});

test('a figure that differs by one is missed', async () => {
  let edits = 0;
  const { failure } = await runSteps(stepsOf(1, 40), open, (trial) => {
    if (trial.edits >= 5 && edits++ === 0) trial.lie();
  });
  expect(failure).toMatch(/used is \d+ and must be \d+/);
});
