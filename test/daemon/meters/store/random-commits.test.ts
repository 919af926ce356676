import { expect, test } from 'vitest';
import type { MeterStore } from '../../../../src/daemon/meters/store/meter-store.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { randomOf } from '../../../support/random.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { metersIn, rowsIn, storeAt, sumsIn } from './meters-at.ts';
import { dumpOf, NaiveMeters } from './naive-meters.ts';
import { randomBatch } from './random-batches.ts';

const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);

test.each(SEEDS)(
  'after any commits, withdrawals, replays and re-openings the store holds what sorting every sight would find (seed %i)',
  (seed) => {
    const random = randomOf(seed);
    const path = metersIn(temporaryFolder(MEMORY));
    const naive = new NaiveMeters();
    const done: ReturnType<typeof randomBatch>[] = [];
    let store = storeAt(path);
    for (let step = 0; step < 120; step++) {
      const batch = random() < 0.2 && done.length > 0 ? done[Math.floor(random() * done.length)]! : randomBatch(random);
      done.push(batch);
      naive.commit(batch);
      expect(store.commit(batch, step).refused).toBe(0);
      if (random() < 0.1) {
        store.close();
        store = storeAt(path, {}, step);
      }
      if (step % 10 === 9) {
        expect(dumpOf(path)).toEqual(naive.dump());
        const { kept, summed } = sumsIn(path);
        expect(kept).toEqual(summed);
      }
    }
  },
);

test.each(SEEDS)(
  'what was told to the budget is what the cells and the credits say, whatever is withdrawn and switched (seed %i)',
  (seed) => {
    const random = randomOf(1_000 + seed);
    const path = metersIn(temporaryFolder(MEMORY));
    let nowMs = 1_700_000_000_000;
    let store: MeterStore = storeAt(path, { main: ['codex'] }, nowMs);
    let settled = 0;
    for (let step = 0; step < 150; step++) {
      nowMs += 50_000;
      // A file that is gone while it owes something owes nothing from then on.
      store.commit({ ...randomBatch(random), forgotten: [] }, nowMs);
      if (random() < 0.1)
        store.configure(
          { followed: ['codex'], main: random() < 0.7 ? ['codex'] : [], count: 'fresh', projects: 'name' },
          nowMs,
        );
      if (random() < 0.2) {
        const rows = store.handOut(
          store
            .outbox()
            .rows.filter(() => random() < 0.5)
            .map(({ seq }) => seq),
        );
        if (random() < 0.8) {
          store.settle(rows.map(({ seq }) => seq));
          settled += rows.reduce((sum, { tokens }) => sum + tokens, 0);
        }
      }
      if (random() < 0.1) {
        store.close();
        store = storeAt(path, { main: store.feedsSince('codex') === undefined ? [] : ['codex'] }, nowMs);
      }
      const waiting = store.outbox().rows.reduce((sum, { tokens }) => sum + tokens, 0);
      const [{ fed }] = rowsIn<{ fed: number }>(path, 'select coalesce(sum(fed), 0) as fed from cell') as [
        { fed: number },
      ];
      const [{ owed }] = rowsIn<{ owed: number }>(path, 'select coalesce(sum(tokens), 0) as owed from credit') as [
        { owed: number },
      ];
      expect(settled + waiting).toBe(fed + owed);
    }
    expect(settled).toBeGreaterThan(0);
  },
);
