import type { Bilingual } from '../../../protocol/language.ts';
import { t } from '../live/language.ts';
import { estimateAccuracy } from '../live/state.ts';

/** How far estimates were off from the exact values that followed them; nothing while none did. */
export function EstimateAccuracyNote() {
  const { comparisons = 0, error_percent = null } = estimateAccuracy.value ?? {};
  if (error_percent === null) return null;
  return (
    <details class="hint">
      <summary>{t(TITLE)}</summary>
      <p>
        <span data-testid="estimate-accuracy">
          {t(errorText(error_percent))} {t(basisText(comparisons))}
        </span>
        {t(EXPLAINED)}
      </p>
    </details>
  );
}

function errorText(percent: number): Bilingual {
  const size = `${Math.abs(percent)}%`;
  if (percent === 0) return { zh: '无偏差', en: 'exact' };
  return percent < 0 ? { zh: `偏低 ${size}`, en: `${size} too low` } : { zh: `偏高 ${size}`, en: `${size} too high` };
}

function basisText(comparisons: number): Bilingual {
  return { zh: `（${comparisons} 次对比）`, en: comparisons === 1 ? '(1 comparison)' : `(${comparisons} comparisons)` };
}

const TITLE = { zh: '估算准不准？', en: 'How good are the estimates?' };
const EXPLAINED = {
  zh: '：估算的对话与之后编辑器给出的确切数值相比。',
  en: ': estimated conversations, compared with the exact values that the editor told after them.',
};
