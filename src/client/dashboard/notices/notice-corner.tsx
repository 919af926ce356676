import './notice.css';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../live/language.ts';
import { dismiss, type Notice, notice } from './notices.ts';

const SHOWN_MS = 3_000;

/** The top right corner, where a notice stands for three seconds, longer while the focus is in it. The pointer does not hold it: it may lie over the very thing that the pointer is after. */
export function NoticeCorner() {
  return (
    <div class="notice-corner" role="status" aria-live="polite">
      {notice.value && <NoticeCard shown={notice.value} />}
    </div>
  );
}

function NoticeCard({ shown }: { readonly shown: Notice }) {
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(dismiss, SHOWN_MS, shown);
    return () => clearTimeout(timer);
  }, [shown, isHeld]);
  const { tone, text, detail, action } = shown;
  const act = () => {
    dismiss(shown);
    action?.run();
  };
  return (
    <div
      class="notice"
      data-testid="notice"
      data-tone={tone}
      onFocusIn={() => setHeld(true)}
      onFocusOut={() => setHeld(false)}
    >
      <p class="notice-text">
        <strong>{t(text)}</strong>
        {detail && <span class="notice-detail">{t(detail)}</span>}
      </p>
      {action && (
        <button type="button" class="button small" data-testid="notice-action" onClick={act}>
          {t(action.label)}
        </button>
      )}
    </div>
  );
}
