import type { Batch } from '../../../../src/daemon/meters/store/batch.ts';
import type { MeterStore } from '../../../../src/daemon/meters/store/meter-store.ts';
import { randomOf } from '../../../support/random.ts';
import { randomBatch } from './random-batches.ts';

const PROGRESS = '/progress';

/** So many batches that a seed decides, each of which says in the place of a file which one it is. */
export function numberedBatches(seed: number, count: number): Batch[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, (_, index) => {
    const { parts, withdrawn, readAgain } = randomBatch(random);
    const file = { path: PROGRESS, source: 'codex', place: { done: index + 1 } };
    return { parts: [...parts, { file, observations: [] }], withdrawn: withdrawn!, readAgain: readAgain! };
  });
}

/** How many of them a store holds. */
export function doneIn(store: MeterStore): number {
  const file = store.files().find(({ path }) => path === PROGRESS);
  return file ? (file.place as { readonly done: number }).done : 0;
}
