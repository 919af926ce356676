import { useRef } from 'preact/hooks';
import { t } from '../live/language.ts';
import { openSync } from './sync-start.ts';

/** Where the first figure comes from, with an example and a field for it. */
export function FirstValue() {
  const field = useRef<HTMLInputElement>(null);
  const start = (event: Event) => {
    event.preventDefault();
    openSync({ kind: 'value', text: field.current?.value.trim() ?? '', isPasted: false });
  };
  return (
    <form class="history-first" onSubmit={start}>
      <label>
        <span class="history-muted">
          {t({
            zh: '数值在编辑器里：Cursor 显示在对话框旁，Claude Code 用 /context 查看。',
            en: 'Your editor shows the figure: Cursor beside the chat, Claude Code with /context.',
          })}
        </span>
        <input
          class="input"
          ref={field}
          data-testid="first-value"
          autocomplete="off"
          placeholder="350,000 tokens used"
        />
      </label>
      <button type="submit" class="button">
        {t({ zh: '同步', en: 'Sync' })}
      </button>
    </form>
  );
}
