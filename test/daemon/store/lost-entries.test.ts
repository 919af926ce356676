import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkpointOf } from '../../../src/daemon/store/ledger/checkpoint.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { historyFiles, ledgerFiles, type OpenedStore, openStore, reopened, segmentPath } from './opened-store.ts';

/** A closed folder with three segments of three readings each, the first of which is `r0`. */
async function threeSegments(): Promise<string> {
  const opened = await openStore(temporaryFolder());
  for (let count = 0; count < 9; count++) {
    if (count === 3 || count === 6) await opened.store.ledger.startSegment(checkpointOf(opened.store.view));
    await opened.record(10, { id: `r${count}` });
  }
  await opened.close();
  return opened.folder;
}

/** The number of missing entries in every answer about the past. */
async function told({ queries }: OpenedStore) {
  const answers = {
    history: await queries.history({}),
    search: await queries.history({ query: 'nothing of the kind' }),
    stats: await queries.stats({ bucket: 'day' }),
    series: await queries.series({}),
    conversations: await queries.conversations({}),
    accuracy: await queries.estimateAccuracy(),
  };
  return Object.fromEntries(Object.entries(answers).map(([name, { unreadable }]) => [name, unreadable]));
}

function all(unreadable: number | undefined) {
  const names = ['history', 'search', 'stats', 'series', 'conversations', 'accuracy'];
  return Object.fromEntries(names.map((name) => [name, unreadable]));
}

function damageLineWith(folder: string, segment: number, text: string): void {
  const path = segmentPath(folder, segment);
  writeFileSync(path, readFileSync(path, 'utf8').replace(text, text.toUpperCase()));
}

const DAMAGES: readonly (readonly [string, number, (folder: string) => void])[] = [
  ['the first segment is missing', 3, (folder) => rmSync(segmentPath(folder, 1))],
  ['a segment in the middle is missing', 3, (folder) => rmSync(segmentPath(folder, 2))],
  ['two segments are missing', 6, (folder) => [1, 2].forEach((number) => void rmSync(segmentPath(folder, number)))],
  ['nothing of a segment can be read', 3, (folder) => writeFileSync(segmentPath(folder, 2), 'lost\n')],
  ['a line in the middle is damaged', 1, (folder) => damageLineWith(folder, 2, '"id":"r4"')],
  ['a line at the end of a segment is damaged', 1, (folder) => damageLineWith(folder, 1, '"id":"r2"')],
];

describe('after a start every answer about the past says how many entries are missing', () => {
  test.each(DAMAGES)(
    'every answer about the past says how many entries are missing when %s',
    async (_, lost, damage) => {
      const folder = await threeSegments();
      damage(folder);
      // Which brings back what it still shows.
      rmSync(join(folder, 'architect_monitor.json'));
      const opened = await openStore(folder);

      expect(await told(opened)).toEqual(all(lost));
      expect(await opened.historyIds()).toHaveLength(9 - lost);
    },
  );

  test.each(DAMAGES)(
    'after the next start too, from the history that was kept, answers count missing entries when %s',
    async (_, lost, damage) => {
      const folder = await threeSegments();
      damage(folder);
      await (await openStore(folder)).close();
      const opened = await openStore(folder);

      expect(await told(opened)).toEqual(all(lost));
      expect(ledgerFiles(folder).length).toBeGreaterThan(0);
    },
  );

  test('every answer about the past counts damaged last lines, which no later line tells of', async () => {
    const folder = await threeSegments();
    damageLineWith(folder, 3, '"id":"r7"');
    damageLineWith(folder, 3, '"id":"r8"');
    rmSync(join(folder, 'architect_monitor.json'));
    for (const when of ['at once', 'after another start', 'after one more']) {
      const opened = await openStore(folder);
      expect({ when, ...(await told(opened)) }).toEqual({ when, ...all(2) });
      await opened.record(10);
      await opened.close();
    }
  });

  test('every answer about the past counts a last segment of which nothing can be read', async () => {
    const folder = await threeSegments();
    const path = segmentPath(folder, 3);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('{"crc"', '["crc"'));
    const opened = await openStore(folder);

    expect(await told(opened)).toEqual(all(3));
  });
});

test('a segment that is put back from a backup is missing no more', async () => {
  const folder = await threeSegments();
  const backup = readFileSync(segmentPath(folder, 2));
  rmSync(segmentPath(folder, 2));
  await (await openStore(folder)).close();
  writeFileSync(segmentPath(folder, 2), backup);
  const opened = await openStore(folder);

  expect(await told(opened)).toEqual(all(undefined));
  expect(await opened.historyIds()).toHaveLength(9);
  expect(opened.warningCodes()).toEqual([]);
  expect(historyFiles(folder).filter((name) => name.includes('lost'))).toEqual([]);
});

test('a ledger that can be read is missing nothing, over undo, import, budget, refused and torn lines', async () => {
  const first = await openStore(temporaryFolder());
  await first.record(10);
  await first.import([{ tokens: 5 }, { tokens: 6 }]);
  await first.undo();
  await first.setTotal(5_000);
  await first.store.ledger.startSegment(checkpointOf(first.store.view));
  await Promise.all([first.record(1), first.record(2)]);
  await first.close();
  const path = segmentPath(first.folder, 2);
  writeFileSync(path, `${readFileSync(path, 'utf8')}{"crc":"0000`);
  const opened = await openStore(first.folder);

  expect(await told(opened)).toEqual(all(undefined));
});

test('what the ledger loses under a running daemon the history shows until the next start, which says how much is gone and what has it', async () => {
  const first = await openStore(await threeSegments());
  rmSync(segmentPath(first.folder, 1));

  expect(await told(first)).toEqual(all(undefined));
  expect(await first.historyIds()).toHaveLength(9);

  const second = await reopened(first);
  expect(await told(second)).toEqual(all(3));
  expect(await second.historyIds()).toHaveLength(6);
  const [kept] = historyFiles(second.folder).filter((name) => /^history\.lost-\d{17}\.db$/.test(name));
  expect(second.warnings.list()).toContainEqual({
    code: 'history_lost',
    en: expect.stringMatching(new RegExp(`lacks 3 readings .* only ${kept} holds them`)),
    zh: expect.stringMatching(new RegExp(`3 .*${kept}`)),
  });
});

test('a session that fills up the state file comes from the history, though the ledger has lost it', async () => {
  const first = await openStore(temporaryFolder());
  for (let count = 0; count < 102; count++) await first.record(10, { id: `r${count}` });
  await first.store.ledger.startSegment(checkpointOf(first.store.view));
  const opened = await reopened(first);
  damageLineWith(first.folder, 1, '"id":"r1"');
  await opened.undo();

  const ids = opened.state().token_usage.sessions.map(({ id }: { id: string }) => id);
  expect(ids).toContain('r1');
  expect(opened.warnings.list()).toEqual([]);
});
