import { signal } from '@preact/signals';
import type { Change } from '../../../../protocol/methods.ts';
import { call } from '../../live/connection.ts';
import { createRefresher } from '../../live/refresher.ts';
import { itemsOf, MOST_ITEMS, type StreamItem, withChanges } from './event-stream.ts';

/** Asks for nothing before `refresh`. */
export function createStreamModel() {
  /** `undefined` before the first are known. */
  const items = signal<readonly StreamItem[] | undefined>(undefined);
  let isFailed = false;
  const refresher = createRefresher(
    async () => {
      isFailed = false;
      const told = await call('usage.changes', { limit: MOST_ITEMS });
      items.value = itemsOf(told, items.peek() ?? []);
    },
    2_000,
    () => {
      isFailed = true;
    },
  );
  return {
    items,
    /** Shows changes at once, and asks what they did to other readings. */
    take: (changes: readonly Change[]) => {
      items.value = withChanges(items.peek() ?? [], changes, Date.now());
      refresher.request();
    },
    refresh: refresher.request,
    /** What is shown may be another ledger's, whose revisions have the same numbers: it goes, and all is asked for. */
    renew: () => {
      items.value = undefined;
      refresher.request();
    },
    /** Loads once more if the last load failed. */
    retry: () => {
      if (isFailed) refresher.request();
    },
    stop: refresher.stop,
  };
}
