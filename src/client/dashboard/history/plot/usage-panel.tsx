import { formatTokens } from '../../../../protocol/token-value.ts';
import { language, t } from '../../live/language.ts';
import { FirstValue } from '../../sync/first-value.tsx';
import { timeText } from '../figures.ts';
import { NO_READINGS, TRY_AGAIN } from '../words.ts';
import { Chart } from './chart.tsx';
import type { RangeName } from './time-window.ts';
import type { UsageModel } from './usage-model.ts';
import { UsageTable } from './usage-table.tsx';

/** Usage over time: the choice of the window, the plot, and the same figures as a table. */
export function UsagePanel({ model }: { readonly model: UsageModel }) {
  return (
    <section class="card history-card history-usage" aria-labelledby="history-usage-title">
      <header class="history-head">
        <h2 id="history-usage-title">{t({ zh: '用量走势', en: 'Usage over time' })}</h2>
        <RangeChoice model={model} />
      </header>
      <div class="history-tools">
        <p class="history-span">{model.isRangeKnown.value ? <WindowText model={model} /> : '\u00a0'}</p>
        {model.points.value.length > 0 && <ZoomTools model={model} />}
      </div>
      <div class="history-stage">
        <Chart model={model} />
        <Placeholder model={model} />
      </div>
      <UsageTable model={model} />
    </section>
  );
}

const RANGES: readonly { readonly name: RangeName; readonly zh: string; readonly en: string }[] = [
  { name: '24h', zh: '24 小时', en: '24 hours' },
  { name: '7d', zh: '7 天', en: '7 days' },
  { name: '30d', zh: '30 天', en: '30 days' },
  { name: 'all', zh: '全部', en: 'All' },
];

function RangeChoice({ model }: { readonly model: UsageModel }) {
  return (
    <fieldset class="history-choice">
      <legend class="for-ears">{t({ zh: '时间范围', en: 'Range' })}</legend>
      {RANGES.map((range) => (
        <button
          key={range.name}
          type="button"
          aria-pressed={model.isRangeKnown.value && !model.isZoomed.value && model.range.value === range.name}
          onClick={() => model.showRange(range.name)}
        >
          {t(range)}
        </button>
      ))}
    </fieldset>
  );
}

function ZoomTools({ model }: { readonly model: UsageModel }) {
  const isFitted = model.fit.value === 'usage';
  return (
    <div class="history-zoom">
      <button type="button" class="button small" aria-pressed={isFitted} onClick={model.switchFit}>
        {t({ zh: '按用量缩放', en: 'Fit to usage' })}
      </button>
      <IconButton icon="‹" label={t({ zh: '更早', en: 'Earlier' })} act={() => model.panBy(-0.5)} />
      <IconButton icon="›" label={t({ zh: '更晚', en: 'Later' })} act={() => model.panBy(0.5)} />
      <IconButton icon="+" label={t({ zh: '放大', en: 'Zoom in' })} act={() => model.zoomBy(2)} />
      {model.isZoomed.value && (
        <>
          <IconButton icon="−" label={t({ zh: '缩小', en: 'Zoom out' })} act={() => model.zoomBy(0.5)} />
          <button type="button" class="button small" onClick={() => model.showWindow(undefined)}>
            {t({ zh: '还原', en: 'Reset' })}
          </button>
        </>
      )}
    </div>
  );
}

interface IconButtonProps {
  readonly icon: string;
  readonly label: string;
  readonly act: () => void;
}

function IconButton({ icon, label, act }: IconButtonProps) {
  return (
    <button type="button" class="button small history-icon" aria-label={label} title={label} onClick={act}>
      <span aria-hidden="true">{icon}</span>
    </button>
  );
}

/** The ends of the window, and the excess over the budget; the headline has the forecast. */
function WindowText({ model }: { readonly model: UsageModel }) {
  const { fromMs, toMs } = model.window.value;
  const nowMs = model.nowMs.value;
  const from = timeText(fromMs, language.value, nowMs);
  const to = model.isZoomed.value ? timeText(toMs, language.value, nowMs) : t({ zh: '现在', en: 'now' });
  const last = model.points.value.at(-1);
  const over = last && last.total > 0 ? last.used - last.total : 0;
  return (
    <>
      <span class="history-nobreak">
        {from} – {to}
      </span>
      {over > 0 && (
        <strong class="history-over">
          {t({ zh: `已超出额度 ${formatTokens(over)}`, en: `${formatTokens(over)} over budget` })}
        </strong>
      )}
      {model.status.value === 'failed' && (
        <button type="button" class="history-more" onClick={model.load}>
          {t({ zh: '读取失败，重试', en: 'Could not be read, try again' })}
        </button>
      )}
    </>
  );
}

function Placeholder({ model }: { readonly model: UsageModel }) {
  if (model.points.value.length > 0) return null;
  if (model.status.value === 'failed') {
    return (
      <div class="history-placeholder" role="alert">
        <p>{t({ zh: '用量走势读取失败', en: 'The usage over time could not be read' })}</p>
        <button type="button" class="button small" onClick={model.load}>
          {t(TRY_AGAIN)}
        </button>
      </div>
    );
  }
  if (model.status.value === 'loading') return null;
  return (
    <div class="history-placeholder">
      <p>{t(NO_READINGS)}</p>
      <p class="history-muted">
        {t({ zh: '同步一次，走势就从这里开始。', en: 'Sync once, and the line begins here.' })}
      </p>
      <FirstValue />
    </div>
  );
}
