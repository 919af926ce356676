import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeLine, LEDGER_FORMAT } from '../../../../src/daemon/store/ledger/ledger-line.ts';
import { scanSegment } from '../../../../src/daemon/store/ledger/ledger-scan.ts';
import { STATE_FILE } from '../../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import {
  filesOf,
  folderOf,
  ledgerFiles,
  OpenedStore,
  openStore,
  reopened,
  segmentPath,
  unmarked,
} from '../opened-store.ts';

const FOREIGN = { status: { text: '工作中', completion_rate: '#1.0#' }, __proto__: null, prompt: '# x' };
/** With a number whose spelling only survives as text. */
const FOREIGN_TEXT = JSON.stringify({ token_usage: { used: 100, total: 1_000_000, sessions: [] }, ...FOREIGN }).replace(
  '"#1.0#"',
  '1.0',
);

describe('what was recorded', () => {
  test('everything recorded is there after a restart: figures, sessions, history, receipts by id, undos by id', async () => {
    const first = await openStore(temporaryFolder());
    const receipt = await first.record(15_000, { id: 'a', event: '完成架构设计 "x" \u2028 😀' });
    await first.record(20_000, { id: 'b', sync_type: 'manual' });
    await first.import([
      { tokens: 5, id: 'c' },
      { tokens: 7, id: 'd' },
    ]);
    await first.record(99, { id: 'e' });
    const undo = await first.undo('u');
    await first.setTotal(2_000_000);
    const [usage, state, history] = [first.usage, first.text(), await first.history()];

    const second = await reopened(first);

    expect(second.usage).toEqual(usage);
    expect(second.usage).toMatchObject({ used: 20_012, total: 2_000_000, revision: 6, sessions_count: 4 });
    expect(second.text()).toBe(state);
    expect(await second.history()).toEqual(history);
    expect(history.map(({ id, undone }) => [id, undone])).toEqual([
      ['e', true],
      ['d', undefined],
      ['c', undefined],
      ['b', undefined],
      ['a', undefined],
    ]);
    expect(await second.record(1, { id: 'a' })).toEqual({ ...receipt, duplicate: true });
    expect(await second.record(1, { id: 'e' })).toMatchObject({ increment: 99, duplicate: true });
    expect(await second.undo('u')).toEqual({ ...undo, duplicate: true });
    expect(second.usage).toEqual(usage);
    expect(second.told).toEqual([]);
    expect(second.warningCodes()).toEqual([]);
  });

  test('readings offered at once are one line of the ledger', async () => {
    const opened = await openStore(temporaryFolder());
    await Promise.all(Array.from({ length: 50 }, () => opened.record(2)));

    const { lines } = scanSegment(readFileSync(segmentPath(opened.folder, 1)));

    expect(lines).toHaveLength(2);
    expect(opened.usage).toMatchObject({ used: 100, revision: 50, sessions_count: 50 });
  });

  test('subscribers that come back are told every change since, without a gap', async () => {
    const first = await openStore(temporaryFolder());
    for (let count = 0; count < 5; count++) await first.record(1);

    const second = await reopened(first);

    expect(second.replayed.map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('a segment that is full', () => {
  const options = { maxSegmentBytes: 3_000 };

  test('a full segment is followed by one that starts with everything that is needed to go on', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, STATE_FILE), FOREIGN_TEXT);
    const first = await openStore(folder, options);
    for (let count = 0; count < 40; count++) await first.record(10, { id: `r${count}` });
    const [usage, state] = [first.usage, first.text()];
    expect(ledgerFiles(folder).length).toBeGreaterThan(4);

    const second = await reopened(first, options);

    expect([second.usage, second.text()]).toEqual([usage, state]);
    expect(await second.historyIds()).toEqual(Array.from({ length: 40 }, (_, index) => `r${39 - index}`));
    expect(await second.record(1, { id: 'r0' })).toMatchObject({ duplicate: true, total_used: 110 });
    expect(second.replayed.length).toBeLessThan(20);
    expect(second.warningCodes()).toEqual([]);
  });

  test('a stop spares the next start what would take it long to read, and no more', async () => {
    const first = await openStore(temporaryFolder());
    await first.record(5, { id: 'little' });
    const second = await reopened(first);
    expect([second.replayed.length, ledgerFiles(first.folder).length]).toEqual([1, 1]);
    await second.import(Array.from({ length: 2_000 }, (_, index) => ({ tokens: 1, id: `many-${index}` })));
    const [usage, state] = [second.usage, second.text()];

    const third = await reopened(second);

    expect([third.replayed.length, ledgerFiles(first.folder).length]).toEqual([0, 2]);
    expect([third.usage, third.text()]).toEqual([usage, state]);
    expect(await third.record(1, { id: 'many-999' })).toMatchObject({ duplicate: true });
    expect((await third.historyIds()).length).toBe(2_001);
  });

  test('a missing full segment takes along its history alone, no figures, and a warning says so', async () => {
    const first = await openStore(temporaryFolder(), options);
    for (let count = 0; count < 40; count++) await first.record(10, { id: `r${count}` });
    const [usage, state] = [first.usage, first.text()];
    await first.close();
    const [last] = ledgerFiles(first.folder).slice(-1);
    for (const name of ledgerFiles(first.folder)) if (name !== last) rmSync(join(first.folder, 'ledger', name));

    const second = await openStore(first.folder, options);

    expect([second.usage, second.text()]).toEqual([usage, state]);
    expect(second.warningCodes()).toEqual(['ledger_segment_missing', 'history_lost']);
    await second.record(5, { id: 'new' });
    expect(second.usage).toMatchObject({ used: 405, revision: usage.revision + 1 });
  });

  test('a segment missing in the middle takes along its own sessions only, and a warning names it', async () => {
    const first = await openStore(temporaryFolder(), options);
    for (let count = 0; count < 40; count++) await first.record(10, { id: `r${count}` });
    const ids = await first.historyIds();
    await first.close();
    const lost = idsIn(segmentPath(first.folder, 2));
    rmSync(segmentPath(first.folder, 2));

    const second = await openStore(first.folder, options);

    expect(lost.length).toBeGreaterThan(0);
    expect(await second.historyIds()).toEqual(ids.filter((id) => !lost.includes(id!)));
    expect(second.usage.used).toBe(400);
    expect(second.warnings.list().find(({ code }) => code === 'ledger_segment_missing')?.en).toContain(
      'segments 2 to 2',
    );
  });

  test('a segment missing at the end loses nothing that the state file still shows', async () => {
    const first = await openStore(temporaryFolder(), options);
    for (let count = 0; count < 40; count++) await first.record(10, { id: `r${count}` });
    const ids = await first.historyIds();
    await first.close();
    rmSync(join(first.folder, 'ledger', ledgerFiles(first.folder).at(-1)!));

    const second = await openStore(first.folder, options);

    expect(second.usage).toMatchObject({ used: 400, sessions_count: 40 });
    expect(new Set(await second.historyIds())).toEqual(new Set(ids));
    expect(await second.record(10, { id: 'r39' })).toMatchObject({ duplicate: true });
  });

  test('a segment that lost its last lines is noticed', async () => {
    const first = await openStore(temporaryFolder(), options);
    for (let count = 0; count < 40; count++) await first.record(10, { id: `r${count}` });
    await first.close();
    const scan = scanSegment(readFileSync(segmentPath(first.folder, 1)));
    truncateSync(segmentPath(first.folder, 1), scan.lines.at(-2)!.end + 1);

    const second = await openStore(first.folder, options);

    expect(second.warningCodes()).toEqual(['ledger_incomplete', 'history_lost']);
    expect(second.usage.used).toBe(400);
  });
});

/** A short ledger and its state file: a file of another program adopted, three readings, one undone. */
async function shortLedger() {
  const folder = temporaryFolder();
  writeFileSync(join(folder, STATE_FILE), FOREIGN_TEXT);
  const opened = await OpenedStore.open(folder);
  for (const id of ['a', 'b', 'c']) await opened.record(1_000, { id });
  await opened.close();
  return { files: filesOf(folder), state: JSON.parse(unmarked(opened.text())) };
}

const SEGMENT = 'ledger/000001.jsonl';

describe('a torn tail', () => {
  test('of a ledger cut at any byte of its last line all before it survives, and a copy of the rest is kept', async () => {
    const { files } = await shortLedger();
    const segment = files[SEGMENT]!;
    const { lines } = scanSegment(segment);
    const parent = temporaryFolder(MEMORY);
    // The state file is written after the ledger, so it cannot show what was torn.
    const before = await stateBeforeLast(files, parent);

    for (let length = lines.at(-1)!.start + 1; length < segment.length; length++) {
      const torn = segment.subarray(0, length);
      const folder = folderOf(parent, { [STATE_FILE]: before, [SEGMENT]: torn });
      const opened = await OpenedStore.open(folder);
      expect([length, await opened.historyIds(), opened.usage.used]).toEqual([length, ['b', 'a'], 2_100]);
      expect(opened.warningCodes()).toEqual([]);
      expect(opened.text()).toBe(before);
      expect(await opened.record(1_000, { id: 'c' })).toMatchObject({ total_used: 3_100, revision: 4 });
      await opened.close();
      const [copy, ...others] = ledgerFiles(folder, 'aside');
      expect(others).toEqual([]);
      expect(copy).toMatch(/^000001\.torn-\d{17}$/);
      expect(readFileSync(join(folder, 'ledger', copy!)).equals(torn)).toBe(true);
      rmSync(folder, { recursive: true });
    }
  });

  test('a torn tail is cut before anything is written behind it', async () => {
    const { files } = await shortLedger();
    const folder = folderOf(temporaryFolder(), files);
    appendFileSync(segmentPath(folder, 1), `{"crc":"0${'x'.repeat(5_000)}`);
    const first = await openStore(folder);
    await first.record(5, { id: 'd' });

    const second = await reopened(first);

    expect(await second.historyIds()).toEqual(['d', 'c', 'b', 'a']);
    expect(second.warningCodes()).toEqual([]);
  });
});

describe('damage', () => {
  // Of every bit by `npm run test:durability -- damage --long`.
  test('damage of any byte loses nothing, as long as the state file is there, and a warning says so', async () => {
    const { files, state } = await shortLedger();
    const parent = temporaryFolder(MEMORY);
    const segment = files[SEGMENT]!;
    for (let at = 0; at < segment.length; at += 7) {
      const flipped = Buffer.from(segment);
      flipped[at]! ^= 1 << (at % 8);
      const folder = folderOf(parent, { ...files, [SEGMENT]: flipped });
      const opened = await OpenedStore.open(folder);
      expect([at, opened.warningCodes()]).toEqual([at, ['ledger_damaged']]);
      expect([at, opened.usage.used, new Set(await opened.historyIds())]).toEqual([
        at,
        3_100,
        new Set(['a', 'b', 'c']),
      ]);
      expect([at, JSON.parse(unmarked(opened.text()))]).toEqual([at, state]);
      expect(opened.usage.sessions_count).toBe(3);
      const [copy] = ledgerFiles(folder, 'aside');
      expect(readFileSync(join(folder, 'ledger', copy!)).equals(flipped)).toBe(true);
      for (const id of ['a', 'b', 'c']) expect(await opened.record(1, { id })).toMatchObject({ duplicate: true });
      await opened.close();
      rmSync(folder, { recursive: true });
    }
  });

  test('damage is mended for good: the next start finds none, and nothing of other programs has gone', async () => {
    const { files, state } = await shortLedger();
    const parent = temporaryFolder(MEMORY);
    const segment = files[SEGMENT]!;
    for (let at = 5; at < segment.length; at += 17) {
      const flipped = Buffer.from(segment);
      flipped[at]! ^= 1 << (at % 8);
      const folder = folderOf(parent, { ...files, [SEGMENT]: flipped });
      const opened = await OpenedStore.open(folder);
      await opened.record(11, { id: 'd' });
      await opened.close();

      const again = await OpenedStore.open(folder);
      const { status, prompt } = again.state();
      expect([at, again.warningCodes()]).toEqual([at, []]);
      expect([at, again.usage.used, status, prompt]).toEqual([at, 3_111, state.status, state.prompt]);
      expect(again.text()).toContain('"completion_rate": 1.0');
      await again.close();
      rmSync(folder, { recursive: true });
    }
  });

  test('damage of any byte loses at most the damaged line when the state file is gone too, and shows nothing wrong', async () => {
    const { files } = await shortLedger();
    const parent = temporaryFolder(MEMORY);
    const segment = files[SEGMENT]!;
    const { lines } = scanSegment(segment);
    for (let at = 0; at < segment.length; at += 3) {
      const flipped = Buffer.from(segment);
      flipped[at]! ^= 1 << (at % 8);
      const folder = folderOf(parent, { [SEGMENT]: flipped });
      const opened = await OpenedStore.open(folder);
      const hit = lines.findIndex(({ start, end }) => at >= start && at < end);
      // Checkpoint, adoption, a, b, c.
      const kept = ['c', 'b', 'a'].filter((_, index) => hit !== 4 - index);
      expect([at, await opened.historyIds()]).toEqual([at, kept]);
      expect([at, opened.usage.used]).toEqual([at, hit === 4 ? 2_100 : 3_100]);
      expect(opened.warningCodes()).toEqual(['ledger_damaged']);
      await opened.close();
      rmSync(folder, { recursive: true });
    }
  });

  test('damage of the checkpoint that a segment starts with is made good by the segments before it', async () => {
    const options = { maxSegmentBytes: 3_000 };
    const folder = temporaryFolder();
    writeFileSync(join(folder, STATE_FILE), FOREIGN_TEXT);
    const first = await OpenedStore.open(folder, options);
    for (let count = 0; count < 40; count++) await first.record(10, { id: `r${count}` });
    await first.close();
    const last = join(folder, 'ledger', ledgerFiles(folder).at(-1)!);
    const bytes = readFileSync(last);
    bytes[40]! ^= 1;
    writeFileSync(last, bytes);
    // Not even the state file can help.
    rmSync(join(folder, STATE_FILE));

    const second = await openStore(folder, options);

    expect(second.usage).toMatchObject({ used: 500, sessions_count: 40, revision: 41 });
    expect(second.text()).toBe(first.store.text());
    expect(second.text()).toContain('"completion_rate": 1.0');
    expect(second.warningCodes()).toEqual(['ledger_damaged']);
  });

  test.each<[string, (path: string) => void]>([
    ['an empty file', (path) => writeFileSync(path, '')],
    ['a file of something else', (path) => writeFileSync(path, '{"token_usage":{"used":5}}\nhello\n')],
    ['zeros', (path) => writeFileSync(path, Buffer.alloc(5_000))],
  ])('%s in the place of the last segment is moved aside, and the one before goes on', async (_, damage) => {
    const options = { maxSegmentBytes: 3_000 };
    const first = await openStore(temporaryFolder(), options);
    for (let count = 0; count < 40; count++) await first.record(10, { id: `r${count}` });
    await first.store.history.settled();
    const folder = first.crashed();
    const last = join(folder, 'ledger', ledgerFiles(folder).at(-1)!);
    damage(last);
    const damaged = readFileSync(last);

    const second = await openStore(folder, options);

    expect(second.usage).toMatchObject({ used: 400, sessions_count: 40 });
    expect((await second.historyIds()).length).toBe(40);
    expect(second.warningCodes()).toEqual(['ledger_damaged', 'history_lost']);
    const [copy] = ledgerFiles(folder, 'aside');
    expect(readFileSync(join(folder, 'ledger', copy!)).equals(damaged)).toBe(true);
    await second.record(5, { id: 'new' });

    const third = await reopened(second, options);

    expect(third.usage).toMatchObject({ used: 405, sessions_count: 41 });
    expect((await third.historyIds()).length).toBe(41);
  });

  test('damage of a whole segment in the middle leaves the others', async () => {
    const options = { maxSegmentBytes: 3_000 };
    const first = await OpenedStore.open(temporaryFolder(), options);
    for (let count = 0; count < 40; count++) await first.record(10, { id: `r${count}` });
    const ids = await first.historyIds();
    await first.close();
    const lost = idsIn(segmentPath(first.folder, 2));
    writeFileSync(segmentPath(first.folder, 2), 'nothing of ours');

    const second = await openStore(first.folder, options);

    // The sessions in the state file come back, because the rest of the ledger does not know them.
    expect(new Set(await second.historyIds())).toEqual(new Set(ids));
    expect(second.usage.used).toBe(400);
    expect(await second.record(1, { id: lost[0]! })).toMatchObject({ duplicate: true });
    expect(second.warningCodes()).toContain('ledger_damaged');
  });

  test('files of other names in the folder are nobody’s segments', async () => {
    const first = await openStore(temporaryFolder());
    await first.record(10);
    const ledger = join(first.folder, 'ledger');
    mkdirSync(join(ledger, 'backup'));
    copyFileSync(segmentPath(first.folder, 1), join(ledger, '0000001.jsonl'));
    copyFileSync(segmentPath(first.folder, 1), join(ledger, '000001.jsonl.bak'));
    writeFileSync(join(ledger, '1.jsonl'), 'x');

    const second = await reopened(first);

    expect(second.usage).toMatchObject({ used: 10, sessions_count: 1 });
    expect(await second.history()).toHaveLength(1);
    expect(second.warningCodes()).toEqual([]);
  });
});

describe('a ledger of a newer version', () => {
  const newer = encodeLine({ v: LEDGER_FORMAT + 1, previous: '00000000', view: '', changes: [] }).bytes;

  test.each<[string, (folder: string) => void]>([
    ['in its last line', (folder) => appendFileSync(segmentPath(folder, 1), newer)],
    ['in a segment of its own', (folder) => writeFileSync(segmentPath(folder, 2), newer)],
    [
      'behind a segment that would need a repair',
      (folder) => {
        writeFileSync(segmentPath(folder, 1), readFileSync(segmentPath(folder, 1)).fill(0x20, 40, 50));
        writeFileSync(segmentPath(folder, 2), newer);
      },
    ],
    [
      'with a torn tail behind it',
      (folder) => writeFileSync(segmentPath(folder, 1), Buffer.concat([newer, Buffer.from('{"crc')])),
    ],
  ])('a newer version’s ledger, %s, is refused and left alone byte for byte', async (_, change) => {
    const { files } = await shortLedger();
    const folder = folderOf(temporaryFolder(), files);
    change(folder);
    const before = filesOf(folder);

    await expect(OpenedStore.open(folder)).rejects.toMatchObject({
      kind: 'storage_failed',
      text: { en: expect.stringContaining('newer version') },
    });

    expect(filesOf(folder)).toEqual(before);
  });
});

test('a segment that was deleted while the daemon runs takes no later reading along', async () => {
  const first = await openStore(temporaryFolder());
  await first.record(10, { id: 'a' });
  rmSync(join(first.folder, 'ledger'), { recursive: true });
  await first.record(20, { id: 'b' });

  const second = await reopened(first);

  expect(second.usage).toMatchObject({ used: 30, revision: 2 });
  expect(await second.historyIds()).toContain('b');
  expect(second.state().token_usage.sessions.map(({ id }: { id: string }) => id)).toEqual(['b', 'a']);
});

function idsIn(path: string): string[] {
  return scanSegment(readFileSync(path)).lines.flatMap(({ line }) =>
    'changes' in line ? line.changes.flatMap((change) => (change.kind === 'reading' ? [change.reading.id] : [])) : [],
  );
}

/** The state file as it was before the last line of the ledger. */
async function stateBeforeLast(files: Readonly<Record<string, Buffer>>, parent: string): Promise<string> {
  const { lines } = scanSegment(files[SEGMENT]!);
  const folder = folderOf(parent, { [SEGMENT]: files[SEGMENT]!.subarray(0, lines.at(-1)!.start) });
  const opened = await OpenedStore.open(folder);
  const text = opened.text();
  await opened.close();
  rmSync(folder, { recursive: true });
  return text;
}
