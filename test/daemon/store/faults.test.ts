import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { openDataFolder } from '../../../src/daemon/process/data-folder.ts';
import { STATE_FILE } from '../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { until } from '../../support/until.ts';
import type { FaultyDisk } from './faulty-disk.ts';
import { ledgerFiles, OpenedStore, openStore, reopened, segmentPath } from './opened-store.ts';

const holder = vi.hoisted(() => ({ disk: undefined as FaultyDisk | undefined }));
vi.mock('node:fs', async (original) => {
  const { FaultyDisk } = await import('./faulty-disk.ts');
  holder.disk ??= new FaultyDisk();
  return holder.disk.wrap(await original());
});
vi.mock('fs-native-extensions', async (original) => {
  const { FaultyDisk } = await import('./faulty-disk.ts');
  holder.disk ??= new FaultyDisk();
  return holder.disk.wrapNative(await original());
});

const disk = () => holder.disk!;
beforeEach(() => disk().mend());

const SEGMENT = '.jsonl';
const STATE = STATE_FILE;

/** Restarts on a disk that works again. */
function reopenedOnMendedDisk(opened: OpenedStore, options = {}): Promise<OpenedStore> {
  disk().mend();
  return reopened(opened, options);
}

const REFUSED = { kind: 'storage_failed' };

describe('a reading that the disk refuses', () => {
  test.each<[string, string, () => void]>([
    ['the disk is full', 'ENOSPC', () => disk().fail({ call: 'write', code: 'ENOSPC', path: SEGMENT, times: 1 })],
    [
      'the disk is full after a part of the line',
      'ENOSPC',
      () => {
        disk().maxWrite = 100;
        disk().fail({ call: 'write', code: 'ENOSPC', path: SEGMENT, times: 1, after: 1 });
      },
    ],
    ['the disk does not write', 'EIO', () => disk().fail({ call: 'write', code: 'EIO', path: SEGMENT, times: 1 })],
    ['the quota is used up', 'EDQUOT', () => disk().fail({ call: 'write', code: 'EDQUOT', path: SEGMENT, times: 1 })],
    ['it cannot be made durable', 'EIO', () => disk().fail({ call: 'datasync', code: 'EIO', path: SEGMENT, times: 1 })],
    [
      'it cannot be made durable, nor cut off',
      'EIO',
      () => {
        disk().fail({ call: 'datasync', code: 'EIO', path: SEGMENT, times: 1 });
        disk().fail({ call: 'truncate', code: 'EIO', path: SEGMENT, times: 1 });
      },
    ],
    [
      'it is written in part, and cannot be cut off',
      'ENOSPC',
      () => {
        disk().maxWrite = 100;
        disk().fail({ call: 'write', code: 'ENOSPC', path: SEGMENT, times: 1, after: 2 });
        disk().fail({ call: 'truncate', code: 'EIO', path: SEGMENT, times: 1 });
      },
    ],
  ])(
    'a reading refused because %s is not recorded, the next one is, and so it stays after a restart',
    async (_, code, break_) => {
      const first = await openStore(temporaryFolder());
      await first.record(10, { id: 'a' });
      const before = [first.usage, first.text()];
      break_();

      await expect(first.record(20, { id: 'b' })).rejects.toMatchObject({ ...REFUSED, cause: { code } });

      expect([first.usage, first.text()]).toEqual(before);
      expect(first.told).toHaveLength(1);
      expect(await first.historyIds()).toEqual(['a']);
      expect(await first.record(30, { id: 'c' })).toMatchObject({ total_used: 40, revision: 2 });
      const second = await reopenedOnMendedDisk(first);
      expect(second.usage).toMatchObject({ used: 40, revision: 2, sessions_count: 2 });
      expect(await second.historyIds()).toEqual(['c', 'a']);
      expect(await second.record(20, { id: 'b' })).toMatchObject({ total_used: 60, revision: 3 });
      expect(second.warningCodes()).toEqual([]);
    },
  );

  test('a refused reading takes the others of its batch along, and none of them is half there', async () => {
    const opened = await openStore(temporaryFolder());
    disk().fail({ call: 'datasync', code: 'EIO', path: SEGMENT, times: 1 });

    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, id) => opened.record(1, { id: `r${id}` })));

    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(opened.usage).toMatchObject({ used: 0, revision: 0 });
    await Promise.all(Array.from({ length: 20 }, (_, id) => opened.record(1, { id: `r${id}` })));
    expect((await reopenedOnMendedDisk(opened)).usage).toMatchObject({ used: 20, revision: 20, sessions_count: 20 });
  });

  test('a reading is refused as long as the disk is full, however often it is tried', async () => {
    const opened = await openStore(temporaryFolder());
    disk().fail({ call: 'write', code: 'ENOSPC' });
    for (let round = 0; round < 5; round++) await expect(opened.record(1)).rejects.toMatchObject(REFUSED);
    disk().mend();

    expect(await opened.record(1)).toMatchObject({ total_used: 1, revision: 1 });
  });

  test('after a failed fsync the next reading goes to another segment, since a second fsync would prove nothing', async () => {
    const opened = await openStore(temporaryFolder());
    await opened.record(10);
    disk().fail({ call: 'datasync', code: 'EIO', path: SEGMENT, times: 1 });
    await expect(opened.record(20)).rejects.toMatchObject(REFUSED);
    disk().calls.length = 0;

    await opened.record(30);

    expect(ledgerFiles(opened.folder)).toEqual(['000001.jsonl', '000002.jsonl']);
    expect(disk().calls.filter((call) => call.endsWith('000001.jsonl') && !call.startsWith('read'))).toEqual([]);
  });
});

