import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { MAX_EVENT_LENGTH } from '../../../../protocol/limits.ts';
import type { SessionType } from '../../../../protocol/methods.ts';
import { formatTokens, parseTokenValue } from '../../../../protocol/token-value.ts';
import { SYNC_KINDS } from '../../../../shared/words/sync-kinds.ts';
import { language, t } from '../../live/language.ts';
import { openSync } from '../../sync/sync-start.ts';
import { spanText } from '../figures.ts';
import type { UsageModel } from '../plot/usage-model.ts';
import type { TableModel } from './table-model.ts';

interface FiltersProps {
  readonly model: TableModel;
  readonly usageModel: UsageModel;
}

/** As long as somebody types, nothing is asked for. */
const TYPING_MS = 200;

/** The filters of the table: a text, a type, and as chips the page’s stretch of time and a conversation. */
export function Filters({ model, usageModel }: FiltersProps) {
  const { filter } = model.state.value;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const field = useRef<HTMLInputElement>(null);
  const pasted = useSignal<string | undefined>(undefined);
  const search = (query: string) => {
    clearTimeout(timer.current);
    pasted.value = undefined;
    timer.current = setTimeout(() => {
      if (query !== model.state.peek().filter.query) model.act({ type: 'filter', filter: { query } });
    }, TYPING_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  const sync = (text: string) => {
    if (field.current) field.current.value = '';
    search('');
    openSync({ kind: 'value', text, isPasted: true });
  };
  return (
    <search class="history-filters">
      <label class="history-field history-query">
        <span class="for-ears">{t({ zh: '在事件中搜索', en: 'Search the events' })}</span>
        <input
          ref={field}
          class="input"
          type="search"
          data-testid="search"
          aria-keyshortcuts="/"
          maxLength={MAX_EVENT_LENGTH}
          placeholder={t({ zh: '搜索事件…', en: 'Search events…' })}
          onInput={(event) => search(event.currentTarget.value)}
          onPaste={(event) => {
            const text = event.clipboardData?.getData('text/plain').trim() ?? '';
            // After the input that the paste makes.
            setTimeout(() => {
              pasted.value = text;
            });
          }}
        />
      </label>
      <label class="history-field">
        <span class="for-ears">{t({ zh: '类型', en: 'Type' })}</span>
        <select
          class="input"
          value={filter.kind}
          onChange={(event) =>
            model.act({ type: 'filter', filter: { kind: event.currentTarget.value as SessionType | '' } })
          }
        >
          <option value="">{t({ zh: '所有类型', en: 'All types' })}</option>
          {Object.entries(SYNC_KINDS).map(([kind, name]) => (
            <option key={kind} value={kind}>
              {t(name)}
            </option>
          ))}
        </select>
      </label>
      {filter.since !== '' && (
        <Chip
          explained={t({ zh: '取消时间筛选：', en: 'Show all time again, not only ' })}
          name={spanText(filter, language.value, usageModel.nowMs.value)}
          onClick={() => usageModel.showRange('all')}
        />
      )}
      {filter.conversation !== '' && (
        <Chip
          explained={t({ zh: '取消对话筛选：', en: 'Show every conversation again, not only ' })}
          name={filter.conversation}
          onClick={() => model.act({ type: 'filter', filter: { conversation: '' } })}
        />
      )}
      <SyncInstead text={pasted.value} sync={sync} />
    </search>
  );
}

interface ChipProps {
  readonly explained: string;
  readonly name: string;
  readonly onClick: () => void;
}

function Chip({ explained, name, onClick }: ChipProps) {
  return (
    <button type="button" class="history-chip" onClick={onClick}>
      <span class="for-ears">{explained}</span>
      <span class="history-chip-name">{name}</span>
      <span aria-hidden="true"> ✕</span>
    </button>
  );
}

/** Offers to sync a figure that was pasted into the search: people paste there by habit. */
function SyncInstead({ text, sync }: { readonly text: string | undefined; readonly sync: (text: string) => void }) {
  const value = text === undefined ? undefined : parseTokenValue(text);
  if (text === undefined || !value?.ok) return null;
  const figure = formatTokens(value.tokens);
  return (
    <button type="button" class="button small" data-testid="search-sync" onClick={() => sync(text)}>
      {t({ zh: `🔄 要同步 ${figure} 吗？`, en: `🔄 Sync ${figure}?` })}
    </button>
  );
}
