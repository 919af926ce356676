import type { Bilingual } from '../../protocol/language.ts';
import { t } from './language.ts';
import { estimateAccuracy } from './state.ts';

/** How far estimates were off from the exact values that followed them; nothing while none did. */
export function EstimateAccuracyFact() {
  const { comparisons = 0, error_percent = null } = estimateAccuracy.value ?? {};
  if (error_percent === null) return null;
  return (
    <div>
      <dt>{t(ESTIMATES)}</dt>
      <dd class="figure" data-testid="estimate-accuracy">
        {t(errorText(error_percent))} <span class="muted">{t(basisText(comparisons))}</span>
      </dd>
    </div>
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

const ESTIMATES = { zh: '估算偏差', en: 'Estimates' };