test('however short the writes are, everything is written', async () => {
  const first = await openStore(temporaryFolder());
  disk().maxWrite = 7;
  await first.record(10, { id: 'a', event: '完成架构设计'.repeat(20) });
  const text = first.text();

  const second = await reopenedOnMendedDisk(first);

  expect(second.usage.used).toBe(10);
  expect(second.text()).toBe(text);
  expect(second.warningCodes()).toEqual([]);
});

describe('a segment that cannot be ended', () => {
  const options = { maxSegmentBytes: 3_000 };

  test.each<[string, () => void]>([
    ['because it cannot be written', () => disk().fail({ call: 'write', code: 'ENOSPC', path: '000002' })],
    ['because it cannot be made durable', () => disk().fail({ call: 'sync', code: 'EIO', path: '000002' })],
    ['because it cannot take its place', () => disk().fail({ call: 'rename', code: 'EACCES', path: '000002' })],
    [
      'because its name cannot be made durable',
      () => disk().fail({ call: 'folder sync', code: 'EIO', path: 'ledger' }),
    ],
    ['because it cannot be opened', () => disk().fail({ call: 'open', code: 'EMFILE', path: '000002.jsonl' })],
    [
      'once, because its name could not be made durable, and is followed by one that can',
      () => disk().fail({ call: 'folder sync', code: 'EIO', path: 'ledger', times: 1 }),
    ],
  ])('a segment that cannot be ended %s loses nothing that is acknowledged', async (_, break_) => {
    const first = await openStore(temporaryFolder(), options);
    break_();
    const acknowledged: string[] = [];
    for (let count = 0; count < 30; count++) {
      const id = `r${count}`;
      await first.record(10, { id }).then(
        () => acknowledged.push(id),
        () => undefined,
      );
    }
    expect(acknowledged.length).toBeGreaterThan(5);
    const { used, revision } = first.usage;

    const second = await reopenedOnMendedDisk(first, options);

    expect(await second.historyIds()).toEqual(acknowledged.toReversed());
    expect(second.usage).toMatchObject({ used, revision, sessions_count: acknowledged.length });
    expect(used).toBe(acknowledged.length * 10);
  });

  test('a segment that cannot be ended goes on growing, says so, and is ended as soon as that is possible', async () => {
    const opened = await openStore(temporaryFolder(), options);
    disk().fail({ call: 'write', code: 'ENOSPC', path: '000002' });
    for (let count = 0; count < 30; count++) await opened.record(10);
    expect(opened.usage.used).toBe(300);
    expect(opened.warningCodes()).toEqual(['ledger_segment']);
    disk().mend();

    await opened.record(10);

    expect(opened.warningCodes()).toEqual([]);
    expect(ledgerFiles(opened.folder)).toEqual(['000001.jsonl', '000002.jsonl']);
  });
});

