import { effect, signal } from '@preact/signals';
import type { Session } from '../../../../protocol/methods.ts';
import { call } from '../../live/connection.ts';
import { createRefresher } from '../../live/refresher.ts';
import { noteInstants } from '../../live/time-zone.ts';
import { FIRST, isFiltered, rowsParams, type Sum, sumParams, type TableAction, tableAfter } from './table-state.ts';

/** The table of sessions with the rows that it asks for. */
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
    const begun = state.peek();
    const { request } = begun;
    const isWanted = () => state.peek().request === request;
    asked = request;
    try {
      await askForRows(begun, isWanted);
      if (isWanted() && state.peek().next !== undefined && isFiltered(begun.filter)) await askForSum(isWanted);
    } catch {
      // The table says so, with a way to try again.
      act({ type: 'failed', request });
    }
  };

  async function askForRows(begun: typeof FIRST, isWanted: () => boolean): Promise<void> {
    const { request, wanted } = begun;
    let sessions: readonly Session[] = begun.continues ? begun.rows : [];
    let before = begun.continues ? begun.next : undefined;
    for (let isDone = false; !isDone && isWanted(); ) {
      const found = await call('usage.history', { ...rowsParams(begun, sessions.length, before), instants: true });
      noteInstants(found.sessions);
      sessions = [...sessions, ...found.sessions];
      before = found.next;
      isDone = before === undefined || sessions.length >= wanted;
      act({
        type: 'found',
        request,
        sessions,
        next: before,
        lookedBackTo: found.looked_back_to,
        unreadable: found.unreadable,
        isDone,
      });
    }
  }

  async function askForSum(isWanted: () => boolean): Promise<void> {
    const begun = state.peek();
    let sum: Sum = { readings: 0, tokens: 0 };
    let before: string | undefined;
    do {
      const part = await call('usage.sum', sumParams(begun, before));
      sum = { readings: sum.readings + part.readings, tokens: sum.tokens + part.tokens };
      before = part.next;
    } while (before !== undefined && isWanted());
    if (before === undefined) act({ type: 'summed', request: begun.request, sum });
  }

  /** Resolves when the rows are there. */
  const reload = (): Promise<void> => {
    act({ type: 'reload' });
    return answer;
  };

  const refresher = createRefresher(reload, 1_000);

  return {
    state,
    act,
    /** Loads once more if the last load failed. */
    retry: () => {
      if (state.peek().status === 'failed') refresher.request();
    },
    /** Behind rows that came in live, only the daemon knows where the following begin. */
    more: async () => {
      if (state.peek().isStale) await reload();
      act({ type: 'more' });
    },
    start: () => {
      const stopAsking = effect(() => {
        const { request, status } = state.value;
        if (status === 'loading' && request !== asked) answer = ask();
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
