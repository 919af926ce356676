import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkpointOf } from '../../../src/daemon/store/ledger/checkpoint.ts';
import { startDaemon } from '../../support/daemon.ts';
import { freshFolder, temporaryFolder } from '../../support/folders.ts';
import { type OpenedStore, openStore, reopened, segmentPath } from './opened-store.ts';

const WAYS: [string, (opened: OpenedStore) => void][] = [
  ['whose folder was removed', ({ folder }) => rmSync(join(folder, 'ledger'), { recursive: true })],
  ['in which a byte was flipped', ({ folder }) => flipByteOf(segmentPath(folder, 1), '"id":"a"')],
];

describe.each(WAYS)('a ledger %s', (_, damage) => {
  test('an unreadable ledger stops no recording after an edit of the state file', async () => {
    const opened = await damagedAfterThree(damage);
    opened.edit((state) => (state.status = 'by hand'));

    expect(await opened.record(40, { id: 'd' })).toMatchObject({ total_used: 100 });
    expect(opened.state()).toMatchObject({ status: 'by hand', token_usage: { used: 100 } });
    expect(opened.warnings.list()).toEqual([]);
  });

  test('readings recorded since the ledger became unreadable are still taken back', async () => {
    const opened = await damagedAfterThree(damage);
    opened.edit((state) => (state.status = 'by hand'));
    await opened.record(40, { id: 'd' });

    expect(await opened.undo()).toMatchObject({ total_used: 60 });
    expect(opened.usage).toMatchObject({ used: 60, sessions_count: 3 });
  });

  test('what an unreadable ledger has lost the history still shows', async () => {
    const opened = await damagedAfterThree(damage);
    await opened.record(40, { id: 'd' });

    expect(await opened.historyIds()).toEqual(['d', 'c', 'b', 'a']);
    expect(opened.warningCodes()).toEqual([]);
  });

  test('an unreadable ledger counts nothing twice: neither a session that comes back by hand, nor a reading that is offered again', async () => {
    const opened = await damagedAfterThree(damage);
    const [session] = opened.state().token_usage.sessions.slice(-1);
    opened.edit((state) => state.token_usage.sessions.splice(-1));
    await opened.adopt();
    opened.edit((state) => state.token_usage.sessions.push(session));
    await opened.adopt();

    expect(session.id).toBe('a');
    expect(await opened.record(10, { id: 'a' })).toMatchObject({ duplicate: true, total_used: 10 });
    expect(opened.usage).toMatchObject({ used: 60, sessions_count: 3 });
    expect(opened.state().token_usage.sessions.map(({ id }: { id: string }) => id)).toEqual(['c', 'b', 'a']);
  });

  test('an unreadable ledger goes on after a restart, with every figure as it was and a warning of what it has lost', async () => {
    const first = await damagedAfterThree(damage);
    first.edit((state) => (state.status = 'by hand'));
    await first.record(40, { id: 'd' });
    await first.close();

    const second = await openStore(first.folder);
    second.edit((state) => (state.status = 'once more'));

    expect(await second.record(50)).toMatchObject({ total_used: 150 });
    expect(second.usage.sessions_count).toBe(5);
    expect(second.warningCodes()).toContain('history_lost');
    expect(second.warningCodes()).not.toContain('history_damaged');
  });
});

test('the last reading is shown and taken back though the ledger has lost it', async () => {
  const opened = await damagedAfterThree(({ folder }) => flipByteOf(segmentPath(folder, 1), '"id":"c"'));

  expect((await opened.queries.lastReading()).session).toMatchObject({ id: 'c', tokens: 30 });
  expect(await opened.undo()).toMatchObject({ total_used: 30, touched: { id: 'c' } });
  expect(await opened.historyIds()).toEqual(['c', 'b', 'a']);
});

test('an edit without a mark is taken as ever though the ledger has lost its newest session', async () => {
  const opened = await damagedAfterThree(({ folder }) => flipByteOf(segmentPath(folder, 1), '"id":"c"'));
  opened.edit((state) => {
    delete state.token_usage.mark;
    state.status = 'by hand';
  });
  await opened.adopt();

  expect(opened.state()).toMatchObject({ status: 'by hand', token_usage: { used: 60 } });
  expect(opened.warningCodes()).toEqual([]);
});

test('a reading that cannot be folded again any more is taken back all the same, and the next figure is no restart', async () => {
  const first = await openStore(temporaryFolder());
  await first.record(350_000, { sync_type: 'manual' });
  await first.store.ledger.startSegment(checkpointOf(first.store.view));
  await first.record(5_000, { id: 'lost' });
  await first.record(400_000, { id: 'last', sync_type: 'manual' });
  await first.store.ledger.startSegment(checkpointOf(first.store.view));
  const opened = await reopened(first);
  flipByteOf(segmentPath(first.folder, 2), '"id":"lost"');

  expect(await opened.undo()).toMatchObject({ total_used: 355_000, touched: { id: 'last' } });
  const receipt = await opened.record(360_000, { sync_type: 'manual' });
  expect(receipt).toMatchObject({ increment: 5_000 });
  expect(receipt).not.toHaveProperty('reset');
  expect(opened.warningCodes()).toEqual([]);
});

test('the daemon shows what its ledger has lost, and its next start tells how much that is', async () => {
  const folder = freshFolder();
  const daemon = await startDaemon({ folder });
  await daemon.rpc('usage.record', { tokens: 10, id: 'a' });
  rmSync(join(folder, 'ledger'), { recursive: true });
  await daemon.rpc('usage.record', { tokens: 20, id: 'b', sync_type: 'auto' });
  expect((await daemon.rpc('usage.history')).sessions).toMatchObject([{ id: 'b' }, { id: 'a' }]);
  expect((await daemon.rpc('daemon.info')).warnings).toEqual([]);
  await daemon.stop();

  const next = await startDaemon({ folder });
  expect((await next.rpc('usage.history')).sessions).toMatchObject([{ id: 'b' }]);
  expect((await next.rpc('daemon.info')).warnings).toContainEqual(expect.objectContaining({ code: 'history_lost' }));
});

async function damagedAfterThree(damage: (opened: OpenedStore) => void): Promise<OpenedStore> {
  const opened = await openStore(temporaryFolder());
  for (const [index, id] of ['a', 'b', 'c'].entries()) await opened.record(10 * (index + 1), { id });
  damage(opened);
  return opened;
}

function flipByteOf(path: string, text: string): void {
  const at = readFileSync(path).indexOf(text);
  const fd = openSync(path, 'r+');
  writeSync(fd, 'X', at + 1);
  closeSync(fd);
}
