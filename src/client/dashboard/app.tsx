import { signal } from '@preact/signals';
import { pause, pauses } from '../sdk/backoff.ts';
import { Announcer } from './announcer.tsx';
import { BudgetDialog } from './budget-dialog.tsx';
import { Footer } from './footer.tsx';
import { Header } from './header.tsx';
import { Headline } from './headline.tsx';
import type { History } from './history/history.tsx';
import { NoticeCorner } from './notice-corner.tsx';
import { SyncDialog } from './sync/sync-dialog.tsx';
import { UndoDialog } from './undo-dialog.tsx';
import { Warnings } from './warnings.tsx';

const history = signal<typeof History | undefined>(undefined);

/** Brings the plot, the tables and what they need, which would more than double the script before the first figure. */
export async function loadHistory(): Promise<void> {
  const waits = pauses(500, 5_000);
  while (!history.value) {
    try {
      const loading = import('./history/history.tsx');
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
