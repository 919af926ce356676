import './headline.css';
import { formatTokens } from '../../../protocol/token-value.ts';
import { percentText } from '../../../shared/words/figures.ts';
import { RUNS_OUT } from '../../../shared/words/forecast-text.ts';
import { CHANGE_BUDGET, openBudget } from '../dialogs/budget-dialog.tsx';
import { language, t } from '../live/language.ts';
import { roundTokens } from '../live/round-tokens.ts';
import { forecast, isTotalSet, link, usage } from '../live/state.ts';
import { openSync } from '../sync/sync-start.ts';
import { EstimateAccuracyNote } from './estimate-accuracy.tsx';
import { ForecastText } from './forecast-line.tsx';

/** The figure, large, with the facts that follow from it, and the button to sync. */
export function Headline() {
  const figures = usage.value;
  const used = figures?.used ?? 0;
  const total = figures?.total ?? 0;
  const percent = percentText(used, total);
  // Nothing is made of a share of a default.
  const isDefault = isTotalSet.value === false;
  return (
    <section class="card headline" data-level={isDefault ? 'calm' : levelOf(used, total)} data-link={link.value.state}>
      <div class="headline-top">
        <p class="headline-line">
          <span class="headline-label">{t(LABEL)}</span>{' '}
          <span data-testid="used" translate={false}>
            {formatTokens(used)}
          </span>{' '}
          <span class="headline-rest" translate={false}>
            / <span data-testid="total">{formatTokens(total)}</span> (<span data-testid="percent">{percent}</span>)
          </span>
        </p>
        <button
          type="button"
          class="button primary sync-open"
          data-testid="sync-open"
          aria-keyshortcuts="s"
          onClick={() => openSync()}
        >
          {t(SYNC)}
        </button>
      </div>
      <Meter used={used} total={total} percent={percent} />
      {isDefault && (
        <p class="budget-ask" data-testid="budget-ask">
          {t(total > 0 ? IS_DEFAULT : IS_NONE)}{' '}
          <button type="button" class="button small" data-testid="budget-ask-open" onClick={openBudget}>
            {t(SET_BUDGET)}
          </button>
        </p>
      )}
      <dl class="facts">
        <div>
          <dt>{t(REMAINING)}</dt>
          <dd class="figure" data-testid="remaining" translate={false}>
            {formatTokens(total - used)}
          </dd>
        </div>
        <div>
          <dt>{t(BUDGET)}</dt>
          <dd class="figure">
            {formatTokens(total)}{' '}
            <button
              type="button"
              class="button small"
              data-testid="budget-open"
              aria-label={t(CHANGE_BUDGET)}
              onClick={openBudget}
            >
              {t(EDIT)}
            </button>
          </dd>
        </div>
        <div>
          <dt>{t(PACE)}</dt>
          <dd class="figure" data-testid="pace">
            {paceText()}
          </dd>
        </div>
        <div>
          <dt>{t(READINGS)}</dt>
          <dd class="figure">{formatTokens(figures?.sessions_count ?? 0)}</dd>
        </div>
        <div class="facts-wide">
          <dt>{t(RUNS_OUT)}</dt>
          <dd data-testid="forecast">
            <ForecastText />
          </dd>
        </div>
      </dl>
      <p class="hint">
        {t(HINT)} <span class="wide-only">{t(KEYS)}</span>
      </p>
      <EstimateAccuracyNote />
    </section>
  );
}

function Meter({ used, total, percent }: { used: number; total: number; percent: string }) {
  const share = total > 0 ? Math.min(1, used / total) : 0;
  return (
    <>
      <meter class="for-ears" aria-label={t(METER)} min={0} max={1} value={share}>
        {percent}
      </meter>
      <div class="meter" aria-hidden="true">
        <div class="meter-fill" style={{ transform: `scaleX(${share})` }} />
      </div>
    </>
  );
}

function paceText(): string {
  const pace = forecast.value;
  if (!pace || pace.reason === 'too_little_data') return '—';
  const figure = roundTokens(pace.tokens_per_day, language.value);
  return t({ zh: `${figure} / 天`, en: `${figure} / day` });
}

/** The usual thresholds, of which the last is the budget itself. */
function levelOf(used: number, total: number): 'calm' | 'near' | 'over' {
  if (total <= 0 || used < total * 0.8) return 'calm';
  return used < total ? 'near' : 'over';
}

const LABEL = { zh: '▸ Token余量:', en: '▸ Tokens:' };
const SYNC = { zh: '🔄 同步', en: '🔄 Sync' };
const REMAINING = { zh: '剩余', en: 'Remaining' };
const PACE = { zh: '每天用量', en: 'Pace' };
const READINGS = { zh: '记录数', en: 'Readings' };
const BUDGET = { zh: '总额度', en: 'Budget' };
const EDIT = { zh: '修改', en: 'Change' };
const IS_DEFAULT = { zh: '总额度还是默认值，你的是多少？', en: 'The budget is still the default. What is yours?' };
const IS_NONE = { zh: '还没有总额度，你的是多少？', en: 'There is no budget yet. What is yours?' };
const SET_BUDGET = { zh: '设置总额度', en: 'Set the budget' };
const METER = { zh: '已使用的份额', en: 'Share of the budget used' };
const HINT = {
  zh: '复制编辑器里的 Token 数值，在本页任意处粘贴即可同步。',
  en: 'Copy the token figure of your editor and paste it anywhere on this page to sync.',
};
const KEYS = { zh: '快捷键：s 同步，/ 搜索，u 撤销。', en: 'Keys: s to sync, / to search, u to undo.' };
