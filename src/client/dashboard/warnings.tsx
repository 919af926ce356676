import './warnings.css';
import { alertText } from '../../protocol/alert-text.ts';
import { language, t } from './language.ts';
import { info } from './state.ts';

/** What the daemon has alerted of and still holds, and what it says is wrong; nothing when all is well. */
export function Warnings() {
  const { alerts = [], warnings = [] } = info.value ?? {};
  if (alerts.length + warnings.length === 0) return null;
  return (
    <section class="warnings" aria-label={t(TITLE)}>
      <ul>
        {alerts.map((alert) => (
          <li key={alert.forecast ? 'forecast' : 'threshold'} data-testid="alert">
            <span aria-hidden="true">🔔</span> <span>{t(alertText(alert))}</span>
          </li>
        ))}
        {warnings.map((warning) => (
          <li key={warning.code}>
            <span aria-hidden="true">⚠️</span> <span>{warning[language.value]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const TITLE = { zh: '提醒与警告', en: 'Alerts and warnings' };
