import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FedReading } from '../../../../src/daemon/meters/feeding/fed-operation.ts';
import { fedOperation } from '../../../../src/daemon/meters/feeding/fed-operation.ts';
import { createQueries } from '../../../../src/daemon/queries/queries.ts';
import type { BudgetNow } from '../../../../src/daemon/rules/record.ts';
import { freshFolder } from '../../../support/folders.ts';
import { historyFiles, type OpenedStore, openStore, reopened } from '../../store/opened-store.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2025, 10, 18, 8);

/** A store whose clock goes on by a minute at each look, and which a source feeds as long as `budget` says so. */
async function opened(budget: BudgetNow, more: { readonly maxSegmentBytes?: number } = {}) {
  let nowMs = START_MS;
  const now = { budget };
  const options = { ...more, budget: () => now.budget, now: () => (nowMs += MINUTE_MS) };
  let seq = 0;
  const store = await openStore(freshFolder(), options);
  const fed = (to: OpenedStore, reading: Partial<FedReading>) => {
    const whole = { id: `meter:m:${++seq}`, meter: 'codex', tokens: 0, event: '', conversation_id: 'c', ...reading };
    return to.monitor.submit(fedOperation({ atMs: nowMs, ...whole }, () => undefined));
  };
  const gauge = (to: OpenedStore, shown: number, tokens: number, conversation_id = 'c') =>
    fed(to, { meter: 'cursor.context', shown, tokens, conversation_id });
  return { store, options, now, fed, gauge };
}

const manual = (store: OpenedStore, tokens: number) => store.record(tokens, { sync_type: 'manual' });

describe('sessions that a source told', () => {
  test('a gauge’s session is an ordinary one for whoever reads the state file, the history and the sums', async () => {
    const { store, gauge } = await opened({ feeds: true });
    await manual(store, 300_000);
    await gauge(store, 340_000, 0);
    await gauge(store, 350_000, 10_000);
    await gauge(store, 40_000, 0);

    const live = store.state().token_usage.sessions[0];
    expect(live).toMatchObject({
      id: 'meter:m:3',
      sync_type: 'live',
      tokens: 0,
      total_used: 40_000,
      conversation_id: 'c',
    });
    expect(live).not.toHaveProperty('reset');
    const page = await store.queries.history({ sync_type: 'live' });
    expect(page.sessions.map(({ tokens }) => tokens)).toEqual([0, 10_000, 0]);
    expect(await store.queries.sum({})).toMatchObject({ tokens: 10_000 });
    const stats = await store.queries.stats({ bucket: 'day' });
    expect(stats.buckets.map(({ tokens, set_aside }) => [tokens, set_aside])).toEqual([[10_000, 300_000]]);
    expect(await store.queries.lastReading()).toMatchObject({ session: { total_used: 300_000 } });
    expect(store.usage.used).toBe(40_000);
  });

  test.each([{ feeds: true }, { feeds: true, adds: true }])(
    'with a budget of %j all goes on after a restart, and stands where the history is made anew, over many segments',
    async (budget) => {
      const { store, options, gauge, fed } = await opened(budget, { maxSegmentBytes: 2_000 });
      await manual(store, 300_000);
      for (let turn = 1; turn <= 12; turn++) {
        await gauge(store, 340_000 + 100 * turn, 100, turn % 3 ? 'a' : 'b');
        await fed(store, { tokens: 7 });
        if (turn === 6) await manual(store, 50_000);
      }
      const rows = await store.rows();
      const { used } = store.usage;
      await store.close();
      for (const name of historyFiles(store.folder)) rmSync(join(store.folder, name));
      const again = await reopened(store, options);
      expect(await again.rows()).toEqual(rows);
      expect(again.usage.used).toBe(used);
      expect(rows.map(({ meter }) => meter).filter((meter) => meter !== null)).toHaveLength(24);
      await gauge(again, 342_000, 800, 'a');
      expect(again.usage.used).toBe(budget.adds ? used + 800 : 342_000);
    },
  );

  test('in the state file each takes the place of the one before it of the same meter and conversation, and none comes back', async () => {
    const { store, fed } = await opened({ feeds: true, adds: true });
    for (let count = 0; count < 98; count++) await store.record(1, { id: `mine-${count}` });
    for (let count = 0; count < 5; count++) await fed(store, { tokens: 10, conversation_id: 'c' });
    await fed(store, { tokens: 10, meter: 'claude' });
    await fed(store, { tokens: 10, conversation_id: 'd' });
    await store.record(2, { id: 'last' });
    const ids = () => store.monitor.sessions().map(({ id }) => id);
    expect(ids().filter((id) => id?.startsWith('meter:'))).toEqual(['meter:m:7', 'meter:m:6', 'meter:m:5']);
    expect(ids()).toHaveLength(100);
    expect(await store.historyIds()).toHaveLength(106);

    await store.undo();
    await store.undo();
    expect(ids().filter((id) => id?.startsWith('meter:'))).toEqual(['meter:m:7', 'meter:m:6', 'meter:m:5']);
    expect(ids().slice(-1)).toEqual(['mine-0']);
    expect(store.usage.used).toBe(97 + 70);
  });

  test('an undo leaves what a source told since, and forgets the reading', async () => {
    const { store, gauge, now } = await opened({});
    await manual(store, 300_000);
    await manual(store, 310_000);
    now.budget = { feeds: true };
    await gauge(store, 340_000, 0);
    await gauge(store, 345_000, 5_000);
    expect(await store.undo()).toMatchObject({ total_used: 345_000, increment: 0 });
    expect(await store.queries.sum({})).toMatchObject({ tokens: 5_000 });
    now.budget = {};
    expect(await manual(store, 346_000)).toMatchObject({ increment: 1_000, total_used: 346_000 });
  });

  test('how many turns are left is told of the conversation that is shown, a reading by hand in between or not', async () => {
    const { store, options, gauge } = await opened({ feeds: true });
    await store.setTotal(200_000);
    await gauge(store, 100_000, 0, 'a');
    await gauge(store, 110_000, 10_000, 'a');
    await manual(store, 111_000);
    await gauge(store, 120_000, 10_000, 'a');
    await store.store.history.settled();
    const budget = { kind: 'context', period: undefined, renews: false } as const;
    const queries = createQueries(store.store.history, store.monitor, { budget: () => budget, now: options.now });
    expect(await queries.forecast()).toMatchObject({ reason: 'context', turns_left: 8 });
    await manual(store, 140_000);
    expect(await queries.forecast()).toMatchObject({ turns_left: 6 });
    await queries.close();
  });

  test('the same id again changes nothing, after a restart too', async () => {
    const { store, options, fed } = await opened({ feeds: true, adds: true });
    await fed(store, { id: 'meter:codex:9', tokens: 10 });
    await fed(store, { id: 'meter:codex:9', tokens: 10 });
    const again = await reopened(store, options);
    await fed(again, { id: 'meter:codex:9', tokens: 10 });
    expect([again.usage.used, again.usage.sessions_count]).toEqual([10, 1]);
  });

  test('an edit of the figure stands until the gauge is told again', async () => {
    const { store, gauge } = await opened({ feeds: true });
    await gauge(store, 340_000, 0);
    store.edit((state) => {
      state.token_usage.used = 5_000;
    });
    await store.adopt();
    expect(store.usage.used).toBe(5_000);
    await gauge(store, 341_000, 1_000);
    expect([store.usage.used, (await store.queries.sum({})).tokens]).toEqual([341_000, 1_000]);
  });
});
