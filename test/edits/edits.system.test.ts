import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { scratchFolder } from '../support/scratch.ts';
import { SHOWN } from './model.ts';
import { runEdits, runSteps, stepsOf } from './run.ts';
import { StoreSubject } from './store-subject.ts';
import type { Subject } from './subject.ts';
import { Trial } from './trial.ts';

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

test.each<[what: string, session: object]>([
  ['with an id', { id: 'their-1', timestamp: '2025-01-01 00:00:00', tokens: 9, event: 'e' }],
  ['without an id', { timestamp: '2025-01-01 00:00:00', tokens: 9, event: 'e', method: 'manual' }],
])('a session %s that fell off the end comes back with an undo, as the model says', async (_, session) => {
  const trial = new Trial(await openIn(temporaryFolder()));
  const file = JSON.parse(trial.subject.text());
  file.token_usage.sessions.unshift(session);
  const text = JSON.stringify(file);
  trial.save(text, () => 0);
  await trial.expect([(model) => model.adopt(text)]);
  for (let count = 0; count < SHOWN; count++) {
    await trial.subject.record({ id: `r${count}`, sync_type: 'auto', tokens: 1 });
    await trial.expect([(model) => model.record(`r${count}`, 'auto', 1)], { isTimed: true });
  }
  expect(trial.subject.text()).not.toContain('2025-01-01');

  await trial.subject.undo('u');
  await trial.expect([(model) => model.undo()], { isTimed: true, isUndo: true });

  expect(trial.subject.text()).toContain('2025-01-01');
});

test('a run that fails is told whole, beside the fewest of its steps that fail', async () => {
  const scratch = temporaryFolder();
  const { failure } = await runEdits(
    SEED,
    100,
    async () => lying(await openIn(scratch), { history: async () => [] }),
    20,
  );
  expect(failure).toMatch(/^run \d+: shortened: [^✘]*✘[^✘]*✘/);
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
