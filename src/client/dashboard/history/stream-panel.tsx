import { signedTokens } from '../../../protocol/figures.ts';
import { formatTokens } from '../../../protocol/token-value.ts';
import { t } from '../language.ts';
import type { StreamItem } from './event-stream.ts';
import { ScrollRegion } from './scroll-region.tsx';
import { kindOf, titleOf } from './session-text.ts';

/** What happens, as it happens; the newest on top. */
export function StreamPanel({ items }: { readonly items: readonly StreamItem[] }) {
  return (
    <section class="card history-card history-stream" aria-labelledby="history-events-title">
      <header class="history-head">
        <h2 id="history-events-title">{t({ zh: '事件流', en: 'Events' })}</h2>
      </header>
      <ScrollRegion class="history-events" testId="events" label={t({ zh: '事件列表', en: 'List of events' })}>
        {items.length === 0 && <p class="history-none">{t({ zh: '还没有事件', en: 'Nothing has happened yet' })}</p>}
        <ol>
          {items.map((item) => (
            <Row key={item.key} item={item} />
          ))}
        </ol>
      </ScrollRegion>
    </section>
  );
}

function Row({ item }: { readonly item: StreamItem }) {
  const { cause, increment, used, at, isNew } = item;
  const [day = '', clock = ''] = at.split(/[ T]/);
  return (
    <li class={`history-event history-event-${cause}${isNew ? ' history-new' : ''}`} data-testid="event-row">
      <time class="history-event-time" title={at}>
        <span>{clock}</span>
        <span class="history-muted">{day.slice(5)}</span>
      </time>
      <span class="history-event-text">
        <span class="history-event-title">{itemTitle(item)}</span>
        <span class="history-muted">
          {wordOf(item)}
          {used !== undefined && cause !== 'total' && ` · ${formatTokens(used)}`}
        </span>
      </span>
      {increment !== undefined && cause !== 'total' && (
        <span class={increment < 0 ? 'history-increment history-minus' : 'history-increment'}>
          {signedTokens(increment)}
        </span>
      )}
    </li>
  );
}

function itemTitle({ cause, session, total }: StreamItem): string {
  if (session) return t(titleOf(session));
  if (cause === 'undo') return t({ zh: '撤销了上一条记录', en: 'The last reading was undone' });
  if (cause === 'import') return t({ zh: '导入了过去的记录', en: 'Past readings were imported' });
  if (cause === 'total') {
    const budget = formatTokens(total ?? 0);
    return t({ zh: `额度改为 ${budget}`, en: `The budget is now ${budget}` });
  }
  return t({ zh: '状态文件被修改', en: 'The state file was edited' });
}

function wordOf({ cause, session }: StreamItem): string {
  if (session?.reset) return `${t(kindOf(session))} · ${t({ zh: '重新计数', en: 'counter restarted' })}`;
  return session ? t(kindOf(session)) : t(WORDS[cause]);
}

const WORDS: Readonly<Record<StreamItem['cause'], { readonly zh: string; readonly en: string }>> = {
  reading: { zh: '记录', en: 'Reading' },
  undo: { zh: '撤销', en: 'Undo' },
  import: { zh: '导入', en: 'Import' },
  total: { zh: '额度', en: 'Budget' },
  edit: { zh: '编辑', en: 'Edit' },
};
