import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { randomOf } from '../support/random.ts';
import { MEMORY } from '../support/scratch.ts';
import { ledgerFiles, type OpenedStore, openStore, reopened } from './store/opened-store.ts';

// biome-ignore lint/suspicious/noExplicitAny: a program changes what it likes
type State = any;

/** A store on a clock that the test moves. */
async function started(options: { readonly maxSegmentBytes?: number } = {}) {
  let nowMs = Date.UTC(2026, 0, 15, 12);
  const store = await openStore(temporaryFolder(MEMORY), { ...options, now: () => nowMs });
  return { store, wait: (ms: number) => (nowMs += ms) };
}

/** Saves a copy as a program does, and has it taken over. */
async function save(store: OpenedStore, state: State): Promise<State> {
  store.write(state);
  await store.adopt();
  return store.state();
}

/** What a figure and a status of the file came to. */
function shown(store: OpenedStore): [used: number, total: number, status: unknown] {
  const { token_usage, status } = store.state();
  return [token_usage.used, token_usage.total, status];
}

function withSessions(state: State, sessions: unknown[]): State {
  return { ...state, token_usage: { ...state.token_usage, sessions } };
}

describe('each edit after reading the file', () => {
  test.each<[string, (state: State, wait: (ms: number) => number) => void]>([
    ['', () => undefined],
    [
      ' that sets the time itself',
      (state, wait) => (state.last_updated = new Date(wait(0)).toISOString().slice(0, 19)),
    ],
  ])('edits of the figure while a status toggles%s come out as written', async (_, change) => {
    const { store, wait } = await started();
    await store.record(600_000, { sync_type: 'manual' });
    for (const [used, status] of [
      [610_000, 'idle'],
      [620_000, 'busy'],
      [630_000, 'idle'],
      [640_000, 'busy'],
      [650_000, 'idle'],
    ] as const) {
      wait(1_500);
      const state = store.state();
      Object.assign(state, { status });
      state.token_usage.used = used;
      change(state, wait);
      await save(store, state);
      expect(shown(store)).toEqual([used, 1_000_000, status]);
      expect(store.usage).toMatchObject({ used, total: 1_000_000 });
    }
  });

  test('an edit of the budget that comes back to an earlier one comes out as written', async () => {
    const { store, wait } = await started();
    await store.record(600_000, { sync_type: 'manual' });
    for (const total of [3_000_000, 1_000_000, 3_000_000]) {
      wait(1_500);
      store.edit((state) => (state.token_usage.total = total));
      await store.adopt();
      expect(store.usage).toMatchObject({ used: 600_000, total });
    }
    store.edit(({ token_usage }) => Object.assign(token_usage, { total: 1_000_000, used: 610_000 }));
    await store.adopt();
    expect(store.usage).toMatchObject({ used: 610_000, total: 1_000_000 });
  });

  test('edits of a list that grows while a status toggles come out as written', async () => {
    const { store } = await started();
    const events: number[] = [];
    for (let round = 0; round < 8; round++) {
      events.push(round);
      store.edit((state) => Object.assign(state, { events, status: round % 2 === 0 ? 'idle' : 'busy' }));
      await store.adopt();
      expect(store.state()).toMatchObject({ events, status: round % 2 === 0 ? 'idle' : 'busy' });
    }
  });

  test('42 edits with readings, undo and budgets in between come out as written', async () => {
    const { store, wait } = await started();
    const random = randomOf(42);
    await store.record(600_000, { sync_type: 'manual' });
    for (let edit = 0; edit < 42; edit++) {
      const other = Math.floor(random() * 6);
      if (other === 0) await store.record(1 + Math.floor(random() * 500));
      if (other === 1) await store.record(Math.floor(random() * 900_000), { sync_type: 'manual' });
      if (other === 2 && (await store.history()).some(({ undone }) => !undone)) await store.undo(`undo-${edit}`);
      if (other === 3) await store.setTotal(random() < 0.5 ? 1_000_000 : 2_000_000);
      wait(random() < 0.5 ? 1_500 : 30_000);
      const state = store.state();
      if (random() < 0.6) state.token_usage.used = Math.floor(random() * 900_000);
      if (random() < 0.4) state.token_usage.total = random() < 0.5 ? 1_000_000 : 3_000_000;
      if (random() < 0.6) state.status = random() < 0.5 ? 'idle' : 'busy';
      if (random() < 0.4) state.events = [...(state.events ?? []), edit];
      if (random() < 0.3) state.last_updated = `2026-01-15T13:00:${String(edit).padStart(2, '0')}`;
      const { mark: _, ...written } = state.token_usage;
      const after = await save(store, state);
      expect(after).toMatchObject({ ...state, token_usage: written });
      expect(store.usage).toMatchObject({ used: written.used, total: written.total });
      expect(store.warningCodes()).toEqual([]);
    }
  });
});

