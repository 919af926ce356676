import type { Ref } from 'preact';
import type { Bilingual } from '../../../protocol/language.ts';
import { implausibleValue, isBareNumber } from '../../../shared/words/implausible-value.ts';
import { t } from '../live/language.ts';
import { isTotalSet, usage } from '../live/state.ts';
import type { Meaning } from './understanding.ts';

/** What the daemon will ask for the budget's sake about a value that is understood; whether it adds too much, it alone can tell. */
export function questionOf(value: string, tokens: number, meaning: Meaning): Bilingual | undefined {
  const { used, total } = usage.value ?? { used: 0, total: 0 };
  const held = { tokens, isBare: isBareNumber(value), sync_type: meaning, used, total };
  return implausibleValue({ ...held, isTotalSet: isTotalSet.value === true, amounts: [] })?.question;
}

interface OddityProps {
  readonly question: Bilingual;
  readonly isConfirmed: boolean;
  readonly confirm: (isConfirmed: boolean) => void;
  readonly box: Ref<HTMLInputElement>;
}

/** What is odd about the value, and the box without which it is not recorded. */
export function Oddity({ question, isConfirmed, confirm, box }: OddityProps) {
  return (
    <>
      <p class="preview preview-odd" role="alert" data-testid="sync-odd">
        <span aria-hidden="true">⚠️</span> {t(question)}
      </p>
      <label class="choice">
        <input
          ref={box}
          type="checkbox"
          data-testid="sync-anyway"
          checked={isConfirmed}
          onChange={(input) => confirm(input.currentTarget.checked)}
        />
        <span>{t(ANYWAY)}</span>
      </label>
    </>
  );
}

const ANYWAY = { zh: '是，仍要记录', en: 'Yes, record it all the same' };
