import { parseTimestamp } from '../../../../protocol/timestamp.ts';
import { formatTokens } from '../../../../protocol/token-value.ts';
import { percentText, signedTokens } from '../../../../shared/words/figures.ts';
import { language, t } from '../../live/language.ts';
import { sessions } from '../../live/state.ts';
import { instantOf } from '../../live/time-zone.ts';
import { timeText } from '../figures.ts';
import { timeOf, titleOf } from '../session-text.ts';
import type { Readout } from './readout.ts';
import type { UsageModel } from './usage-model.ts';
import type { UsagePlot } from './usage-plot.ts';

interface TooltipProps {
  readonly readout: Readout | undefined;
  readonly plot: UsagePlot | undefined;
  readonly width: number;
  readonly model: UsageModel;
}

/** The figure, or the forecast, at the cursor, with the cursor itself. */
export function Tooltip({ readout, plot, width, model }: TooltipProps) {
  const left = readout && plot?.leftOf(readout.atMs);
  if (!readout || !plot || left === undefined) return null;
  const figure = readout.kind === 'past' ? readout.used : (readout.likely ?? readout.low ?? 0);
  const top = plot.topOf(figure);
  // Away from the pointer, and never over the edge.
  const shift = left > width / 2 ? 'translateX(calc(-100% - 12px))' : 'translateX(12px)';
  const box = { transform: `translate(${Math.round(left)}px, 12px) ${shift}` };
  return (
    <>
      <div class="history-cursor" style={{ transform: `translateX(${Math.round(left)}px)` }} />
      {top !== undefined && (
        <div class="history-point" style={{ transform: `translate(${Math.round(left)}px, ${Math.round(top)}px)` }} />
      )}
      <div class="history-tooltip" style={box}>
        <ReadoutLines readout={readout} model={model} />
      </div>
    </>
  );
}

function ReadoutLines({ readout, model }: { readonly readout: Readout; readonly model: UsageModel }) {
  const time = timeText(readout.atMs, language.value, model.nowMs.value);
  if (readout.kind === 'forecast') {
    const { likely, low, high } = readout;
    return (
      <>
        <span class="history-tooltip-time">
          {time} · {t({ zh: '预测', en: 'forecast' })}
        </span>
        {likely !== undefined && <strong>≈ {formatTokens(likely)}</strong>}
        {low !== undefined && high !== undefined && (
          <span>
            {formatTokens(low)} – {formatTokens(high)}
          </span>
        )}
      </>
    );
  }
  const { used, budget, by } = readout;
  return (
    <>
      <span class="history-tooltip-time">{time}</span>
      <strong>{formatTokens(used)}</strong>
      {budget > 0 && (
        <span>
          {percentText(used, budget)} / {formatTokens(budget)}
        </span>
      )}
      {by !== 0 && <span>{signedTokens(by)}</span>}
      {by !== 0 && <EventName atMs={readout.atMs} />}
    </>
  );
}

/** The event of the reading at that instant, if the page holds it. */
function EventName({ atMs }: { readonly atMs: number }) {
  const session = sessions.value.find(
    (each) => Math.abs((instantOf(each) ?? parseTimestamp(timeOf(each)) ?? 0) - atMs) < SAME_MS,
  );
  return session ? <span class="history-tooltip-event">{t(titleOf(session))}</span> : null;
}

/** A session tells its time in whole seconds. */
const SAME_MS = 1_500;