describe('a state file that cannot be written', () => {
  test.each<[string, () => void]>([
    ['has no room', () => disk().fail({ call: 'write', code: 'ENOSPC', path: STATE })],
    ['cannot be made durable', () => disk().fail({ call: 'sync', code: 'EIO', path: STATE })],
    ['cannot take its place', () => disk().fail({ call: 'rename', code: 'EACCES', path: STATE })],
    ['has no file beside it', () => disk().fail({ call: 'open', code: 'EMFILE', path: `.${STATE}` })],
  ])('a state file that %s fails no receipt, says so, and follows by itself', async (_, break_) => {
    const opened = await openStore(temporaryFolder());
    await opened.record(10, { id: 'a' });
    break_();
    expect(await opened.record(20, { id: 'b' })).toMatchObject({ total_used: 30, state_file: 'behind' });
    expect(opened.state().token_usage.used).toBe(10);
    expect(opened.warningCodes()).toEqual(['state_file_behind']);
    expect(await opened.record(20, { id: 'b' })).toMatchObject({ duplicate: true, state_file: 'behind' });
    expect(await opened.import([{ tokens: 20, id: 'b' }])).toMatchObject({ imported_count: 0, state_file: 'behind' });
    disk().mend();

    await until(() => opened.state().token_usage.used === 30, 'the state file has followed');
    await until(() => opened.warningCodes().length === 0, 'the warning is gone');
    expect(opened.usage).toMatchObject({ used: 30, revision: 2 });
    expect(await opened.record(20, { id: 'b' })).not.toHaveProperty('state_file');
  });

  test('a state file left behind by a crash is brought up to date at the next start, as nobody’s edit', async () => {
    const first = await openStore(temporaryFolder());
    await first.record(10, { id: 'a' });
    disk().fail({ call: 'rename', code: 'EACCES', path: STATE });
    for (const id of ['b', 'c']) await first.record(20, { id });
    const behind = first.text();
    disk().mend();
    const second = await OpenedStore.open(first.crashed(behind));

    expect(second.usage).toMatchObject({ used: 50, revision: 3 });
    expect(second.state().token_usage.used).toBe(50);
    expect(second.told).toEqual([]);
    await second.close();
  });

  test('an edit made while the state file was behind is taken over', async () => {
    const opened = await openStore(temporaryFolder());
    await opened.record(10, { id: 'a' });
    disk().fail({ call: 'rename', code: 'EACCES', path: STATE });
    await opened.record(20, { id: 'b' });
    opened.edit((state) => {
      state.status = { text: '工作中' };
    });
    await opened.record(30, { id: 'c' });
    disk().mend();

    await until(() => opened.state().token_usage.used === 60, 'the state file has followed');
    expect(opened.state().status).toEqual({ text: '工作中' });
    expect(opened.state().token_usage.sessions.map(({ id }: { id: string }) => id)).toEqual(['c', 'b', 'a']);
  });
});

