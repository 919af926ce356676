import { useSignal } from '@preact/signals';
import type { Session } from '../../../../protocol/methods.ts';
import { formatTokens } from '../../../../protocol/token-value.ts';
import { signedTokens } from '../../../../shared/words/figures.ts';
import { flagTexts, isRestart } from '../../../../shared/words/reading-remarks.ts';
import { t } from '../../live/language.ts';
import { instantOf, localTime } from '../../live/time-zone.ts';
import { countedOf, incrementOf, kindOf, timeOf, titleOf, usedOf } from '../session-text.ts';

/** Sessions as rows. */
export function SessionTable({ rows }: { readonly rows: readonly Session[] }) {
  return (
    <table class="history-table" data-testid="sessions">
      <thead>
        <tr>
          <th scope="col">{t({ zh: '时间', en: 'Time' })}</th>
          <th scope="col" class="history-number history-roomy">
            {t({ zh: '增量', en: 'Increment' })}
          </th>
          <th scope="col" class="history-number history-wide">
            {t({ zh: '已使用', en: 'Used' })}
          </th>
          <th scope="col" class="history-wide">
            {t({ zh: '类型', en: 'Type' })}
          </th>
          <th scope="col">{t({ zh: '事件', en: 'Event' })}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((session, index) => (
          <Row key={typeof session.id === 'string' ? session.id : `row-${index}`} session={session} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ session }: { readonly session: Session }) {
  const { conversation_id } = session;
  const undone = session.undone === true;
  const used = usedOf(session);
  const increment = incrementOf(session);
  const amount = increment === undefined ? '–' : signedTokens(increment);
  const sign = increment !== undefined && increment < 0 ? 'history-minus' : '';
  const counted = countedOf(session);
  const made = flagTexts(session.flags);
  const tells = counted !== increment || made.length > 0;
  const [day = '', clock = ''] = localTime(instantOf(session), timeOf(session)).split(/[ T]/);
  return (
    <tr data-testid="session-row" class={undone ? 'history-undone' : undefined}>
      <td class="history-time">
        <span class="history-nobreak">
          <span class="history-wide">{day.slice(0, 5)}</span>
          {day.slice(5)}
        </span>{' '}
        <span class="history-nobreak">{clock}</span>
      </td>
      <td class={`history-number history-roomy ${sign}`}>{amount}</td>
      <td class="history-number history-wide">{used === undefined ? '–' : formatTokens(used)}</td>
      <td class="history-wide history-nobreak">{t(kindOf(session))}</td>
      <td class="history-event-cell">
        <span class={`history-number history-tight ${sign}`}>{amount}</span>
        {undone && <span class="history-badge">{t({ zh: '已撤销', en: 'Undone' })}</span>}
        {isRestart(session) && (
          <span class="history-badge history-badge-reset">{t({ zh: '重新计数', en: 'Counter restarted' })}</span>
        )}
        {tells && counted !== undefined && !undone && (
          <span class="history-badge" title={made.map(t).join('; ')}>
            {t({ zh: `计入用量 ${formatTokens(counted)}`, en: `Counts ${formatTokens(counted)}` })}
          </span>
        )}
        <EventText text={t(titleOf(session))} isUndone={undone} />
        <span class="history-meta">
          <span class="history-narrow">{t(kindOf(session))}</span>
          {typeof conversation_id === 'string' && conversation_id !== '' && (
            <span class="history-conversation" title={conversation_id}>
              {conversation_id}
            </span>
          )}
        </span>
      </td>
    </tr>
  );
}

/** A text longer than this is shown whole only when asked for. */
const LONG = 180;

function EventText({ text, isUndone }: { readonly text: string; readonly isUndone: boolean }) {
  const isOpen = useSignal(false);
  const isLong = text.length > LONG;
  const shown = isLong && !isOpen.value ? `${[...text].slice(0, LONG - 20).join('')}…` : text;
  return (
    <>
      {isUndone ? <del>{shown}</del> : <span>{shown}</span>}
      {isLong && (
        <button
          type="button"
          class="history-more"
          aria-expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          {isOpen.value ? t({ zh: '收起', en: 'less' }) : t({ zh: '全文', en: 'more' })}
        </button>
      )}
    </>
  );
}
