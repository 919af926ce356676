import { writeFileSync } from 'node:fs';
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
