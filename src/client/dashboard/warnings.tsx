import './warnings.css';
import { language, t } from './language.ts';
import { info } from './state.ts';

/** What the daemon says is wrong; nothing when all is well. */
export function Warnings() {
  const warnings = info.value?.warnings ?? [];
  if (warnings.length === 0) return null;
  return (
    <section class="warnings" aria-label={t(TITLE)}>
      <ul>
        {warnings.map((warning) => (
          <li key={warning.code}>
            <span aria-hidden="true">⚠️</span> <span>{warning[language.value]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const TITLE = { zh: '警告', en: 'Warnings' };
