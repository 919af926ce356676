import type { GaugeMeter, Meter, MeterSource, WindowMeter } from '../../../protocol/methods.ts';
import {
  besideFreshText,
  besideShareText,
  freshText,
  gaugeDetails,
  gaugeText,
  isOver,
  isStale,
  originText,
  paceOf,
  shareText,
} from '../../../shared/words/meter-text.ts';
import { stateText } from '../../../shared/words/source-text.ts';
import { nowMs } from '../live/clock.ts';
import { t } from '../live/language.ts';
import { meterName } from './meter-name.ts';

interface RowProps {
  readonly meter: Meter;
  /** Absent where the daemon tells of none. */
  readonly source: MeterSource | undefined;
}

/** One meter: its name, its figure, what follows from it, and where it comes from. */
export function MeterRow({ meter, source }: RowProps) {
  const now = nowMs.value;
  return (
    <li
      class="meters-row"
      data-testid="meter-row"
      data-meter={meter.meter}
      data-kind={meter.kind}
      data-level={levelOf(meter, now)}
      data-stale={isPast(meter, now) || undefined}
    >
      <span class="meters-name" title={meter.meter}>
        {t(meterName(meter))}
      </span>{' '}
      <span class="meters-figure" translate={false}>
        <Figure meter={meter} />
      </span>{' '}
      <Bar meter={meter} />
      <span class="meters-note">{noteOf(meter, now)}</span>{' '}
      <span class="meters-origin">
        <span class="meters-age">{t(originText(meter, now))}</span>
        {source && (
          <span class="meters-state" data-state={source.state}>
            {t(stateText({ state: source.state }, now))}
          </span>
        )}
      </span>
    </li>
  );
}

/** Whether it is too old to be taken for what stands there now. */
function isPast(meter: Meter, now: number): boolean {
  return meter.kind === 'window' ? isOver(meter, now) : isStale(meter, now);
}

function Figure({ meter }: { readonly meter: Meter }) {
  if (meter.kind === 'counter') return <>{freshText(meter)}</>;
  if (meter.kind === 'window') return <>{shareText(meter)}</>;
  return <>{gaugeText(meter)}</>;
}

function noteOf(meter: Meter, now: number): string {
  if (meter.kind === 'counter') return t(besideFreshText(meter));
  if (meter.kind === 'window') return t(besideShareText(meter, now));
  return gaugeDetails(meter);
}

/** For eyes alone: the figure and the note say the same in words. */
function Bar({ meter }: { readonly meter: Meter }) {
  if (meter.kind === 'counter') return null;
  return (
    <span class="meters-bar" aria-hidden="true">
      <span class="meters-fill" style={{ transform: `scaleX(${shareOf(meter)})` }} />
    </span>
  );
}

function shareOf(meter: GaugeMeter | WindowMeter): number {
  const share = meter.kind === 'window' ? meter.used_percent / 100 : ofLimit(meter);
  return Math.min(1, Math.max(0, share));
}

function ofLimit({ used, limit, percent = 0 }: GaugeMeter): number {
  return limit !== undefined && limit > 0 ? used / limit : percent / 100;
}

/** A window is judged by its pace while it lasts, a conversation by its room; a counter has neither. */
function levelOf(meter: Meter, now: number): 'calm' | 'near' | 'over' {
  if (meter.kind === 'counter') return 'calm';
  if (meter.kind === 'gauge') return ofLimit(meter) < 0.8 ? 'calm' : ofLimit(meter) < 1 ? 'near' : 'over';
  if (isOver(meter, now)) return 'calm';
  return LEVELS[paceOf(meter)];
}

const LEVELS = { fine: 'calm', fast: 'near', full: 'over' } as const;
