import { formatTokens } from '../../../../protocol/token-value.ts';
import { percentText } from '../../../../shared/words/figures.ts';
import { language, t } from '../../live/language.ts';
import { AsTable } from '../as-table.tsx';
import { timeText } from '../figures.ts';
import { since, thinned } from './timeline.ts';
import type { UsageModel } from './usage-model.ts';

/** The plot as a table; rendered only while it is open. */
export function UsageTable({ model }: { readonly model: UsageModel }) {
  return <AsTable rows={() => <Rows model={model} />} />;
}

const MOST_ROWS = 40;

function Rows({ model }: { readonly model: UsageModel }) {
  const { fromMs, toMs } = model.window.value;
  const points = since(model.points.value, fromMs).filter(({ atMs }) => atMs <= toMs);
  const nowMs = model.nowMs.value;
  return (
    <table class="history-table" aria-label={t({ zh: '用量走势表', en: 'Usage over time, table' })}>
      <thead>
        <tr>
          <th scope="col">{t({ zh: '时间', en: 'Time' })}</th>
          <th scope="col" class="history-number">
            {t({ zh: '已使用', en: 'Used' })}
          </th>
          <th scope="col" class="history-number">
            {t({ zh: '额度', en: 'Budget' })}
          </th>
          <th scope="col" class="history-number">
            {t({ zh: '使用率', en: 'Share' })}
          </th>
        </tr>
      </thead>
      <tbody>
        {thinned(points, MOST_ROWS)
          .toReversed()
          .map(({ atMs, used, total }, index) => (
            <tr key={`${atMs}-${index}`}>
              <td>{timeText(atMs, language.value, nowMs)}</td>
              <td class="history-number">{formatTokens(used)}</td>
              <td class="history-number">{formatTokens(total)}</td>
              <td class="history-number">{percentText(used, total)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