describe('a state file that cannot be read', () => {
  test('a state file that cannot be read stops no recording, and is not written over unseen', async () => {
    const opened = await openStore(temporaryFolder());
    await opened.record(10, { id: 'a' });
    opened.edit((state) => {
      state.status = 'edited';
    });
    const edited = opened.text();
    disk().fail({ call: 'read', code: 'EACCES', path: STATE });

    expect(await opened.record(20, { id: 'b' })).toMatchObject({ total_used: 30 });
    disk().mend();
    expect(opened.warningCodes()).toContain('state_file_unreadable');
    expect(opened.text()).toBe(edited);

    await until(() => opened.state().token_usage.used === 30, 'the state file has followed');
    expect(opened.state().status).toBe('edited');
    await until(() => opened.warningCodes().length === 0, 'the warnings are gone');
  });

  test('a state file that cannot be set aside, for want of room for a copy, is not written over, and leaves no half copy', async () => {
    const opened = await openStore(temporaryFolder());
    await opened.record(10, { id: 'a' });
    opened.write('{ "token_usage": { "used": 1');
    disk().fail({ call: 'write', code: 'ENOSPC', path: '.invalid-' });
    // Nor can be removed what was begun, as when the daemon is killed there.
    disk().fail({ call: 'remove', code: 'EIO', path: '.invalid-', after: 1 });
    await expect(opened.record(20, { id: 'b' })).rejects.toMatchObject(REFUSED);
    expect(readdirSync(opened.folder).filter((name) => name.startsWith('architect_monitor.invalid-'))).toEqual([]);
    disk().mend();
    expect(opened.text()).toBe('{ "token_usage": { "used": 1');

    await opened.record(20, { id: 'b' });

    const copies = readdirSync(opened.folder).filter((name) => name.includes('.invalid-'));
    expect(copies.map((name) => readFileSync(join(opened.folder, name), 'utf8'))).toEqual([
      '{ "token_usage": { "used": 1',
    ]);
    expect(opened.state().token_usage.used).toBe(30);
  });
});

describe('an edit that the disk refuses', () => {
  test('an edit that the disk refuses is adopted when the disk takes it again', async () => {
    const opened = await openStore(temporaryFolder());
    await opened.record(10, { id: 'a' });
    opened.edit((state) => {
      state.token_usage.used = 500;
      state.status = 'edited';
    });
    disk().fail({ call: 'write', code: 'ENOSPC', path: SEGMENT });
    await expect(opened.adopt()).rejects.toMatchObject(REFUSED);
    expect(opened.usage.used).toBe(10);
    disk().mend();

    await opened.record(20, { id: 'b' });

    expect(opened.usage.used).toBe(520);
    expect(opened.state()).toMatchObject({ status: 'edited', token_usage: { used: 520 } });
  });
});

describe('a start', () => {
  test.each<[string, () => void]>([
    ['the ledger cannot be read', () => disk().fail({ call: 'read', code: 'EIO', path: SEGMENT })],
    ['what was read cannot be made durable', () => disk().fail({ call: 'datasync', code: 'EIO', path: SEGMENT })],
  ])('a start fails and says why when %s, and the next one finds everything', async (_, break_) => {
    const first = await openStore(temporaryFolder());
    await first.record(10, { id: 'a' });
    await first.close();
    appendFileSync(segmentPath(first.folder, 1), '{"crc":"torn');
    break_();

    await expect(OpenedStore.open(first.folder)).rejects.toMatchObject(REFUSED);
    disk().mend();

    const second = await openStore(first.folder);
    expect(second.usage.used).toBe(10);
    expect(await second.historyIds()).toEqual(['a']);
  });

  test.each<[string, () => void]>([
    ['there is no room to keep a copy of it', () => disk().fail({ call: 'write', code: 'ENOSPC', path: 'torn' })],
    ['it cannot be cut off', () => disk().fail({ call: 'truncate', code: 'EIO', path: SEGMENT })],
  ])('a start leaves a torn tail where it is when %s, and records behind another segment’s head', async (_, break_) => {
    const first = await openStore(temporaryFolder());
    await first.record(10, { id: 'a' });
    await first.close();
    appendFileSync(segmentPath(first.folder, 1), '{"crc":"torn');
    break_();
    const second = await openStore(first.folder);
    expect(await second.historyIds()).toEqual(['a']);
    disk().mend();
    await second.record(20, { id: 'b' });
    await second.close();

    const third = await openStore(first.folder);
    expect(third.usage.used).toBe(30);
    expect(await third.historyIds()).toEqual(['b', 'a']);
    expect(await third.queries.history({})).not.toHaveProperty('unreadable');
  });

  test('a start makes the ledger that it read durable before anybody is told "duplicate"', async () => {
    const first = await openStore(temporaryFolder());
    await first.record(10, { id: 'a' });
    await first.close();
    disk().mend();

    await openStore(first.folder);

    const calls = disk().calls.map((call) => call.replace(first.folder, ''));
    expect(calls.indexOf('datasync /ledger/000001.jsonl')).toBeGreaterThan(-1);
    expect(calls.indexOf('folder sync /ledger')).toBeGreaterThan(-1);
  });
});

