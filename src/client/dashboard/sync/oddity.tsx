import type { Ref } from 'preact';
import type { Bilingual } from '../../../protocol/language.ts';
import { implausibleValue, isBareNumber } from '../../../shared/words/implausible-value.ts';
import { t } from '../live/language.ts';
import { addsUp, isTotalSet, usage } from '../live/state.ts';
import type { Meaning } from './understanding.ts';

/** The question that the daemon will ask about a value because of the budget. Whether the value adds too much, only the daemon knows. */
export function questionOf(value: string, tokens: number, meaning: Meaning): Bilingual | undefined {
  if (addsUp()) return undefined;
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

/** The question about an implausible value, and the box that must be ticked to record it. */
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
