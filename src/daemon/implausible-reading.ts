import { TokenSyncError } from '../protocol/errors.ts';
import { implausibleValue } from '../shared/words/implausible-value.ts';
import type { Writing } from './offered-reading.ts';
import type { Fold } from './operation.ts';
import type { RecordedReading } from './rules/change.ts';

/** Refuses a reading that a person is to be asked about before it is committed: throws `value_refused` with the question. */
export function requirePlausible(
  fold: Pick<Fold, 'snapshot' | 'isTotalSet' | 'recentAmounts'>,
  reading: RecordedReading,
  { isBare }: Writing,
): void {
  const { used, total } = fold.snapshot;
  const { value: tokens, sync_type } = reading;
  if (sync_type === 'period' || sync_type === 'live') return;
  const held = { tokens, isBare, sync_type, used, total, isTotalSet: fold.isTotalSet === true };
  const outcome = { used: reading.used, counted: beginsAnew(reading) ? 0 : (reading.counted ?? reading.increment) };
  const implausible = implausibleValue({ ...held, amounts: fold.recentAmounts(), outcome });
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

/** True for a reading that shows a whole figure, and not an amount added to one. */
function beginsAnew({ reset, flags, sync_type }: RecordedReading): boolean {
  return reset === true || flags?.new === true || sync_type === 'correction';
}
