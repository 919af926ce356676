import { signal } from '@preact/signals';
import { pause, pauses } from '../../sdk/connection/backoff.ts';
import { BudgetDialog } from '../dialogs/budget-dialog.tsx';
import { UndoDialog } from '../dialogs/undo-dialog.tsx';
import type { History } from '../history/history.tsx';
import { Announcer } from '../notices/announcer.tsx';
import { NoticeCorner } from '../notices/notice-corner.tsx';
import { Warnings } from '../notices/warnings.tsx';
import { SyncDialog } from '../sync/sync-dialog.tsx';
import { Footer } from './footer.tsx';
import { Header } from './header.tsx';
import { Headline } from './headline.tsx';

const history = signal<typeof History | undefined>(undefined);

/** Loads the plot and the tables, which would more than double the script before the first figure. */
export async function loadHistory(): Promise<void> {
  const waits = pauses(500, 5_000);
  while (!history.value) {
    try {
      const loading = import('../history/history.tsx');
      // In a frame of its own, after the figure has been painted.
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      history.value = (await loading).History;
    } catch {
      // The daemon has gone in that very moment, of which the connection tells.
      await pause(waits.next().value);
    }
  }
}

/** The whole page. */
export function App() {
  const Rest = history.value;
  return (
    <>
      <Header />
      <main class="page">
        <Warnings />
        <Headline />
        {Rest && <Rest />}
      </main>
      {Rest && <Footer />}
      <SyncDialog />
      <BudgetDialog />
      <UndoDialog />
      <NoticeCorner />
      <Announcer />
    </>
  );
}
