import './warnings.css';
import type { Alert } from '../../../protocol/methods.ts';
import { alertText } from '../../../shared/words/alert-text.ts';
import { CHANGE_BUDGET, openBudget } from '../dialogs/budget-dialog.tsx';
import { t } from '../live/language.ts';
import { info, usage } from '../live/state.ts';
import { asTyped } from '../own-command.ts';
import { putAlertAway, shownAlerts } from './alerts.ts';

/** Standing alerts until they are put away, and the daemon’s warnings; nothing when all is well. */
export function Warnings() {
  const { warnings = [] } = info.value ?? {};
  const alerts = shownAlerts.value;
  const isEmpty = alerts.length + warnings.length === 0;
  return (
    <section class={isEmpty ? 'for-ears' : 'warnings'} aria-label={t(TITLE)}>
      {/* It stands before it has anything to say: a region that comes with its first text is not read out. */}
      <div role="status" aria-live="polite">
        {alerts.length > 0 && (
          <ul>
            {alerts.map((alert) => (
              <AlertRow key={alert.forecast ? 'forecast' : 'threshold'} alert={alert} />
            ))}
          </ul>
        )}
      </div>
      {warnings.length > 0 && (
        <ul>
          {warnings.map((warning) => (
            <li key={warning.code} class="warning">
              <span aria-hidden="true">⚠️</span> <span class="warning-text">{t(asTyped(warning))}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function AlertRow({ alert }: { readonly alert: Alert }) {
  const figures = usage.value ?? { used: 0, total: 0 };
  const isOver = figures.total > 0 && figures.used >= figures.total;
  return (
    <li class="warning" data-testid="alert" data-tone={isOver ? 'bad' : 'warn'}>
      <span aria-hidden="true">🔔</span> <span class="warning-text">{t(alertText(alert, figures))}</span>
      <button type="button" class="button small" data-testid="alert-budget" onClick={openBudget}>
        {t(CHANGE_BUDGET)}
      </button>
      <button
        type="button"
        class="button small quiet"
        data-testid="alert-close"
        aria-label={t(PUT_AWAY)}
        title={t(PUT_AWAY)}
        onClick={() => putAlertAway(alert)}
      >
        <span aria-hidden="true">✕</span>
      </button>
    </li>
  );
}

const TITLE = { zh: '提醒与警告', en: 'Alerts and warnings' };
const PUT_AWAY = { zh: '知道了，不再显示', en: 'Put this away' };
