import { signal } from '@preact/signals';
import { useId, useState } from 'preact/hooks';
import type { Bilingual } from '../../../protocol/language.ts';
import { explainRefusal, formatTokens, parseTokenValue } from '../../../protocol/token-value.ts';
import { given } from '../../../shared/given.ts';
import { percentText } from '../../../shared/words/figures.ts';
import { daemon } from '../live/connection.ts';
import { t } from '../live/language.ts';
import { info, usage } from '../live/state.ts';
import { failureText } from '../notices/failure-text.ts';
import { notify } from '../notices/notices.ts';
import { Modal } from './modal.tsx';
import { choiceOf, chosenPeriod, isChosen, ResetField } from './reset-field.tsx';

const isOpen = signal(false);

/** Lets a person change the budget. */
export function openBudget(): void {
  isOpen.value = true;
}

/** Asks for the budget, written like any token value. */
export function BudgetDialog() {
  if (!isOpen.value) return null;
  return (
    <Modal title={t(CHANGE_BUDGET)} onClosed={() => (isOpen.value = false)}>
      {(close) => <BudgetForm close={close} />}
    </Modal>
  );
}

function BudgetForm({ close }: { close: () => void }) {
  const [text, setText] = useState(() => formatTokens(usage.value?.total ?? 0));
  const [failure, setFailure] = useState<Bilingual>();
  const [isBusy, setBusy] = useState(false);
  const [period] = useState(() => info.value?.budget?.period);
  const [choice, setChoice] = useState(() => choiceOf(period));
  const inputId = useId();
  const previewId = useId();
  const total = totalOf(text);
  const isReady = typeof total === 'number' && isChosen(choice) && !isBusy;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (typeof total !== 'number' || !isReady) return;
    setBusy(true);
    try {
      await setBudget(total, chosenPeriod(choice, period));
      close();
    } catch (error) {
      setFailure(failureText(error));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit}>
      <label class="field" for={inputId}>
        <span>{t(LABEL)}</span>
        <input
          id={inputId}
          class="input figure"
          data-testid="budget-value"
          value={text}
          autocomplete="off"
          spellcheck={false}
          autofocus
          aria-describedby={previewId}
          aria-invalid={typeof total !== 'number'}
          onFocus={(event) => event.currentTarget.select()}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <p id={previewId} class="preview" role="status" data-testid="budget-preview" data-ok={typeof total === 'number'}>
        {typeof total === 'number'
          ? `= ${formatTokens(total)} (${percentText(usage.value?.used ?? 0, total)})`
          : t(total)}
      </p>
      <ResetField choice={choice} period={period} onChoose={setChoice} />
      {failure && (
        <p class="failure" role="alert">
          {t(failure)}
        </p>
      )}
      <div class="modal-buttons">
        <button type="button" class="button" data-testid="budget-cancel" onClick={close}>
          {t(CANCEL)}
        </button>
        <button type="submit" class="button primary" data-testid="budget-submit" aria-disabled={!isReady}>
          {t(SAVE)}
        </button>
      </div>
    </form>
  );
}

/** Sets the budget that was read beside a recorded value, and says so, or why not. */
export async function takeBudget(total: number): Promise<void> {
  try {
    await setBudget(total);
  } catch (error) {
    notify({ tone: 'bad', text: NOT_SET, detail: failureText(error) });
  }
}

/** Sets the budget and says so; throws the daemon's failure. */
async function setBudget(total: number, period?: string): Promise<void> {
  const { used } = await daemon().setTotal(total, given({ period }));
  notify({
    tone: 'good',
    text: { zh: `总额度已设为: ${formatTokens(total)}`, en: `Budget set: ${formatTokens(total)}` },
    detail: { zh: `使用率 ${percentText(used, total)}`, en: `${percentText(used, total)} used` },
  });
}

/** The budget that a text tells, or why none. */
function totalOf(text: string): number | Bilingual {
  const parsed = parseTokenValue(text);
  if (!parsed.ok) return explainRefusal(text);
  return parsed.tokens >= 1 ? parsed.tokens : FROM_ONE;
}

const NOT_SET = { zh: '数值已记录，总额度没有修改', en: 'The value is recorded, the budget is not changed' };

/** The title of the dialog, and of the buttons that open it. */
export const CHANGE_BUDGET = { zh: '修改总额度', en: 'Change the budget' };
const LABEL = { zh: '总额度（tokens）', en: 'Budget (tokens)' };
const CANCEL = { zh: '取消', en: 'Cancel' };
const SAVE = { zh: '保存', en: 'Save' };
const FROM_ONE = { zh: '总额度必须是从 1 起的整数', en: 'the budget must be a whole number from 1' };