describe('a commit', () => {
  test('a commit makes the ledger durable before the state file takes its place, and both before the receipt', async () => {
    const opened = await openStore(temporaryFolder());
    disk().calls.length = 0;
    await opened.record(10);

    const calls = disk().calls.map((call) => call.replace(opened.folder, ''));
    const order = [
      'write /ledger/000001.jsonl',
      'datasync /ledger/000001.jsonl',
      `rename /${STATE}`,
      'folder sync ',
    ].map((call) => calls.indexOf(call));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect(calls.indexOf(`sync /.${STATE}.token-sync`)).toBeLessThan(calls.indexOf(`rename /${STATE}`));
    expect(existsSync(join(opened.folder, `.${STATE}.token-sync`))).toBe(false);
  });
});

describe('a power cut', () => {
  test('a power cut cannot take the data folder itself: its name is made durable when it is made', () => {
    const parent = temporaryFolder();
    disk().calls.length = 0;

    openDataFolder(join(parent, 'a', 'b'));

    expect(disk().calls.filter((call) => call.startsWith('sync '))).toEqual([`sync ${parent}/a`, `sync ${parent}`]);
  });

  test('a power cut in the middle of a repair leaves the next start all that the first one had', async () => {
    const first = await openStore(temporaryFolder());
    for (const id of ['a', 'b', 'c']) await first.record(10, { id });
    await first.close();
    const lines = readFileSync(segmentPath(first.folder, 1), 'utf8').split('\n');
    writeFileSync(segmentPath(first.folder, 1), lines.with(2, 'damaged').join('\n'));
    disk().fail({ call: 'rename', code: 'EIO', path: '000002' });
    await expect(OpenedStore.open(first.folder)).rejects.toMatchObject(REFUSED);
    disk().mend();

    const second = await openStore(first.folder);

    expect((await second.historyIds()).toSorted()).toEqual(['a', 'b', 'c']);
    expect(second.usage).toMatchObject({ used: 30, sessions_count: 3 });
    expect(second.warningCodes()).toContain('ledger_damaged');
    await second.close();
    expect((await openStore(first.folder)).warningCodes()).not.toContain('ledger_damaged');
  });

  test('a power cut that damages only a newline takes back no edit', async () => {
    const first = await openStore(temporaryFolder());
    await first.record(10, { id: 'a' });
    const before = first.text();
    first.edit((state) => {
      state.status = 'edited';
    });
    await first.adopt();
    await first.close();
    const ledger = readFileSync(segmentPath(first.folder, 1));
    ledger[ledger.length - 1] = 0;
    writeFileSync(segmentPath(first.folder, 1), ledger);
    writeFileSync(join(first.folder, STATE), before);

    const second = await openStore(first.folder);

    expect(second.state().status).toBe('edited');
  });
});

test('the status tells of a refused reading until one is recorded', async () => {
  const opened = await openStore(temporaryFolder());
  disk().fail({ call: 'write', code: 'ENOSPC', path: SEGMENT });
  await expect(opened.record(10)).rejects.toMatchObject(REFUSED);
  expect(opened.warnings.list()).toMatchObject([
    { code: 'storage_failed', en: expect.stringContaining('disk is full') },
  ]);
  disk().mend();

  await opened.record(10);

  expect(opened.warningCodes()).toEqual([]);
});
