import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TokenSyncManager } from '../../src/client/sdk/index.ts';
import { STATE_FILE } from '../../src/protocol/addresses.ts';
import { startDaemon, useDaemon } from '../support/daemon.ts';
import { freshFolder } from '../support/folders.ts';
import { runCli, runJson } from '../support/run-cli.ts';

const SENTENCE = {
  zh: '账本中有 1 条无法读取，这里可能不全',
  en: '1 entry of the ledger cannot be read and may be missing here',
};

async function damaged(folder: string): Promise<void> {
  const daemon = await startDaemon({ folder });
  for (const id of ['one', 'two', 'three']) {
    await daemon.rpc('usage.record', { tokens: 10, id, sync_type: 'auto', event: id });
  }
  await daemon.stop();
  const path = join(folder, 'ledger', '000001.jsonl');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"id":"two"', '"id":"t o"'));
  // Which would bring it back.
  rmSync(join(folder, STATE_FILE));
}

describe('a history of which an entry is lost', () => {
  const whole = useDaemon();

  /** A daemon on three readings, the second of which a damaged sector took. */
  async function open() {
    const folder = freshFolder();
    await damaged(folder);
    return { daemon: await startDaemon({ folder }), at: { folder } };
  }

  test('a history with a lost entry says so by RPC, REST and SDK, in pages, search, CSV and sums', async () => {
    const { daemon } = await open();
    const sdk = new TokenSyncManager({ url: daemon.url });

    for (const params of [{}, { limit: 1 }, { query: 'one' }, { query: 'nothing' }]) {
      expect(await daemon.rpc('usage.history', params)).toMatchObject({ unreadable: 1 });
      expect(await sdk.history(params)).toMatchObject({ unreadable: 1 });
    }
    expect(await daemon.rpc('usage.stats', { bucket: 'day' })).toMatchObject({ unreadable: 1 });
    expect(await daemon.rpc('usage.series')).toMatchObject({ unreadable: 1 });
    expect(await daemon.rpc('usage.conversations')).toMatchObject({ unreadable: 1 });
    expect((await daemon.get('/api/history')).json()).toMatchObject({
      sessions: [{ id: 'three' }, { id: 'one' }],
      unreadable: 1,
    });
    expect((await daemon.get('/api/history?query=nothing')).json()).toEqual({ sessions: [], unreadable: 1 });
    const csv = (await daemon.get('/api/history?format=csv')).text.trimEnd().split('\r\n');
    expect(csv).toHaveLength(4);
    expect(csv.at(-1)).toBe(`,,0,⚠️ ${SENTENCE.zh},,,,,`);
    await sdk.close();
  });

  test('export of a history with a lost entry writes what can be read, ends with 1, and says how much is missing', async () => {
    const { at } = await open();
    for (const format of ['csv', 'json', 'jsonl']) {
      for (const language of ['zh', 'en'] as const) {
        const { code, stdout, stderr } = await runCli(['export', '--format', format, '--lang', language], at);
        expect(code).toBe(1);
        expect(stdout).toContain('three');
        expect(stdout).toContain('one');
        expect(stderr).toContain(SENTENCE[language]);
      }
    }
    const { code, json } = await runJson(['export'], at);
    expect({ code, json }).toMatchObject({
      code: 1,
      json: { sessions: [{ id: 'three' }, { id: 'one' }], unreadable: 1 },
    });
  });

  test('the list of a history with a lost entry says so in a sentence, and in a number with --json', async () => {
    const { at } = await open();
    const { code, stdout, stderr } = await runCli(['history'], at);
    expect({ code, rows: stdout.trimEnd().split('\n').length }).toEqual({ code: 0, rows: 3 });
    expect(stderr).toContain(SENTENCE.en);
    expect(stderr).toContain('then run `scripts/token-sync restart`; `scripts/token-sync doctor` tells the cause');
    expect((await runJson(['history'], at)).json).toMatchObject({ success: true, unreadable: 1 });
  });

  test('the CSV of a history with a lost entry can be imported, its last row being no session', async () => {
    const { daemon, at } = await open();
    const file = join(at.folder, 'history.csv');
    writeFileSync(file, (await daemon.get('/api/history?format=csv')).text);
    expect(await runJson(['import', file], { folder: whole().folder })).toMatchObject({
      code: 0,
      json: { imported_count: 2, skipped: [{}] },
    });
  });

  test('a whole history says nothing of lost entries', async () => {
    await whole().rpc('usage.record', { tokens: 10, sync_type: 'auto' });
    expect(await whole().rpc('usage.history')).not.toHaveProperty('unreadable');
    expect(await whole().rpc('usage.stats', { bucket: 'day' })).not.toHaveProperty('unreadable');
    expect(await runCli(['export'], { folder: whole().folder })).toMatchObject({ code: 0, stderr: '' });
  });
});
