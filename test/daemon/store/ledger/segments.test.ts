import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Segments } from '../../../../src/daemon/store/ledger/segments.ts';
import { temporaryFolder } from '../../../support/folders.ts';

/** Around what is read at once, and many times that. */
const LENGTHS = [0, 1, 65_535, 65_536, 65_537, 300_000, 5];

test('the first line is read whole, however long it and the one before were, with or without another behind it', () => {
  const segments = new Segments(temporaryFolder());
  for (const behind of ['', '\n', `\nbehind\n`, `\n${'behind'.repeat(50_000)}\n`]) {
    for (const length of LENGTHS) {
      const head = 'é'.repeat(length);
      writeFileSync(segments.path(1), head + behind);
      expect(segments.readHead(1).toString() === head).toBe(true);
    }
  }
});

test('what earlier versions kept beside the segments goes, and nothing else', () => {
  const { folder } = new Segments(temporaryFolder());
  const others = [
    '000001.jsonl',
    '000001.index.mine',
    'x000001.index',
    '00001.index',
    '000001.damaged-20260101000000000',
  ];
  const caches = ['000001.index', '000002.index.tmp', '1000000.index'];
  for (const name of [...others, ...caches]) writeFileSync(join(folder, name), name);
  mkdirSync(join(folder, '000003.index'));
  new Segments(folder).removeCaches();
  expect(readdirSync(folder).toSorted()).toEqual([...others, '000003.index'].toSorted());
});
