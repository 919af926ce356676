import { useSignal } from '@preact/signals';
import type { Bilingual } from '../../../../protocol/language.ts';
import type { Change } from '../../../../protocol/methods.ts';
import { toSessionTime } from '../../../../protocol/timestamp.ts';
import { formatTokens } from '../../../../protocol/token-value.ts';
import { alertText } from '../../../../shared/words/alert-text.ts';
import { signedTokens } from '../../../../shared/words/figures.ts';
import { t } from '../../live/language.ts';
import { kindOf, titleOf } from '../session-text.ts';
import { SHOW_MORE } from '../words.ts';
import type { StreamItem } from './event-stream.ts';

/** The latest changes and alerts, live, the newest on top. */
export function StreamPanel({ items }: { readonly items: readonly StreamItem[] | undefined }) {
  const isWhole = useSignal(false);
  return (
    <section class="card history-card history-stream" aria-labelledby="history-events-title">
      <header class="history-head">
        <h2 id="history-events-title">{t({ zh: '事件流', en: 'Events' })}</h2>
      </header>
      <div class="history-events" data-testid="events">
        {items?.length === 0 && <p class="history-none">{t({ zh: '还没有事件', en: 'Nothing has happened yet' })}</p>}
        <ol aria-label={t({ zh: '事件列表', en: 'List of events' })}>
          {items?.slice(0, isWhole.value ? items.length : FEW_EVENTS).map((item) => (
            <Row key={item.key} item={item} />
          ))}
        </ol>
        {!isWhole.value && (items?.length ?? 0) > FEW_EVENTS && (
          <div class="history-foot">
            <button
              type="button"
              class="button small"
              onClick={() => {
                isWhole.value = true;
              }}
            >
              {t(SHOW_MORE)}
            </button>
          </div>
        )}
      </div>
    </section>
  );
}

/** The number of rows at first. */
const FEW_EVENTS = 20;

function Row({ item }: { readonly item: StreamItem }) {
  const { cause, increment, used, atMs, isNew } = item;
  const at = toSessionTime(atMs);
  const [day = '', clock = ''] = at.split(' ');
  const moves = increment !== undefined && cause !== 'total' && cause !== 'alert';
  return (
    <li class={`history-event history-event-${cause}${isNew ? ' history-new' : ''}`} data-testid="event-row">
      <time class="history-event-time" title={at} dateTime={new Date(atMs).toISOString()}>
        <span>{clock}</span>
        <span class="history-muted">{day.slice(5)}</span>
      </time>
      <span class="history-event-text">
        <span class="history-event-title">{t(titleOfItem(item))}</span>
        <span class="history-muted">
          {t(wordOf(item))}
          {moves && ` · ${formatTokens(used)}`}
        </span>
      </span>
      {moves && (
        <span class={increment < 0 ? 'history-increment history-minus' : 'history-increment'}>
          {signedTokens(increment)}
        </span>
      )}
    </li>
  );
}

function titleOfItem(item: StreamItem): Bilingual {
  const { cause, session, total, sessions, alert } = item;
  if (alert) return alertText(alert, item);
  const title = session && titleOf(session);
  const budget = formatTokens(total);
  const count = formatTokens(sessions);
  const titles: Readonly<Record<Change['cause'], Bilingual>> = {
    reading: title ?? { zh: '记录', en: 'Reading' },
    undo: title
      ? { zh: `撤销了：${title.zh}`, en: `Undone: ${title.en}` }
      : { zh: '撤销了上一条记录', en: 'The last reading was undone' },
    import:
      sessions > 0
        ? { zh: `导入了 ${count} 条过去的记录`, en: `${count} past reading${sessions === 1 ? '' : 's'} imported` }
        : { zh: '导入了过去的记录', en: 'Past readings were imported' },
    total: { zh: `额度改为 ${budget}`, en: `The budget is now ${budget}` },
    edit: { zh: '状态文件被修改', en: 'The state file was edited' },
  };
  return titles[cause as Change['cause']];
}

function wordOf({ cause, session }: StreamItem): Bilingual {
  if (cause !== 'reading' || !session) return WORDS[cause];
  const kind = kindOf(session);
  return session.reset === true ? { zh: `${kind.zh} · 重新计数`, en: `${kind.en} · counter restarted` } : kind;
}

const WORDS: Readonly<Record<StreamItem['cause'], Bilingual>> = {
  reading: { zh: '记录', en: 'Reading' },
  undo: { zh: '撤销', en: 'Undo' },
  import: { zh: '导入', en: 'Import' },
  total: { zh: '额度', en: 'Budget' },
  edit: { zh: '编辑', en: 'Edit' },
  alert: { zh: '提醒', en: 'Alert' },
};
