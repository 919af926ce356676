import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { scratchFolder } from '../support/scratch.ts';

import { runEdits, runSteps, stepsOf } from './run.ts';
import { StoreSubject } from './store-subject.ts';
import type { Subject } from './subject.ts';

/** Any will do; one that stays makes a failure the fault of what was changed. `npm run test:durability -- edits` takes another each time. */
const SEED = 1;
const SEGMENT_BYTES = 20_000;

test('a hundred edits by programs of every kind end as the model says', { retry: 0 }, async () => {
  const scratch = temporaryFolder();
  const { edits, failure } = await runEdits(SEED, 100, () => openIn(scratch), 20);
  expect(failure).toBeUndefined();
  expect(edits).toBeGreaterThanOrEqual(100);
});

test.each<[what: string, lie: (subject: Subject) => Partial<Subject>]>([
  ['a figure that is one too high', (subject) => ({ usage: async () => addOne(await subject.usage()) })],
  ['a session that is not in the history', (subject) => ({ history: async () => (await subject.history()).slice(1) })],
  ['a member that is gone from the file', (subject) => ({ text: () => subject.text().replace('"rate"', '"rote"') })],
  ['an edit that is never taken', () => ({ adopt: async () => undefined, settle: async (wrong) => wrong() })],
])('the trial notices %s', async (_, lie) => {
  const subject = await openIn(temporaryFolder());
  const { failure } = await runSteps(stepsOf(SEED, 60), async () => lying(subject, lie(subject)));
  expect(failure).toContain('✘');
});

function openIn(scratch: string): Promise<StoreSubject> {
  return StoreSubject.open({ scratch: scratchFolder(scratch), maxSegmentBytes: SEGMENT_BYTES });
}

function addOne<T extends { readonly used: number }>(usage: T): T {
  return { ...usage, used: usage.used + 1 };
}

/** The subject, but for what it lies about. */
function lying(subject: Subject, lies: Partial<Subject>): Subject {
  return new Proxy(subject, {
    get(target, name) {
      const value = (lies as Record<string | symbol, unknown>)[name] ?? Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
