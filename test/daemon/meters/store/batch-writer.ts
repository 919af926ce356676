import { writeSync } from 'node:fs';
import { MeterStore } from '../../../../src/daemon/meters/store/meter-store.ts';
import { doneIn, numberedBatches } from './numbered-batches.ts';

// A program that goes on with the batches of a seed where its database has come to, and says the number of each when it is durable.
const [path = '', seed, count] = process.argv.slice(2);
const settings = { followed: ['codex'], main: ['codex'], count: 'all', projects: 'name' } as const;
const store = MeterStore.open(path, settings, 0);
const batches = numberedBatches(Number(seed), Number(count));
for (let done = doneIn(store); done < batches.length; done++) {
  store.commit(batches[done]!, done);
  // A row that is handed out and settled is written between the batches.
  if (done % 7 === 0) store.handOut(store.outbox().rows.map(({ seq }) => seq));
  writeSync(1, `${done + 1}\n`);
}
store.close();
