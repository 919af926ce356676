import { expect, test } from 'vitest';
import oldAnswers from './old-answers.json' with { type: 'json' };
import { fingerprints, recordedAnswers } from './recorded-answers.ts';

// Recorded by `record-answers.ts --fingerprints` from the version that held its history in memory, before SQLite took it over.
const { length, seeds } = oldAnswers;

// Where they differ, `record-answers.ts` of both versions tells in which lines.
test.concurrent.each(Object.entries(seeds))(
  'what looks back on history %s is answered as by the version before, to the byte',
  { retry: 0, timeout: 600_000 },
  async (seed, expected) => {
    expect(fingerprints(await recordedAnswers(Number(seed), length))).toEqual(expected);
  },
);

test('another answer has another fingerprint, and the others have the same', () => {
  const rounds = [['{"a":1}', '{"b":2}'], ['{"c":3}']];
  const [first, second] = fingerprints(rounds);

  expect(fingerprints([['{"a":1}', '{"b":3}'], rounds[1]!])).toEqual([expect.not.stringMatching(first!), second]);
});
