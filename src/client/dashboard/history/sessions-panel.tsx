import { useEffect, useRef } from 'preact/hooks';
import type { SyncType } from '../../../protocol/methods.ts';
import { formatTokens } from '../../../protocol/token-value.ts';
import { t } from '../language.ts';
import { sessions, usage } from '../state.ts';
import { openUndo } from '../undo-dialog.tsx';
import { ScrollRegion } from './scroll-region.tsx';
import { SessionTable } from './session-table.tsx';
import { KINDS } from './session-text.ts';
import type { TableModel } from './table-model.ts';
import { exportAddress, isFiltered, isFirstPage, PAGE, type TableState } from './table-state.ts';

/** Every session that was ever recorded: search, filter, pages, undo and export. */
export function SessionsPanel({ model }: { readonly model: TableModel }) {
  const state = model.state.value;
  const scroller = useRef<HTMLElement>(null);
  const page = state.cursors.length;
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [page, state.filter]);
  return (
    <section class="card history-card history-sessions" aria-labelledby="history-sessions-title">
      <header class="history-head">
        <h2 id="history-sessions-title">{t({ zh: '会话记录', en: 'Sessions' })}</h2>
        <div class="history-actions">
          <UndoButton />
          <ExportLink format="csv" state={state} />
          <ExportLink format="json" state={state} />
        </div>
      </header>
      <Filters model={model} />
      <ScrollRegion
        class="history-pages"
        label={t({ zh: '会话记录列表', en: 'List of sessions' })}
        isBusy={state.status === 'loading'}
        scroller={scroller}
      >
        <SessionTable rows={state.rows} />
        <Nothing model={model} />
      </ScrollRegion>
      <Pager model={model} />
    </section>
  );
}

function UndoButton() {
  return (
    <button type="button" class="button small" disabled={sessions.value.length === 0} onClick={openUndo}>
      <span aria-hidden="true">↩</span>
      {t({ zh: '撤销上一条', en: 'Undo last' })}
    </button>
  );
}

function ExportLink({ format, state }: { readonly format: 'csv' | 'json'; readonly state: TableState }) {
  const name = format.toUpperCase();
  const what = isFiltered(state.filter)
    ? t({ zh: `把筛选结果导出为 ${name}`, en: `Export what is filtered as ${name}` })
    : t({ zh: `把全部历史导出为 ${name}`, en: `Export the whole history as ${name}` });
  return (
    <a class="button small" href={exportAddress(format, state.filter)} download title={what} aria-label={what}>
      <span aria-hidden="true">↓</span>
      {name}
    </a>
  );
}

/** As long as somebody types, nothing is asked for. */
const TYPING_MS = 200;

function Filters({ model }: { readonly model: TableModel }) {
  const { filter } = model.state.value;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const search = (query: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (query !== model.state.peek().filter.query) model.act({ type: 'filter', filter: { query } });
    }, TYPING_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <search class="history-filters">
      <label class="history-field history-query">
        <span class="for-ears">{t({ zh: '在事件中搜索', en: 'Search the events' })}</span>
        <input
          class="input"
          type="search"
          maxLength={1_000}
          placeholder={t({ zh: '搜索事件…', en: 'Search events…' })}
          onInput={(event) => search(event.currentTarget.value)}
        />
      </label>
      <label class="history-field">
        <span class="for-ears">{t({ zh: '类型', en: 'Type' })}</span>
        <select
          class="input"
          value={filter.kind}
          onChange={(event) =>
            model.act({ type: 'filter', filter: { kind: event.currentTarget.value as SyncType | '' } })
          }
        >
          <option value="">{t({ zh: '所有类型', en: 'All types' })}</option>
          {Object.entries(KINDS).map(([kind, name]) => (
            <option key={kind} value={kind}>
              {t(name)}
            </option>
          ))}
        </select>
      </label>
      {filter.conversation !== '' && (
        <button
          type="button"
          class="history-chip"
          onClick={() => model.act({ type: 'filter', filter: { conversation: '' } })}
        >
          <span class="for-ears">{t({ zh: '取消会话筛选：', en: 'Show every conversation again, not only ' })}</span>
          <span class="history-chip-name">{filter.conversation}</span>
          <span aria-hidden="true"> ✕</span>
        </button>
      )}
    </search>
  );
}

function Nothing({ model }: { readonly model: TableModel }) {
  const { status, rows, filter } = model.state.value;
  if (status === 'failed') {
    return (
      <div class="history-none" role="alert">
        <p>{t({ zh: '会话记录读取失败', en: 'The sessions could not be read' })}</p>
        <button type="button" class="button small" onClick={() => model.act({ type: 'reload' })}>
          {t({ zh: '重试', en: 'Try again' })}
        </button>
      </div>
    );
  }
  if (rows.length > 0 || status === 'loading') return null;
  return (
    <p class="history-none">
      {isFiltered(filter)
        ? t({ zh: '没有符合条件的记录', en: 'No session matches' })
        : t({ zh: '还没有记录', en: 'No sessions yet' })}
    </p>
  );
}

function Pager({ model }: { readonly model: TableModel }) {
  const state = model.state.value;
  const { next, unseen } = state;
  return (
    <nav class="history-pager" aria-label={t({ zh: '会话记录翻页', en: 'Pages of sessions' })}>
      <button
        type="button"
        class="button small"
        disabled={isFirstPage(state)}
        onClick={() => model.act({ type: 'previous' })}
      >
        {t({ zh: '上一页', en: 'Previous' })}
      </button>
      <p role="status">{pageText(state)}</p>
      <button type="button" class="button small" disabled={next === undefined} onClick={model.next}>
        {t({ zh: '下一页', en: 'Next' })}
      </button>
      {unseen > 0 && (
        <button type="button" class="button small history-unseen" onClick={() => model.act({ type: 'newest' })}>
          {t({ zh: `有 ${unseen} 处更新，回到最新`, en: `${unseen} new, show the latest` })}
        </button>
      )}
    </nav>
  );
}

function pageText({ cursors, rows, filter, status }: TableState): string {
  if (rows.length === 0) {
    if (status !== 'ready') return '';
    return isFiltered(filter) ? t({ zh: '没有找到', en: 'Nothing found' }) : t({ zh: '共 0 条', en: '0 sessions' });
  }
  const first = (cursors.length - 1) * PAGE;
  const last = first + rows.length;
  const count = usage.value?.sessions_count;
  const range = `${formatTokens(first + 1)}–${formatTokens(last)}`;
  const of = count !== undefined && !isFiltered(filter) && count >= last ? formatTokens(count) : '';
  return t({
    zh: `第 ${cursors.length} 页 · ${range}${of && ` / ${of}`}`,
    en: `Page ${cursors.length} · ${range}${of && ` of ${of}`}`,
  });
}
