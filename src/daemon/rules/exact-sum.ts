import { TokenSyncError } from '../../protocol/errors.ts';

/** The sum of two whole numbers that are exact; throws `too_large` where nobody could tell it exactly any more. */
export function addExactly(one: number, other: number): number {
  const sum = one + other;
  if (Number.isSafeInteger(sum)) return sum;
  throw new TokenSyncError(
    'too_large',
    {
      zh: '这段时间的用量合计超过 9,007,199,254,740,991（2^53−1），无法精确表示',
      en: 'the usage of this time adds up to more than 9,007,199,254,740,991 (2^53−1), which cannot be told exactly',
    },
    { hint: { zh: '请用 since 和 until 选更短的时间', en: 'ask for a shorter time with since and until' } },
  );
}
