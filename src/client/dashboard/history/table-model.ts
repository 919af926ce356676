import { effect, signal } from '@preact/signals';
import { call } from '../connection.ts';
import { createRefresher } from './refresher.ts';
import { FIRST, pageParams, type TableAction, tableAfter } from './table-state.ts';

/** The table of sessions with the pages that it asks for. */
export type TableModel = ReturnType<typeof createTableModel>;

/** Asks for nothing before `start`. */
export function createTableModel() {
  const state = signal(FIRST);
  const act = (action: TableAction) => {
    state.value = tableAfter(state.value, action);
  };

  let asked = 0;
  let answer: Promise<void> = Promise.resolve();
  const ask = async (): Promise<void> => {
    const { request } = state.peek();
    asked = request;
    try {
      const { sessions, next } = await call('usage.history', pageParams(state.peek()));
      act({ type: 'loaded', request, sessions, ...(next !== undefined && { next }) });
    } catch {
      // The table says so, with a way to try again.
      act({ type: 'failed', request });
    }
  };
  /** Resolves when the page is there. */
  const reload = (): Promise<void> => {
    act({ type: 'reload' });
    return answer;
  };

  const refresher = createRefresher(reload, 1_000);

  return {
    state,
    act,
    /** Reads what could not be read before. */
    retry: () => {
      if (state.peek().status === 'failed') refresher.request();
    },
    /** Behind rows that came in live, only the daemon knows where the next page begins. */
    next: async () => {
      if (state.peek().isStale) await reload();
      act({ type: 'next' });
    },
    start: () => {
      const stopAsking = effect(() => {
        if (state.value.request !== asked) answer = ask();
      });
      const stopReloading = effect(() => {
        if (state.value.isStale && state.value.status !== 'loading') refresher.request();
      });
      return () => {
        stopAsking();
        stopReloading();
        refresher.stop();
      };
    },
  };
}
