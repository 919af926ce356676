import { formatTokens } from '../../../../protocol/token-value.ts';
import { missingEntries } from '../../../../shared/words/missing-entries.ts';
import { openUndo } from '../../dialogs/undo-dialog.tsx';
import { t } from '../../live/language.ts';
import { daemonZone, sessions, usage } from '../../live/state.ts';
import { zoneNote } from '../../live/time-zone.ts';
import type { UsageModel } from '../plot/usage-model.ts';
import { NO_READINGS, readingsText, SHOW_MORE, TRY_AGAIN } from '../words.ts';
import { Filters } from './filters.tsx';
import { SessionTable } from './session-table.tsx';
import type { TableModel } from './table-model.ts';
import { exportAddress, hasMore, isFiltered, MOST_ROWS, sumOf, type TableState } from './table-state.ts';

interface SessionsProps {
  readonly model: TableModel;
  readonly usageModel: UsageModel;
}

/** Every reading that was ever recorded: search, filter, undo and export. */
export function SessionsPanel({ model, usageModel }: SessionsProps) {
  const state = model.state.value;
  return (
    <section class="card history-card history-sessions" aria-labelledby="history-sessions-title">
      <header class="history-head">
        <h2 id="history-sessions-title">{t({ zh: '记录', en: 'Readings' })}</h2>
        <div class="history-actions">
          <UndoButton />
          <ExportLink format="csv" state={state} />
          <ExportLink format="json" state={state} />
        </div>
      </header>
      <ZoneNote />
      <Filters model={model} usageModel={usageModel} />
      <div
        class="history-rows"
        aria-busy={state.status === 'loading'}
        data-searching={state.status === 'loading' && state.lookedBackTo !== undefined}
      >
        <SessionTable rows={state.rows} />
        <Nothing model={model} usageModel={usageModel} />
      </div>
      {state.unreadable > 0 && (
        <p class="history-missing" role="status" data-testid="history-missing">
          {t(missingEntries(state.unreadable))}
        </p>
      )}
      <Foot model={model} />
    </section>
  );
}

function ZoneNote() {
  const note = zoneNote(daemonZone.value, Date.now());
  return (
    note && (
      <p class="muted" data-testid="time-zone">
        {t(note)}
      </p>
    )
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

function Nothing({ model, usageModel }: SessionsProps) {
  const { status, rows, filter } = model.state.value;
  if (status === 'failed') {
    return (
      <div class="history-none" role="alert">
        <p>{t({ zh: '记录读取失败', en: 'The readings could not be read' })}</p>
        <button type="button" class="button small" onClick={() => model.act({ type: 'reload' })}>
          {t(TRY_AGAIN)}
        </button>
      </div>
    );
  }
  if (rows.length > 0 || status === 'loading') return null;
  return (
    <div class="history-none">
      <p>{isFiltered(filter) ? t({ zh: '没有符合条件的记录', en: 'No reading matches' }) : t(NO_READINGS)}</p>
      {filter.since !== '' && (
        <button type="button" class="button small" onClick={() => usageModel.showRange('all')}>
          {t({ zh: '在全部时间里找', en: 'Look in all time' })}
        </button>
      )}
    </div>
  );
}

/** How many there are, how far a search has come, and more of them. */
function Foot({ model }: { readonly model: TableModel }) {
  const state = model.state.value;
  const isSearching = state.status === 'loading' && state.lookedBackTo !== undefined;
  return (
    <div class="history-foot">
      <p role="status" data-testid="sessions-count">
        {isSearching ? searchText(state) : countText(state)}
      </p>
      {isSearching ? (
        <button type="button" class="button small" onClick={() => model.act({ type: 'stop' })}>
          <span aria-hidden="true">✕ </span>
          {t({ zh: '停止搜索', en: 'Stop searching' })}
        </button>
      ) : (
        hasMore(state) && (
          <button
            type="button"
            class="button small"
            data-testid="sessions-more"
            disabled={state.status === 'loading'}
            onClick={model.more}
          >
            {state.lookedBackTo === undefined ? t(SHOW_MORE) : t({ zh: '继续搜索', en: 'Search on' })}
          </button>
        )
      )}
    </div>
  );
}

function searchText({ lookedBackTo = '' }: TableState): string {
  const month = lookedBackTo.slice(0, 7);
  return t({ zh: `正在往前搜索，已到 ${month}…`, en: `Searching back to ${month} …` });
}

function countText(state: TableState): string {
  const { rows, filter, status, lookedBackTo, next } = state;
  const shown = formatTokens(rows.length);
  if (status !== 'ready') return '';
  if (lookedBackTo !== undefined) {
    const month = lookedBackTo.slice(0, 7);
    return t({ zh: `找到 ${shown} 条，只搜索到 ${month}`, en: `${shown} found, searched back to ${month} only` });
  }
  const limit = next !== undefined && rows.length >= MOST_ROWS ? t(LIMIT) : '';
  if (!isFiltered(filter)) {
    const count = usage.value?.sessions_count ?? 0;
    return (count > rows.length ? partOf(rows.length, count) : t(readingsText(rows.length))) + limit;
  }
  const sum = sumOf(state);
  if (!sum) return `${shown}+`;
  const count = next === undefined ? t(readingsText(sum.readings)) : partOf(rows.length, sum.readings);
  return `${count} · ${formatTokens(sum.tokens)} tokens${limit}`;
}

const LIMIT = {
  zh: '；更早的请按时间或事件查找，或导出',
  en: '; look for older ones by time or event, or export them',
};

function partOf(shown: number, count: number): string {
  return t({
    zh: `${formatTokens(shown)} / ${formatTokens(count)} 条`,
    en: `${formatTokens(shown)} of ${formatTokens(count)} readings`,
  });
}