describe('saves from one and the same reading', () => {
  test('saves from one and the same reading add what each changes: 100, 110, 120 is 120', async () => {
    const { store } = await started();
    await store.record(100);
    const state = store.state();
    for (const used of [110, 120]) {
      state.token_usage.used = used;
      await save(store, state);
      expect(store.usage.used).toBe(used);
    }
  });

  test('saves from one and the same reading keep what is recorded in between: with 7 it is 127, over a restart too', async () => {
    const { store } = await started();
    await store.record(100);
    const state = store.state();
    state.token_usage.used = 110;
    await save(store, state);
    await store.record(7);
    await store.close();
    const again = await openStore(store.folder);
    state.token_usage.used = 120;
    await save(again, state);
    expect(again.usage.used).toBe(127);
  });

  test.each<[string, (store: OpenedStore) => Promise<OpenedStore>]>([
    ['', async (store) => store],
    [', over a restart too', (store) => reopened(store)],
  ])(
    'a save keeps a total that was recorded since the save before it, and adds to one from before that%s',
    async (_, next) => {
      const { store } = await started();
      await store.record(100);
      const state = store.state();
      await store.record(500, { sync_type: 'manual' });
      state.status = 'idle';
      await save(store, state);
      const later = await next(store);
      state.token_usage.used = 120;
      await save(later, state);
      expect(shown(later)).toEqual([520, 1_000_000, 'idle']);
      await later.record(700, { sync_type: 'manual' });
      state.token_usage.used = 130;
      await save(await next(later), state);
      expect(later.state().token_usage.used).toBe(700);
    },
  );

  test('a second save knows what the first left after a crash between its ledger entry and the file', async () => {
    const { store } = await started();
    await store.record(100);
    const state = store.state();
    state.token_usage.used = 110;
    const written = JSON.stringify(state, undefined, 2);
    await save(store, written);
    // The file as the program left it, the ledger as the daemon did.
    const again = await openStore(store.crashed(written));
    expect(again.usage.used).toBe(110);
    state.token_usage.used = 120;
    await save(again, state);
    expect(again.usage).toMatchObject({ used: 120 });
  });
});

