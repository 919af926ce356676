import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FindOptions, findDaemon, withDaemon } from '../../../../src/client/sdk/daemon/daemon-finder.ts';
import { callOnce } from '../../../../src/client/sdk/daemon/http-call.ts';
import { startDaemon } from '../../../support/daemon.ts';
import { freePort } from '../../../support/free-port.ts';
import { serveStub, stubInfo } from '../../../support/json-rpc-stub.ts';
import { daemonsOf, folderForClients } from '../../../support/started-daemons.ts';
import { until } from '../../../support/until.ts';

/** No process has it: the largest of Linux is below. */
const DEAD_PID = 2 ** 30;

const recordFor = (options: FindOptions, tokens: number) =>
  withDaemon(options, (address) =>
    callOnce(address, 'usage.record', { tokens, id: String(tokens), sync_type: 'auto' }),
  );

function options(folder: string, more: Partial<FindOptions> = {}): FindOptions {
  return { dataDir: folder, port: 0, mayStart: true, language: 'en', ...more };
}

function writeDaemonFile(folder: string, content: object | string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const text = typeof content === 'string' ? content : JSON.stringify({ version: '9.9.9', protocol: 2, ...content });
  writeFileSync(join(folder, 'daemon.json'), text);
}

/** A client whose daemon has given way to one that cannot be found until it is revealed. */
async function loseTheRace() {
  const folder = folderForClients();
  const owner = await startDaemon({ folder });
  const file = owner.path('daemon.json');
  rmSync(file);
  // A folder that is not empty cannot be replaced, so that the daemon cannot write the file again.
  mkdirSync(join(file, 'in the way'), { recursive: true });
  const finding = findDaemon(options(folder));
  finding.catch(() => undefined);
  await until(() => daemonsOf(folder).length === 2, 'a second daemon was started');
  await until(() => daemonsOf(folder).length === 1, 'it has given way');
  return { owner, finding, reveal: () => rmSync(file, { recursive: true }) };
}

describe('finding', () => {
  test('finding a daemon takes the word of a credible daemon.json without a round trip of its own', async () => {
    const folder = folderForClients();
    const stub = await serveStub({ 'daemon.info': () => stubInfo() });
    writeDaemonFile(folder, stub.file(folder));
    expect(await findDaemon(options(folder))).toMatchObject({ url: stub.url, pid: process.pid, version: '9.9.9' });
    expect(stub.called).toEqual([]);
  });

  test('finding a daemon finds a daemon that asks for a token, and is let in', async () => {
    const daemon = await startDaemon({ args: ['--auth', 'token'] });
    const found = options(daemon.folder, { mayStart: false });
    expect(await recordFor(found, 350_000)).toMatchObject({ total_used: 350_000 });
  });

  test('finding a daemon says how to start one when none runs and it may not', async () => {
    const finding = findDaemon(options(folderForClients(), { mayStart: false }));
    await expect(finding).rejects.toMatchObject({ kind: 'unreachable', hint: { en: 'run `token-sync start`' } });
  });

  test('finding a daemon never gives a call to the daemon of another folder that has taken the port since', async () => {
    const folder = folderForClients();
    const other = await startDaemon();
    writeDaemonFile(folder, { pid: DEAD_PID, url: other.url });
    expect(await recordFor(options(folder), 7)).toMatchObject({ total_used: 7 });
    expect(await other.rpc('usage.get')).toMatchObject({ revision: 0 });
  });

  test('finding a daemon doubts a daemon.json of before the last boot, whose pid anybody may have by now', async () => {
    const folder = folderForClients();
    const other = await startDaemon();
    writeDaemonFile(folder, { pid: process.pid, url: other.url });
    utimesSync(join(folder, 'daemon.json'), 0, 0);
    expect(await recordFor(options(folder), 7)).toMatchObject({ total_used: 7 });
    expect(await other.rpc('usage.get')).toMatchObject({ revision: 0 });
  });
});

