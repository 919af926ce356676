import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkpointOf } from '../../../../src/daemon/store/ledger/checkpoint.ts';
import { HISTORY_FILE, STATE_FILE } from '../../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import type { OpenedStore } from '../opened-store.ts';
import { ledgerFiles, openStore, segmentPath } from '../opened-store.ts';

const SMALL = { maxSegmentBytes: 2_000 };
const MINUTE_MS = 60_000;

/** The count of every session, oldest first, and the figures. */
async function told(opened: OpenedStore) {
  const rows = await opened.rows();
  const counted = rows.map(({ counted: tokens, set_aside, undone }) => [tokens, set_aside, undone]);
  return { counted, state: opened.store.ledger.figures.state, used: opened.usage.used };
}

test.each([true, false])(
  'undoing many readings one by one brings back each state before, however far back (restarted: %s)',
  async (isRestarted) => {
    let nowMs = Date.UTC(2025, 10, 18);
    const options = { ...SMALL, now: () => nowMs };
    const folder = temporaryFolder();
    let store = await openStore(folder, options);
    const befores = [await told(store)];
    for (let round = 0; round < 60; round++) {
      const sync_type = (['manual', 'estimate', 'manual', 'auto', 'correction'] as const)[round % 5]!;
      nowMs += round % 7 === 0 ? MINUTE_MS : 60 * MINUTE_MS;
      const conversation_id = ['', 'a', '', 'b'][round % 4]!;
      const tokens = sync_type === 'auto' || sync_type === 'estimate' ? 40 + round : (round * 37) % 1_000;
      await store.record(tokens, { sync_type, conversation_id, id: `r${round}` });
      befores.push(await told(store));
    }
    expect(ledgerFiles(folder).length).toBeGreaterThan(6);

    for (let round = 59; round >= 0; round--) {
      if (isRestarted && round % 20 === 7) {
        await store.close();
        store = await openStore(folder, options);
      }
      await store.undo(`u${round}`);
      const { counted, state, used } = await told(store);
      const before = befores[round]!;
      expect(state).toEqual(before.state);
      expect(used).toBe(before.used);
      expect(counted.slice(0, round)).toEqual(before.counted);
    }
  },
);

test('hundreds of readings are taken back one after the other, and their estimates come back', async () => {
  const store = await openStore(temporaryFolder(), { maxSegmentBytes: 20_000 });
  await store.record(1_000, { sync_type: 'manual' });
  const estimates = Array.from({ length: 3 }, (_, at) => store.record(100, { sync_type: 'estimate', id: `e${at}` }));
  await Promise.all(estimates);
  await store.record(1_050, { sync_type: 'manual', id: 'gaveWay' });
  const estimated = async () => (await store.rows()).slice(1, 4).map(({ counted }) => counted);
  expect(await estimated()).toEqual([50, 0, 0]);
  const many = Array.from({ length: 700 }, () => ({ tokens: 1, sync_type: 'auto' as const }));
  await Promise.all(many.map(({ tokens }) => store.record(tokens)));

  for (let times = 0; times < 701; times++) await store.undo();

  expect(await estimated()).toEqual([100, 100, 100]);
  expect(store.usage.used).toBe(1_300);
  const receipt = await store.record(1_400, { sync_type: 'manual' });
  expect([receipt.increment, receipt.counted]).toEqual([100, undefined]);
});

const TYPES = { m: 'manual', e: 'estimate', c: 'correction' } as const;

/** Records readings an hour apart, `m350000` or `e9000`; a segment ends at each `|`. */
async function recordAll(store: OpenedStore, text: string, clock: { nowMs: number }): Promise<void> {
  for (const word of text.split(' ')) {
    clock.nowMs += 60 * MINUTE_MS;
    if (word === '|') await store.store.ledger.startSegment(checkpointOf(store.store.view));
    else await store.record(Number(word.slice(1)), { id: word, sync_type: TYPES[word[0] as keyof typeof TYPES] });
  }
}

/** The figure used, and the count of each reading that stands. */
async function countedIn(opened: OpenedStore) {
  const standing = (await opened.rows()).filter(({ undone }) => undone === 0);
  return { used: opened.usage.used, counted: standing.map(({ counted }) => counted) };
}

