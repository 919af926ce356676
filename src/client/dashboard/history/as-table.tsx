import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { t } from '../live/language.ts';

/** A drawing as a table, for people who do not see it; `rows` is called only while it is open. */
export function AsTable({ rows }: { readonly rows: () => ComponentChildren }) {
  const isOpen = useSignal(false);
  return (
    <details
      class="history-alternative"
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>{t({ zh: '以表格查看', en: 'Show as a table' })}</summary>
      {isOpen.value && rows()}
    </details>
  );
}
