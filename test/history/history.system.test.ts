import { describe, expect, test } from 'vitest';
import type { MethodName } from '../../src/protocol/methods.ts';
import { onDaemon, problemsOf } from './play.ts';
import { Trial } from './trial.ts';

// Another seed: `HISTORY_SEED=7`. The long form: `LONG=1`, a hundred histories of 120 acts, in which all is asked after each act.
const isLong = process.env.LONG !== undefined;
const first = Number(process.env.HISTORY_SEED ?? 1);
const count = process.env.HISTORY_SEED !== undefined ? 1 : isLong ? 100 : 6;
const form = isLong ? { length: 120, every: 1 } : { length: 40, every: 6 };

// Most of the time they wait for their daemons.
test.concurrent.each(Array.from({ length: count }, (_, index) => first + index))(
  'all that looks back on history %i is answered as by a model that keeps everything, also after a kill',
  { retry: 0, timeout: 600_000 },
  async (seed) => {
    expect((await problemsOf({ seed, ...form })).join('\n')).toBe('');
  },
);

/** Answers of which something is wrong, and of the kind that an index gets wrong. */
const FALSIFIED: readonly (readonly [MethodName, (answer: never) => unknown])[] = [
  ['usage.history', ({ sessions }: { sessions: object[] }) => ({ sessions: sessions.toReversed() })],
  ['usage.sum', (answer: { tokens: number }) => ({ ...answer, tokens: answer.tokens + 1 })],
  ['usage.stats', ({ buckets }: { buckets: object[] }) => ({ buckets: buckets.slice(1) })],
  ['usage.series', ({ points }: { points: object[] }) => ({ points: points.slice(0, -1) })],
  ['usage.conversations', (answer: object) => ({ ...answer, others: { conversations: 0, tokens: 0, readings: 0 } })],
  ['usage.changes', ({ changes }: { changes: object[] }) => ({ changes: changes.slice(1), alerts: [] })],
  ['usage.last_reading', () => ({})],
  ['usage.estimate_accuracy', (answer: object) => ({ ...answer, comparisons: 99 })],
  ['usage.forecast', (answer: object) => ({ ...answer, tokens_per_day: -1 })],
  ['usage.get', (answer: { sessions_count: number }) => ({ ...answer, sessions_count: answer.sessions_count + 1 })],
];

describe('the trial finds', () => {
  test('each answer that is falsified, and nothing beside it', async () => {
    await onDaemon(3, 30, async (daemon, acts) => {
      const trial = new Trial(daemon);
      for (const act of acts) await trial.play(act);
      for (const [method, falsified] of FALSIFIED) {
        const wrong = await trial.check((question, answer) => {
          return question.method === method ? falsified(answer as never) : answer;
        });
        expect([...new Set(wrong.map(methodOf))]).toEqual([method]);
      }
    });
  });

  test('a reading that only the daemon was told of', async () => {
    const wrong = await onDaemon(3, 1, async (daemon, acts) => {
      const trial = new Trial(daemon);
      for (const act of acts) await trial.play(act);
      await daemon.ask('usage.record', { tokens: 5, sync_type: 'auto' });
      return await trial.check();
    });

    expect([...new Set(wrong.map(methodOf))].toSorted()).toEqual([
      'usage.changes',
      'usage.conversations',
      'usage.get',
      'usage.history',
      'usage.last_reading',
      'usage.series',
      'usage.stats',
      'usage.sum',
    ]);
  });
});

function methodOf(problem: string): string {
  return problem.split(/[ :]/)[0]!;
}