describe('starting', () => {
  test('starting a daemon starts a daemon when none runs, says so first, and finds it the next time', async () => {
    const folder = folderForClients();
    let starts = 0;
    const onStarting = () => void starts++;
    const first = await findDaemon(options(folder, { onStarting }));
    const second = await findDaemon(options(folder, { onStarting }));
    expect(second).toEqual(first);
    expect(starts).toBe(1);
    expect(daemonsOf(folder)).toEqual([first.pid]);
  });

  test.each([
    ['half-written', '{"pid":12,"url":"http://127.0'],
    ['empty', ''],
    ['of another shape', '[1,2]'],
    ['without an address', '{"pid":12,"url":7,"protocol":1,"version":"1"}'],
  ])('starting a daemon takes a daemon.json that is %s for none', async (_, content) => {
    const folder = folderForClients();
    writeDaemonFile(folder, content);
    expect(await recordFor(options(folder), 3)).toMatchObject({ total_used: 3 });
  });

  test('starting a daemon starts another when the one of daemon.json was killed, and the call goes through', async () => {
    const folder = folderForClients();
    const daemon = await startDaemon({ folder });
    expect(await recordFor(options(folder), 10)).toMatchObject({ total_used: 10 });
    await daemon.kill();
    expect(await recordFor(options(folder), 5)).toMatchObject({ total_used: 15 });
  });

  test('starting a daemon starts another when another process has the pid of a killed one by now', async () => {
    const folder = folderForClients();
    writeDaemonFile(folder, { pid: process.pid, url: `http://127.0.0.1:${await freePort()}` });
    expect(await recordFor(options(folder), 5)).toMatchObject({ total_used: 5 });
  });

  test('starting a daemon waits for the daemon that has won where its own came too late', async () => {
    const { owner, finding, reveal } = await loseTheRace();
    reveal();
    expect(await finding).toMatchObject({ pid: owner.pid });
  });

  test('starting a daemon tries again where the daemon that has won was about to stop', async () => {
    const { owner, finding, reveal } = await loseTheRace();
    await owner.kill();
    reveal();
    const { pid } = await finding;
    expect(daemonsOf(owner.folder)).toEqual([pid]);
    expect(pid).not.toBe(owner.pid);
  });

  test('starting a daemon is served by the next daemon when it comes while one stops', async () => {
    const folder = folderForClients();
    const daemon = await startDaemon({ folder });
    // One that does not listen to goodbyes keeps the folder with the old daemon for a while.
    const { socket } = await daemon.connect();
    socket.pause();
    await daemon.rpc('daemon.shutdown');
    expect(await recordFor(options(folder), 5)).toMatchObject({ total_used: 5 });
    expect(await daemon.exited).toMatchObject({ code: 0 });
  });

  test('starting a daemon repeats what the daemon said when it cannot start', async () => {
    const folder = folderForClients();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.json'), '{"prot": 1}');
    const finding = findDaemon(options(folder));
    await expect(finding).rejects.toMatchObject({
      kind: 'unreachable',
      text: { en: expect.stringMatching(/could not start: [^\n]*unknown setting: prot$/) },
      hint: { en: expect.stringContaining('alerts.period') },
    });
  });
});

describe('another version', () => {
  test('a daemon of another version says that the daemon is older and how to replace it, where it may start none', async () => {
    const folder = folderForClients();
    const stub = await serveStub({ 'daemon.info': () => stubInfo({ protocol: 1 }) });
    writeDaemonFile(folder, stub.file(folder, { protocol: 1, version: '0.0.9' }));
    await expect(findDaemon(options(folder, { mayStart: false }))).rejects.toMatchObject({
      kind: 'incompatible',
      text: { en: 'the running daemon (0.0.9) is older than this program' },
      hint: { en: 'run `token-sync restart`' },
    });
  });

  test('a daemon of another version says that the daemon is newer and what to upgrade', async () => {
    const folder = folderForClients();
    const told = { protocol: 4, protocol_min: 3 };
    const stub = await serveStub({ 'daemon.info': () => stubInfo(told) });
    writeDaemonFile(folder, stub.file(folder, { ...told, version: '3.0.0' }));
    await expect(findDaemon(options(folder))).rejects.toMatchObject({
      kind: 'incompatible',
      text: { en: 'the running daemon (3.0.0) is newer than this program' },
      hint: { en: expect.stringContaining('upgrade this program') },
    });
  });

  test('a daemon of another version that serves our protocol too is taken at its word like one of ours', async () => {
    const folder = folderForClients();
    const stub = await serveStub({});
    writeDaemonFile(folder, stub.file(folder, { protocol: 4, protocol_min: 2, version: '3.0.0' }));
    expect(await findDaemon(options(folder))).toMatchObject({ url: stub.url, version: '3.0.0' });
    expect(stub.called).toEqual([]);
  });

  test('a daemon of another version does not hinder a start when it was killed', async () => {
    const folder = folderForClients();
    writeDaemonFile(folder, { pid: DEAD_PID, url: `http://127.0.0.1:${await freePort()}`, protocol: 7 });
    expect(await recordFor(options(folder), 2)).toMatchObject({ total_used: 2 });
  });
});

describe('a port that was named', () => {
  test('a port that was named is the port of the daemon that is started', async () => {
    const folder = folderForClients();
    const port = await freePort();
    expect(await findDaemon(options(folder, { port }))).toMatchObject({ url: `http://127.0.0.1:${port}` });
  });

  test('is refused when the daemon of the folder has another', async () => {
    const daemon = await startDaemon();
    await expect(findDaemon(options(daemon.folder, { port: daemon.port + 1 }))).rejects.toMatchObject({
      kind: 'unreachable',
      text: { en: `the daemon of this data folder is on port ${daemon.port}` },
    });
  });

  test('is taken by a new daemon when the one with another port was killed', async () => {
    const folder = folderForClients();
    const daemon = await startDaemon({ folder });
    await daemon.kill();
    const port = await freePort();
    expect(await findDaemon(options(folder, { port }))).toMatchObject({ url: `http://127.0.0.1:${port}` });
  });

  test('is refused when the daemon of another folder has it', async () => {
    const { port } = await startDaemon();
    await expect(findDaemon(options(folderForClients(), { port }))).rejects.toMatchObject({
      kind: 'unreachable',
      text: { en: `the daemon on port ${port} serves another data folder` },
    });
  });

  test('is named in the refusal when another program has it', async () => {
    const stub = await serveStub({});
    const finding = findDaemon(options(folderForClients(), { port: stub.port }));
    await expect(finding).rejects.toThrow(`port ${stub.port} is taken by another program`);
  });
});
