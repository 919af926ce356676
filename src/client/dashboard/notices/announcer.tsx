import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Bilingual } from '../../../protocol/language.ts';
import type { Change } from '../../../protocol/methods.ts';
import { figureText, signedTokens } from '../../../shared/words/figures.ts';
import { eventOf, incrementOf } from '../history/session-text.ts';
import { t } from '../live/language.ts';
import { link, onChange } from '../live/state.ts';

/** Tells a screen reader of changes: of many in a row the last, so that it is never talked over. */
export function Announcer() {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last: Change | undefined;
    const leave = onChange((change) => {
      last = change;
      timer ??= setTimeout(() => {
        timer = undefined;
        if (last) spoken.value = textOf(last);
      }, PAUSE_MS);
    });
    return () => {
      leave();
      clearTimeout(timer);
    };
  }, []);
  const { state } = link.value;
  return (
    <>
      <p class="for-ears" role="status" aria-live="polite">
        {t(spoken.value)}
      </p>
      <p class="for-ears" role="status" aria-live="polite">
        {state === 'lost' ? t(LOST) : ''}
      </p>
    </>
  );
}

const PAUSE_MS = 1_000;

const spoken = signal<Bilingual>({ zh: '', en: '' });

function textOf({ usage, session }: Change): Bilingual {
  const figure = figureText(usage);
  const increment = session && incrementOf(session);
  const tokens = increment === undefined ? '' : ` ${signedTokens(increment)}`;
  const event = session ? ` ${eventOf(session).slice(0, 100)}`.trimEnd() : '';
  return { zh: `Token余量: ${figure}${tokens}${event}`, en: `Tokens: ${figure}${tokens}${event}` };
}

const LOST = { zh: '与守护进程的连接已断开', en: 'The connection to the daemon is lost' };
