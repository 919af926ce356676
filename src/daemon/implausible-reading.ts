import { TokenSyncError } from '../protocol/errors.ts';
import { implausibleValue } from '../protocol/implausible-value.ts';
import type { Writing } from './offered-reading.ts';
import type { Fold } from './operations.ts';
import type { Reading } from './rules/record.ts';

/** Refuses a reading that a person is to be asked about first (SPEC §3): throws `value_refused` with the question. */
export function requirePlausible(
  fold: Pick<Fold, 'snapshot' | 'isTotalSet' | 'recentIncrements'>,
  { tokens, sync_type }: Pick<Reading, 'tokens' | 'sync_type'>,
  { isBare }: Writing,
): void {
  const { used, total } = fold.snapshot;
  const { isTotalSet } = fold;
  const increments = fold.recentIncrements();
  const implausible = implausibleValue({ tokens, isBare, sync_type, used, total, isTotalSet, increments });
  if (!implausible) return;
  const { odd, question } = implausible;
  throw new TokenSyncError(
    'value_refused',
    // Without the value: what a clipboard holds may be a secret, and this text is logged where nobody can be asked.
    {
      zh: `数值不寻常，没有记录：${odd.zh}`,
      en: `the value is odd and was not recorded: ${odd.en}`,
    },
    {
      field: 'tokens',
      hint: {
        zh: '如果无误，请直接录入：token-sync record 数值',
        en: 'if it is right, enter it: token-sync record VALUE',
      },
      question,
    },
  );
}
