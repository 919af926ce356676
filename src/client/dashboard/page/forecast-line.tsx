import type { Bilingual, Language } from '../../../protocol/language.ts';
import type { Forecast } from '../../../protocol/methods.ts';
import { reasonText, turnsText } from '../../../shared/words/forecast-text.ts';
import { language, t } from '../live/language.ts';
import { forecast, usage } from '../live/state.ts';

/** The day the budget runs out, or why none is named. */
export function ForecastText() {
  const known = forecast.value;
  const { used = 0, total = 0 } = usage.value ?? {};
  // The figure is ahead of the forecast, which is asked for anew some moments after a change.
  if (known?.reason === 'context') return <>{t(turnsText(known.turns_left))}</>;
  if (total > 0 && used >= total) return <span class="muted">{t(reasonText('exhausted'))}</span>;
  if (!known) return <>{'—'}</>;
  const { exhausts_at, reason } = known;
  if (exhausts_at === null) return <span class="muted">{t(reasonText(reason ?? 'no_usage'))}</span>;
  const range = rangeText(known);
  return (
    <>
      <time class="figure" dateTime={exhausts_at}>
        {dayText(exhausts_at, language.value)}
      </time>{' '}
      <span class="muted">{t(leftText(exhausts_at))}</span>
      {range && <span class="muted"> {range}</span>}
    </>
  );
}

/** The days between which the budget may run out, where the forecast tells them and they differ. */
function rangeText(known: Forecast): string | undefined {
  const { earliest, latest } = known.range ?? {};
  if (!earliest) return undefined;
  if (!latest) {
    const from = dayText(earliest, language.value);
    return t({ zh: `最早 ${from}`, en: `${from} at the earliest` });
  }
  const [from, to] = [dayText(earliest, language.value), dayText(latest, language.value)];
  return t({ zh: `可能在 ${from} 至 ${to}`, en: `likely ${from} – ${to}` });
}

const DAY_MS = 86_400_000;

function leftText(exhaustsAt: string): Bilingual {
  const days = Math.floor((Date.parse(exhaustsAt) - Date.now()) / DAY_MS);
  if (days < 1) return { zh: '（不到一天）', en: '(in less than a day)' };
  return { zh: `（还有 ${days} 天）`, en: days === 1 ? '(in 1 day)' : `(in ${days} days)` };
}

const DAYS: Readonly<Record<Language, Intl.DateTimeFormat>> = {
  zh: new Intl.DateTimeFormat('zh-CN', { year: 'numeric', month: 'long', day: 'numeric' }),
  en: new Intl.DateTimeFormat('en', { year: 'numeric', month: 'short', day: 'numeric' }),
};

function dayText(iso: string, shown: Language): string {
  return DAYS[shown].format(new Date(iso));
}
