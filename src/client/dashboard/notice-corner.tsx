import './notice.css';
import { useEffect, useState } from 'preact/hooks';
import { t } from './language.ts';
import { notice } from './notices.ts';

const SHOWN_MS = 3_000;

/** The top right corner, where a notice stands for three seconds, longer while the focus is in it: it may lie over what the pointer is after. */
export function NoticeCorner() {
  const shown = notice.value;
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (!shown || isHeld) return;
    const timer = setTimeout(() => {
      if (notice.value === shown) notice.value = undefined;
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown, isHeld]);
  useEffect(() => {
    if (!shown) setHeld(false);
  }, [shown]);
  const act = () => {
    notice.value = undefined;
    shown?.action?.run();
  };
  return (
    <div class="notice-corner" role="status" aria-live="polite">
      {shown && (
        <div
          class="notice"
          data-testid="notice"
          data-tone={shown.tone}
          onFocusIn={() => setHeld(true)}
          onFocusOut={() => setHeld(false)}
        >
          <p class="notice-text">
            <strong>{t(shown.text)}</strong>
            {shown.detail && <span class="notice-detail">{t(shown.detail)}</span>}
          </p>
          {shown.action && (
            <button type="button" class="button small" data-testid="notice-action" onClick={act}>
              {t(shown.action.label)}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
