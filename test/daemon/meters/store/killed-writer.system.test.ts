import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../support/folders.ts';
import { spawn } from '../../../support/programs.ts';
import { randomOf } from '../../../support/random.ts';
import { metersIn, rowsIn, storeAt, sumsIn } from './meters-at.ts';
import { dumpOf, NaiveMeters } from './naive-meters.ts';
import { doneIn, numberedBatches } from './numbered-batches.ts';

const WRITER = join(import.meta.dirname, 'batch-writer.ts');
const SEED = 24;
const BATCHES = 3_000;
const KILLS = 12;

/** Lets the writer go on, and kills it so long after its first word; answers the last number that it said. */
async function runKilled(path: string, afterMs: number): Promise<number> {
  const writer = spawn(process.execPath, [WRITER, path, String(SEED), String(BATCHES)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  writer.stdout!.setEncoding('utf8').on('data', (text: string) => {
    if (said === '') setTimeout(() => writer.kill('SIGKILL'), afterMs);
    said += text;
  });
  await once(writer, 'close');
  return Number(said.trimEnd().split('\n').at(-1));
}

test('a writer that is killed at any instant has lost nothing that it said, has doubled nothing, and never parts a place from its cells', async () => {
  const path = metersIn(temporaryFolder());
  const random = randomOf(SEED);
  const batches = numberedBatches(SEED, BATCHES);
  const naive = new NaiveMeters();
  let taken = 0;
  let killed = 0;
  for (let run = 0; run < KILLS; run++) {
    const said = await runKilled(path, random() * 60);
    const store = storeAt(path, { main: ['codex'], followed: ['codex'], count: 'all' });
    const done = doneIn(store);
    expect(done).toBeGreaterThanOrEqual(said);
    for (; taken < done; taken++) naive.commit(batches[taken]!);
    if (done < BATCHES) killed++;

    expect(dumpOf(path)).toEqual(naive.dump());
    const { kept, summed } = sumsIn(path);
    expect(kept).toEqual(summed);
    const told = store.outbox().rows.reduce((sum, { tokens }) => sum + tokens, 0);
    const fed = rowsIn<{ tokens: number }>(path, 'select sum(fed) as tokens from cell')[0]!.tokens;
    const owed = rowsIn<{ tokens: number }>(path, 'select coalesce(sum(tokens), 0) as tokens from credit')[0]!.tokens;
    expect(told).toBe(fed + owed);
    store.close();
  }
  expect(killed).toBeGreaterThan(KILLS / 2);
});
