import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { decodeLine, LEDGER_FORMAT } from '../../../src/daemon/store/ledger/ledger-line.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { ledgerFiles, openStore, reopened, segmentPath, unmarked } from './opened-store.ts';

const RECORDED = fileURLToPath(new URL('../../fixtures/data-0.1.0/', import.meta.url));

function recordedFolder(): string {
  const folder = temporaryFolder();
  cpSync(RECORDED, folder, { recursive: true });
  return folder;
}

test('a data folder recorded by 0.1.0 keeps every figure, gets marks, and a form that 0.1.0 leaves alone', async () => {
  const folder = recordedFolder();
  const before = readFileSync(join(folder, 'architect_monitor.json'), 'utf8');
  const segment = readFileSync(segmentPath(folder, 1));
  const store = await openStore(folder);

  expect(store.usage).toMatchObject({ used: 340_000, total: 2_000_000, sessions_count: 6, revision: 9 });
  expect(store.warningCodes()).toEqual([]);
  expect(unmarked(store.text())).toBe(before);
  expect(store.state().token_usage.mark).toMatch(/^9:[0-9a-f]{8}$/);
  expect(readFileSync(segmentPath(folder, 1)).equals(segment)).toBe(true);
  expect(ledgerFiles(folder)).toEqual(['000001.jsonl', '000002.jsonl']);
  const [head = ''] = readFileSync(segmentPath(folder, 2), 'utf8').split('\n');
  expect(decodeLine(Buffer.from(head))).toMatchObject({ ok: true, line: { v: LEDGER_FORMAT } });
  expect(LEDGER_FORMAT).toBeGreaterThan(1);

  const history = await store.history();
  expect(history.map(({ tokens, undone }) => [tokens, undone === true])).toEqual([
    [340_000, false],
    [998, true],
    [2, false],
    [51_000, false],
    [500, false],
    [115_000, false],
    [1_200, false],
  ]);
  await store.record(5, { id: 'new' });
  await store.undo();
  expect(store.usage.used).toBe(340_000);
});

test('an edit of a file without a mark, read before the upgrade, is merged against what its author had read', async () => {
  const folder = recordedFolder();
  const old = JSON.parse(readFileSync(join(folder, 'architect_monitor.json'), 'utf8'));
  const store = await openStore(folder);
  await store.record(7, { id: 'since' });
  old.token_usage.used += 1_000;
  old.status.text = 'idle';
  store.write(old);
  await store.adopt();

  expect(store.state()).toMatchObject({ status: { text: 'idle' }, token_usage: { used: 341_007 } });
  expect(store.warningCodes()).toEqual([]);
});

test('a data folder of the new form is started by the new version again as it is', async () => {
  const first = await openStore(recordedFolder());
  const text = first.text();
  const second = await reopened(first);

  expect([second.text(), ledgerFiles(second.folder).length]).toEqual([text, 2]);
});
