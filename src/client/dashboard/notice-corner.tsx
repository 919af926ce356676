import './notice.css';
import { useEffect, useState } from 'preact/hooks';
import { t } from './language.ts';
import { notice } from './notices.ts';

const SHOWN_MS = 3_000;

/** The top right corner, where a notice stands for three seconds, longer while somebody points at it or is in it. */
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
  // A pointer that merely rests where the notice appears does not ask for it.
  const hold = ({ movementX, movementY }: PointerEvent) => (movementX !== 0 || movementY !== 0) && setHeld(true);
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
          onPointerMove={hold}
          onPointerLeave={() => setHeld(false)}
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