describe.each([
  ['m350000 m360000 | c400000 |', 'm360000', { used: 360_000, counted: [0, 10_000] }],
  ['m350000 m360000 | e9000 | m362000 |', 'e9000', { used: 369_000, counted: [0, 10_000, 9_000] }],
  ['m350000 e9000 | m352000 | c351000 |', 'e9000', { used: 352_000, counted: [0, 2_000, 0] }],
])('what the undone reading had touched in an earlier segment comes back: %s', (text, touched, expected) => {
  test.each([
    ['in the same run', { isRestarted: false, isHistoryGone: false }],
    ['after a restart', { isRestarted: true, isHistoryGone: false }],
    ['after a restart that makes the history anew', { isRestarted: true, isHistoryGone: true }],
  ])(
    'an undo gives back what the reading had touched in an earlier segment, %s',
    async (_, { isRestarted, isHistoryGone }) => {
      const clock = { nowMs: Date.UTC(2025, 10, 18) };
      const options = { now: () => clock.nowMs };
      const folder = temporaryFolder();
      let store = await openStore(folder, options);
      const restart = async () => {
        await store.close();
        if (isHistoryGone) rmSync(join(folder, HISTORY_FILE), { force: true });
        store = await openStore(folder, options);
      };
      await recordAll(store, text, clock);
      if (isRestarted) await restart();

      await store.undo('u');

      expect(store.store.history.recorded.findUndo('u')).toMatchObject({ touched: [{ id: touched }] });
      expect(await countedIn(store)).toEqual(expected);
      const { state } = store.store.ledger.figures;
      await restart();
      expect(await countedIn(store)).toEqual(expected);
      expect(store.store.ledger.figures.state).toEqual(state);
      rmSync(join(folder, HISTORY_FILE), { force: true });
      await restart();
      expect(await countedIn(store)).toEqual(expected);
      expect(store.store.ledger.figures.state).toEqual(state);
    },
  );
});

describe.each([
  ['goes on is counted from there', 'm400000', { used: 400_000, counted: [0, 20_000] }],
  ['is lower is a restart', 'm5000', { used: 5_000, counted: [0, 5_000] }],
])(
  'where the first segment is missing, its counter’s value is no first figure: a value that %s',
  (_, next, expected) => {
    test.each([
      ['the ledger was closed', 'closed'],
      ['its folder was removed under the daemon', 'running'],
    ] as const)('a missing first segment’s counter is gone on from when %s', async (_, way) => {
      const clock = { nowMs: Date.UTC(2025, 10, 18) };
      const options = { now: () => clock.nowMs };
      const folder = temporaryFolder();
      let store = await openStore(folder, options);
      const restart = async () => {
        await store.close();
        store = await openStore(folder, options);
      };
      await recordAll(store, 'm350000 m380000 |', clock);
      if (way === 'closed') {
        await store.close();
        rmSync(segmentPath(folder, 1));
        store = await openStore(folder, options);
        await recordAll(store, 'e0', clock);
      } else {
        rmSync(join(folder, 'ledger'), { recursive: true });
        await recordAll(store, 'e0', clock);
        await restart();
      }
      await recordAll(store, `${next} | m1 |`, clock);
      await restart();
      // By folding again from where the ledger begins.
      await store.undo('u1');

      expect(await countedIn(store)).toEqual(expected);
      const { state } = store.store.ledger.figures;
      rmSync(join(folder, HISTORY_FILE), { force: true });
      await restart();
      expect(await countedIn(store)).toEqual(expected);
      expect(store.store.ledger.figures.state).toEqual(state);
      await store.undo('u2');
      expect(await countedIn(store)).toEqual({ used: 380_000, counted: [0] });
      const receipt = await store.record(381_000, { sync_type: 'manual' });
      expect(receipt).toMatchObject({ increment: 1_000 });
      expect(receipt).not.toHaveProperty('flags');
    });
  },
);

test('an undo whose reading is missing leaves the counter where it says', async () => {
  const clock = { nowMs: Date.UTC(2025, 10, 18) };
  const options = { now: () => clock.nowMs };
  const first = await openStore(temporaryFolder(), options);
  await recordAll(first, 'm350000 m380000 m400000 |', clock);
  await first.undo();
  await first.close();
  rmSync(segmentPath(first.folder, 1));

  const store = await openStore(first.folder, options);
  await recordAll(store, 'm390000', clock);

  expect(await countedIn(store)).toEqual({ used: 390_000, counted: [10_000] });
});

test.each([
  ['a new ledger', undefined],
  ['a state file that was adopted', 350_000],
])('the first figure after %s is told from the next', async (_, used) => {
  const folder = temporaryFolder();
  if (used !== undefined) writeFileSync(join(folder, STATE_FILE), JSON.stringify({ token_usage: { used, total: 1 } }));
  const store = await openStore(folder);
  const receipt = await store.record(400_000, { sync_type: 'manual' });
  const [first] = await store.rows();
  expect([receipt.flags, first!.counted]).toEqual(used === undefined ? [['first'], 0] : [undefined, 50_000]);
});