describe('an edit from a view that is gone', () => {
  test('an edit from a view that is undone holds beside later readings: 100, 150, undo, read, 7, saved as 120 is 127', async () => {
    const { store } = await started();
    await store.record(100);
    await store.record(50);
    await store.undo();
    const state = store.state();
    expect(state.token_usage.used).toBe(100);
    await store.record(7);
    state.token_usage.used = 120;
    await save(store, state);
    expect(store.usage.used).toBe(127);
    expect(store.warningCodes()).toEqual([]);
  });

  test('an edit from a view that is gone holds after the undo of an import, and after a hand has removed the newest session', async () => {
    const { store } = await started();
    await store.record(100);
    await store.import([{ tokens: 30 }, { tokens: 20 }]);
    await store.undo();
    const afterUndo = store.state();
    await store.record(7);
    afterUndo.token_usage.used += 20;
    await save(store, afterUndo);
    expect(store.usage.used).toBe(157);

    store.edit(({ token_usage }) => token_usage.sessions.shift());
    await store.adopt();
    const afterRemoval = store.state();
    await store.record(3);
    afterRemoval.token_usage.used += 40;
    await save(store, afterRemoval);
    expect(store.usage.used).toBe(200);
    expect(store.warningCodes()).toEqual([]);
  });

  test.each<[string, (store: OpenedStore) => Promise<OpenedStore>]>([
    ['1,100 readings', async (store) => store],
    [
      '1,100 readings and a restart',
      async (store) => {
        await store.close();
        return openStore(store.folder);
      },
    ],
    ['1,100 readings and a crash', (store) => openStore(store.crashed())],
  ])('an edit that was read before %s adds to the figure and rolls nothing back', async (_, next) => {
    const { store } = await started({ maxSegmentBytes: 10_000 });
    await store.record(100);
    const state = store.state();
    const readings = Array.from({ length: 1_100 }, () => store.record(1));
    await Promise.all(readings);
    expect(ledgerFiles(store.folder).length).toBeGreaterThan(2);
    const later = await next(store);
    state.token_usage.used += 20;
    state.last_updated = '2026-01-15T12:00:00';
    await save(later, state);
    expect(later.usage.used).toBe(1_220);
    expect(later.state().token_usage.used).toBe(1_220);
  });

  test('an edit from a view that is gone leaves a total that was recorded since, with a copy and a warning', async () => {
    const { store } = await started();
    await store.record(100);
    const state = store.state();
    await store.record(500, { sync_type: 'manual' });
    state.token_usage.used = 120;
    state.status = 'idle';
    await save(store, state);
    expect(shown(store)).toEqual([500, 1_000_000, 'idle']);
    expect(store.warnings.list()).toEqual([expect.objectContaining({ en: expect.stringMatching(/120.*500/) })]);
  });
});

test('an exact older copy that is put back changes nothing, is kept and is told', async () => {
  const { store, wait } = await started();
  await store.record(100);
  const copy = store.text();
  await store.record(50);
  const latest = store.text();
  wait(3_000);
  await save(store, copy);
  expect(store.text()).toBe(latest);
  expect(store.usage.used).toBe(150);
  const [warning] = store.warnings.list();
  const name = /architect_monitor\.[^ ]*\.json/.exec(warning!.en)![0];
  expect(warning!.zh).toContain(name);
  expect(readFileSync(join(store.folder, name), 'utf8')).toBe(copy);
});

test('a file without a mark is compared with the newest view that shows the same newest session of ours', async () => {
  const { store } = await started();
  await store.record(100);
  const state = store.state();
  delete state.token_usage.mark;
  await store.record(50);
  state.token_usage.used = 120;
  await save(store, state);
  expect(store.usage.used).toBe(170);
});

test('a file without a mark whose newest session of ours went and came again is compared with the view that has it last', async () => {
  const { store } = await started();
  await store.record(10, { id: 'first' });
  const first = store.state();
  await save(store, withSessions(store.state(), []));
  // So many that some have left the file at its end, and nobody took these away.
  for (let count = 0; count < 120; count++) await store.record(1, { id: `r${count}` });
  await save(store, withSessions(store.state(), []));
  await save(store, withSessions(store.state(), first.token_usage.sessions));
  const state = store.state();
  delete state.token_usage.mark;
  state.token_usage.used = 500;
  await save(store, state);
  expect(store.usage.used).toBe(500);
});

test('a mark that this ledger never gave is treated as none', async () => {
  const { store } = await started();
  await store.record(100);
  const state = store.state();
  state.token_usage.mark = '1:00000000';
  await store.record(50);
  state.token_usage.used = 120;
  const { token_usage } = await save(store, state);
  expect(token_usage).toMatchObject({ used: 170, mark: expect.stringMatching(/^3:[0-9a-f]{8}$/) });
});
