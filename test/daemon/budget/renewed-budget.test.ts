import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renewOperation } from '../../../src/daemon/operations.ts';
import { createQueries } from '../../../src/daemon/queries/queries.ts';
import { freshFolder } from '../../support/folders.ts';
import { historyFiles, type OpenedStore, openStore, reopened } from '../store/opened-store.ts';

const HOUR_MS = 3_600_000;
const RESET_MS = new Date(2025, 11, 15).getTime();

/** A budget that adds up, two hours before its reset; the clock goes on by a second at each look. */
async function opened(more: { readonly maxSegmentBytes?: number } = {}) {
  const clock = { ms: RESET_MS - 2 * HOUR_MS };
  const options = { ...more, budget: () => ({ adds: true }), now: () => (clock.ms += 1_000) };
  return { clock, options, store: await openStore(freshFolder(), options) };
}

/** The reset comes, or is asked for once more. */
function renew({ monitor }: OpenedStore, clock: { ms: number }): Promise<boolean> {
  clock.ms = Math.max(clock.ms, RESET_MS);
  return monitor.submit(renewOperation({ id: 'period:2025-12-15', atMs: RESET_MS, event: '周期重置' }));
}

async function manual(store: OpenedStore, tokens: number) {
  return await store.record(tokens, { sync_type: 'manual' });
}

describe('a reset', () => {
  test('a reset is an ordinary session for whoever reads the state file, the history, the changes and the sums', async () => {
    const { store, clock } = await opened();
    await manual(store, 980_000);
    await renew(store, clock);
    await manual(store, 1_000_000);

    const [newest, reset] = store.state().token_usage.sessions;
    expect(newest).toMatchObject({ tokens: 20_000, total_used: 20_000, sync_type: 'manual' });
    expect(reset).toEqual({
      id: 'period:2025-12-15',
      timestamp: '2025-12-15 00:00:00',
      tokens: 0,
      event: '周期重置',
      conversation_id: '',
      sync_type: 'period',
      total_used: 0,
    });
    const page = await store.queries.history({ sync_type: 'period' });
    expect(page.sessions).toEqual([reset]);
    const { changes } = await store.queries.changes({}, []);
    expect(changes.map(({ cause, increment }) => [cause, increment])).toEqual([
      ['reading', 20_000],
      ['total', -980_000],
      ['reading', 980_000],
    ]);
    expect(await store.queries.sum({})).toMatchObject({ tokens: 20_000 });
    expect(await store.queries.lastReading()).toMatchObject({ session: { total_used: 20_000 } });
  });

  test('a reset stands after a restart, and the counter goes on behind it', async () => {
    const { store, clock, options } = await opened();
    await manual(store, 980_000);
    await renew(store, clock);
    const again = await reopened(store, options);
    expect(again.usage.used).toBe(0);
    expect(await renew(again, clock)).toBe(false);
    expect((await manual(again, 1_000_000)).total_used).toBe(20_000);
  });

  test('a reset stands where the history is made anew from the ledger, over many segments', async () => {
    const { store, clock, options } = await opened({ maxSegmentBytes: 2_000 });
    await manual(store, 980_000);
    for (let count = 0; count < 10; count++) await store.record(100);
    await renew(store, clock);
    for (let count = 0; count < 10; count++) await store.record(100);
    const rows = await store.rows();
    await store.close();
    for (const name of historyFiles(store.folder)) rmSync(join(store.folder, name));
    const again = await reopened(store, options);
    expect(await again.rows()).toEqual(rows);
    expect(again.usage.used).toBe(1_000);
  });

  test('an undo passes a reset by: it takes back what came before, of which nothing is left', async () => {
    const { store, clock } = await opened();
    await manual(store, 970_000);
    await manual(store, 980_000);
    await renew(store, clock);
    expect(await store.undo()).toMatchObject({ total_used: 0, increment: 0, touched: { increment: 10_000 } });
    expect(store.usage.used).toBe(0);
    expect(await store.queries.sum({})).toMatchObject({ tokens: 0 });
    expect((await manual(store, 975_000)).total_used).toBe(5_000);
    await store.undo();
    await store.undo();
    await expect(store.undo()).rejects.toMatchObject({ kind: 'not_found' });
    expect(store.state().token_usage.sessions).toHaveLength(1);
  });

  test('the pace goes on over a reset, and the forecast is that of the new budget', async () => {
    const { store, clock } = await opened();
    await store.setTotal(1_000_000);
    for (let day = 20; day > 0; day--) {
      await store.record(10_000, { datedMs: RESET_MS - day * 24 * HOUR_MS });
    }
    const queries = createQueries(store.store.history, store.monitor, { now: () => clock.ms });
    const before = await queries.forecast();
    await renew(store, clock);
    const after = await queries.forecast();
    expect(after.tokens_per_day).toBeGreaterThan(before.tokens_per_day * 0.9);
    expect(Date.parse(after.exhausts_at!) - Date.parse(before.exhausts_at!)).toBeGreaterThan(15 * 24 * HOUR_MS);
  });

  test('an edit of the figure after a reset leaves the counter where it stood', async () => {
    const { store, clock } = await opened();
    await manual(store, 980_000);
    await renew(store, clock);
    const state = store.state();
    state.token_usage.used = 5_000;
    store.write(state);
    await store.adopt();
    expect(store.usage.used).toBe(5_000);
    expect((await manual(store, 1_000_000)).total_used).toBe(25_000);
  });

  test('a correction after a reset says what was used since, and the counter goes on', async () => {
    const { store, clock } = await opened();
    await manual(store, 980_000);
    await renew(store, clock);
    await manual(store, 1_000_000);
    await store.record(15_000, { sync_type: 'correction' });
    expect(store.usage.used).toBe(15_000);
    expect((await manual(store, 1_001_000)).total_used).toBe(21_000);
    expect(await store.queries.sum({})).toMatchObject({ tokens: 21_000 });
  });
});
