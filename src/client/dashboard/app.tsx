import { Announcer } from './announcer.tsx';
import { BudgetDialog } from './budget-dialog.tsx';
import { Footer } from './footer.tsx';
import { Header } from './header.tsx';
import { Headline } from './headline.tsx';
import { History } from './history/history.tsx';
import { NoticeCorner } from './notice-corner.tsx';
import { SyncDialog } from './sync/sync-dialog.tsx';
import { UndoDialog } from './undo-dialog.tsx';
import { Warnings } from './warnings.tsx';

/** The whole page. */
export function App() {
  return (
    <>
      <Header />
      <main class="page">
        <Warnings />
        <Headline />
        <History />
      </main>
      <Footer />
      <SyncDialog />
      <BudgetDialog />
      <UndoDialog />
      <NoticeCorner />
      <Announcer />
    </>
  );
}
