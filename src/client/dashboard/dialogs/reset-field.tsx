import { useId } from 'preact/hooks';
import { resetsText } from '../../../shared/words/period-text.ts';
import { t } from '../live/language.ts';

/** When a budget begins anew, as a person chooses it; a number that is none yet is empty. */
export interface ResetChoice {
  readonly kind: 'never' | 'monthly' | 'every' | 'kept';
  readonly number: string;
}

/** The choice that a period means as it is written in the settings; one without a choice of its own stays as it is. */
export function choiceOf(period: string | undefined): ResetChoice {
  if (period === undefined || period === 'never') return { kind: 'never', number: '' };
  if (/^\d+$/.test(period)) return { kind: 'monthly', number: period };
  const [, days] = /\/(\d+)d$/.exec(period) ?? [];
  return days === undefined ? { kind: 'kept', number: '' } : { kind: 'every', number: days };
}

/** The period to be set; none where the choice is what stands already, so that the days go on from where they began. */
export function chosenPeriod(choice: ResetChoice, period: string | undefined): string | undefined {
  const { kind, number } = choice;
  const stands = choiceOf(period);
  if (kind === 'kept' || (stands.kind === kind && stands.number === number)) return undefined;
  if (kind === 'never') return 'never';
  return kind === 'monthly' ? number : `${number}d`;
}

/** False while the number is missing, or out of its bounds. */
export function isChosen({ kind, number }: ResetChoice): boolean {
  if (kind === 'never' || kind === 'kept') return true;
  const value = /^\d{1,3}$/.test(number) ? Number(number) : 0;
  return value >= 1 && value <= MOST[kind];
}

/** Asks when the budget begins anew. */
export function ResetField(props: {
  readonly choice: ResetChoice;
  /** As it stands in the settings. */
  readonly period: string | undefined;
  readonly onChoose: (choice: ResetChoice) => void;
}) {
  const { choice, period, onChoose } = props;
  const id = useId();
  const { kind, number } = choice;
  const kinds = choiceOf(period).kind === 'kept' ? (['never', 'monthly', 'every', 'kept'] as const) : KINDS;
  return (
    <div class="field">
      <label for={id}>{t(RESETS_LABEL)}</label>
      <div class="reset-choice">
        <select
          id={id}
          class="input"
          data-testid="budget-resets"
          value={kind}
          onChange={(event) => {
            const chosen = event.currentTarget.value as ResetChoice['kind'];
            onChoose({ kind: chosen, number: chosen === kind ? number : (FIRST_NUMBERS[chosen] ?? '') });
          }}
        >
          {kinds.map((each) => (
            <option key={each} value={each} selected={each === kind}>
              {t(each === 'kept' ? resetsText(period!) : NAMES[each])}
            </option>
          ))}
        </select>
        {(kind === 'monthly' || kind === 'every') && (
          <input
            class="input figure"
            data-testid="budget-resets-number"
            type="text"
            inputMode="numeric"
            value={number}
            aria-label={t(NUMBERS[kind])}
            aria-invalid={!isChosen(choice)}
            onInput={(event) => onChoose({ kind, number: event.currentTarget.value.trim() })}
          />
        )}
      </div>
    </div>
  );
}

const KINDS = ['never', 'monthly', 'every'] as const;
const MOST = { monthly: 31, every: 999 };
const FIRST_NUMBERS: Partial<Record<ResetChoice['kind'], string>> = { monthly: '1', every: '7' };
const RESETS_LABEL = { zh: '何时重置', en: 'Resets' };
const NAMES = {
  never: { zh: '不重置', en: 'never' },
  monthly: { zh: '每月的某日', en: 'on a day of each month' },
  every: { zh: '从今天起每隔几天', en: 'every so many days from today' },
};
const NUMBERS = {
  monthly: { zh: '每月几日（1–31）', en: 'Day of the month, 1–31' },
  every: { zh: '天数（1–999）', en: 'Number of days, 1–999' },
};
