import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contentOf } from '../../../../src/daemon/store/state-file/file-content.ts';
import { FIRST_COPIES, KeptCopies, LAST_COPIES } from '../../../../src/daemon/store/state-file/kept-copies.ts';
import { STATE_FILE } from '../../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { openStore } from '../opened-store.ts';

/** A folder with copies, and a clock that goes on by half a second a copy. */
function copiesIn(folder = temporaryFolder()) {
  const copies = new KeptCopies(join(folder, 'architect_monitor.json'));
  let nowMs = Date.UTC(2026, 0, 1);
  const keep = (text: string) => {
    nowMs += 500;
    return copies.keep(contentOf(text), nowMs, 'invalid', text);
  };
  return { folder, copies, keep, names: () => readdirSync(folder).toSorted() };
}

test('of many copies the first and the last are kept, and how many were removed is told', () => {
  const { folder, keep, names } = copiesIn();
  const most = FIRST_COPIES + LAST_COPIES;
  const kept = Array.from({ length: most + 25 }, (_, at) => keep(`{"used": NaN, "at": ${at}`));
  expect(kept.map(({ removed }) => removed)).toEqual([
    ...Array(most).fill(0),
    ...Array.from(Array(25), (_, at) => at + 1),
  ]);
  const held = names().map((name) => Number(/\d+$/.exec(readFileSync(join(folder, name), 'utf8'))![0]));
  const expected = [...Array(most + 25).keys()].filter((at) => at < FIRST_COPIES || at >= FIRST_COPIES + 25);
  expect(held.toSorted((one, other) => one - other)).toEqual(expected);
});

test('contents that come again and again are kept once each, over a restart too', () => {
  const { folder, keep, names } = copiesIn();
  for (let round = 0; round < 20; round++) for (const text of ['{ a', '{ b']) keep(text);
  const [first] = names();
  expect(names()).toHaveLength(2);
  const again = copiesIn(folder);
  expect(again.keep('{ a').name).toBe(first);
  expect(names()).toHaveLength(2);
});

test('a copy that a person has removed is made again', () => {
  const { folder, keep, names } = copiesIn();
  for (const text of ['{ a', '{ b']) keep(text);
  for (const name of names()) rmSync(join(folder, name));
  keep('{ a');
  expect(names()).toHaveLength(1);
});

test('a program that goes on writing invalid JSON fills no disk, and the status says what was removed', async () => {
  const store = await openStore(temporaryFolder());
  for (let at = 0; at < FIRST_COPIES + LAST_COPIES + 3; at++) {
    store.write(store.text().replace('"used": 0', `"used": NaN, "at": ${at}`));
    await store.adopt();
  }
  const copies = readdirSync(store.folder).filter((name) => name.includes('.invalid-'));
  expect(copies).toHaveLength(FIRST_COPIES + LAST_COPIES);
  expect(store.warnings.list()[0]?.en).toMatch(/the first 10 and the last 30 are kept, and 3 were removed$/);
});

test.each(['at the start', 'later'])('copies lie in the data folder where the file is a link %s', async (when) => {
  const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()];
  const link = () => symlinkSync(join(elsewhere, 'state.json'), join(folder, STATE_FILE));
  if (when === 'at the start') link();
  const store = await openStore(folder);
  if (when === 'later') {
    renameSync(join(folder, STATE_FILE), join(elsewhere, 'state.json'));
    link();
  }
  store.write('no JSON');
  await store.adopt();
  expect(readdirSync(folder).filter((name) => name.startsWith('architect_monitor.invalid-'))).toHaveLength(1);
  expect(readdirSync(elsewhere)).toEqual(['state.json']);
});
