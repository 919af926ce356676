import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadSqlite } from '../../../../src/daemon/disk/quiet-sqlite.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { agentOf, event, FIRST, forkOf, meta, SECOND, usage } from '../forms/codex-lines.ts';
import { metersIn, rowsIn } from '../store/meters-at.ts';
import { rollout, write } from './logs.ts';
import { orderFor, ReaderAt } from './reader-at.ts';

const own = (size: number) => event(usage(size), usage(3_000 + size, 1_300, 300, 90));

/** A conversation, a fork of it, and a fork of that, none of which carries the others' first lines; 3,300, 500 and 70 tokens. */
const FAMILY = {
  a: [meta('a'), FIRST, FIRST, SECOND],
  b: [meta('b', forkOf('a')), FIRST, FIRST, SECOND, own(500)],
  c: [meta('c', agentOf('b')), FIRST, FIRST, SECOND, own(70)],
};
const TOTAL = 3_300 + 500 + 70;

type Name = keyof typeof FAMILY;
const ORDERS: Name[][] = [
  ['a', 'b', 'c'],
  ['a', 'c', 'b'],
  ['b', 'a', 'c'],
  ['b', 'c', 'a'],
  ['c', 'a', 'b'],
  ['c', 'b', 'a'],
];

function started() {
  const home = temporaryFolder(MEMORY);
  const path = metersIn(temporaryFolder(MEMORY));
  return { home, path, reader: new ReaderAt(orderFor(home, path)) };
}

test.each(ORDERS)(
  'a fork of a fork counts its own events only, when %s, %s and %s come in this order',
  async (...names) => {
    const { home, reader, path } = started();
    for (const name of names) {
      write(rollout(home, name), FAMILY[name]);
      await reader.lookAt('codex', rollout(home, name));
    }
    expect(reader.total('codex')).toBe(TOTAL);
    expect(rowsIn(path, 'select * from credit')).toEqual([]);
    // Nothing is read once more that stands.
    const { length } = reader.said;
    await reader.look();
    expect(reader.said.slice(length)).toEqual([{ says: 'done', looks: 4 }]);
  },
);

test.each(ORDERS)('it is so by a new reader for each of %s, %s and %s', async (...names) => {
  const home = temporaryFolder(MEMORY);
  const order = orderFor(home, metersIn(temporaryFolder(MEMORY)));
  let total = 0;
  for (const name of names) {
    write(rollout(home, name), FAMILY[name]);
    const reader = new ReaderAt(order);
    await reader.look();
    total = reader.total('codex');
    await reader.end();
  }
  expect(total).toBe(TOTAL);
});

test('a figure that was told is never above the truth while files of a family come', async () => {
  const { home, reader } = started();
  for (const name of ['c', 'b', 'a'] as const) write(rollout(home, name), FAMILY[name]);
  await reader.look();
  const told = reader.said.flatMap((word) => ('says' in word && word.says === 'meters' ? word.meters : []));
  const totals = told.flatMap((meter) => (meter.kind === 'counter' ? meter.tokens.all : []));
  expect(Math.max(...totals)).toBe(TOTAL);
});

test.each([
  ['stand longer than the files that told them', (_path: string) => undefined, TOTAL + 9],
  // The control: without them what the late fork repeats is counted once more.
  ['are what makes this so', (path: string) => forgetLinks(path), TOTAL + 9 + 3_300],
])('the links of forks %s', async (_, damage, total) => {
  const { home, path, reader } = started();
  for (const name of ['a', 'b', 'c'] as const) write(rollout(home, name), FAMILY[name]);
  await reader.look();
  for (const name of ['a', 'b', 'c'] as const) rmSync(rollout(home, name));
  await reader.look();
  await reader.end();
  damage(path);
  write(rollout(home, 'd'), [meta('d', forkOf('c')), FIRST, FIRST, SECOND, own(9)]);
  const next = new ReaderAt(reader.order);
  await next.look();
  expect(next.total('codex')).toBe(total);
});

function forgetLinks(path: string): void {
  const db = new (loadSqlite().DatabaseSync)(path);
  db.exec('delete from link');
  db.close();
}
