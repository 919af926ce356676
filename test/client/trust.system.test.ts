import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TokenSyncManager } from '../../src/client/sdk/index.ts';
import { CHALLENGE_HEADER, type DaemonFile, PROOF_HEADER } from '../../src/protocol/addresses.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { cleanEnvironment } from '../support/environment.ts';
import { olderDaemon } from '../support/older-daemon.ts';
import { execFile } from '../support/programs.ts';
import { runCli, runJson } from '../support/run-cli.ts';
import { daemonsOf, folderForClients } from '../support/started-daemons.ts';
import { agreeingWith, relayingTo, serveStranger } from '../support/stranger.ts';
import { until } from '../support/until.ts';

const STATUS_SCRIPT = fileURLToPath(new URL('../../scripts/📊查看Token状态.sh', import.meta.url));
const TOKEN_MODE = { TOKEN_SYNC_AUTH: 'token', TOKEN_SYNC_PORT: '0' };

const fileOf = (folder: string): DaemonFile => JSON.parse(readFileSync(join(folder, 'daemon.json'), 'utf8'));
const tokenOf = (folder: string) => readFileSync(join(folder, 'token'), 'utf8').trim();

function tellInFile(folder: string, told: Partial<DaemonFile>): void {
  writeFileSync(join(folder, 'daemon.json'), JSON.stringify({ ...fileOf(folder), ...told }));
}

/** A daemon that asks for its token and has recorded 100, on a folder whose daemons end with the test. */
async function guarded(main?: string): Promise<TestDaemon> {
  const daemon = await startDaemon({ folder: folderForClients(), env: TOKEN_MODE, ...(main && { main }) });
  await daemon.rpc('usage.record', { tokens: 100 }, { authorization: `Bearer ${tokenOf(daemon.folder)}` });
  return daemon;
}

type Client = (folder: string) => Promise<unknown>;

function cli(...args: string[]): Client {
  return (folder) => runCli(args, { folder, env: TOKEN_MODE });
}

function sdk(work: (manager: TokenSyncManager) => Promise<unknown>): Client {
  return async (folder) => {
    const manager = new TokenSyncManager({ dataDir: folder, autoStart: false });
    onTestFinished(() => manager.close());
    return await work(manager).catch((error: unknown) => error);
  };
}

const CLIENTS: readonly (readonly [string, Client])[] = [
  ['status', cli('status')],
  ['record', cli('record', '200')],
  ['history', cli('history', '--no-spawn')],
  ['undo', cli('undo', '--no-spawn')],
  ['export', cli('export', '--no-spawn')],
  ['start', cli('start')],
  ['stop', cli('stop')],
  ['restart', cli('restart')],
  ['doctor', cli('doctor')],
  ['open', cli('open', '--no-spawn')],
  ['watch', cli('watch', '--no-spawn')],
  ['a port that is named', (folder) => cli('status', '--no-spawn', '--port', new URL(fileOf(folder).url).port)(folder)],
  [
    'the double click',
    (folder) => {
      const env = { ...cleanEnvironment(), ...TOKEN_MODE, TOKEN_SYNC_DATA: folder };
      return promisify(execFile)('sh', [STATUS_SCRIPT], { env });
    },
  ],
  ['the SDK', sdk((manager) => manager.quickRecord(200))],
  ['a subscription of the SDK', sdk(async (manager) => await manager.subscribe().next())],
];

describe('a stranger on the port of a daemon that was killed', () => {
  test.each(CLIENTS)(
    'a stranger on the port of a killed daemon is shown neither the token nor a call: %s',
    async (_, client) => {
      const { folder, port, pid, ...daemon } = await gone();
      // Its process id is somebody's by now, and the stranger knows whom it stands in for.
      tellInFile(folder, { pid: process.pid });
      const claims = { pid: process.pid, data_dir: folder, url: daemon.url, warnings: [], success: true };
      const { heard } = await serveStranger(
        port,
        agreeingWith({ ...claims, version: '0.1.0', protocol: 2, used: 666 }),
      );

      const outcome = JSON.stringify(await client(folder));

      expect(heard.length).toBeGreaterThan(0);
      expect(heard.join('\n')).not.toContain(tokenOf(folder));
      expect(heard.join('\n')).not.toMatch(/usage\.|daemon\.shutdown|dashboard\.code/);
      expect(outcome).not.toContain('666');
    },
  );

  test('a stranger on the port keeps nobody from recording: the value is in the folder, once', async () => {
    const { folder, port } = await gone();
    tellInFile(folder, { pid: process.pid });
    await serveStranger(port, agreeingWith({ success: true, total_used: 200, increment: 100 }));
    expect((await runJson(['record', '200'], { folder, env: TOKEN_MODE })).json).toMatchObject({ total_used: 200 });
    const { sessions } = (await runJson(['history'], { folder, env: TOKEN_MODE })).json;
    expect(sessions).toMatchObject([{ total_used: 200 }, { total_used: 100 }]);
  });

  test('a stranger that relays to the daemon of another folder learns nothing either', async () => {
    const { folder, port } = await gone();
    const other = await startDaemon();
    const { heard } = await serveStranger(port, relayingTo(other.url));
    tellInFile(folder, { pid: other.pid });
    expect((await runJson(['record', '200'], { folder, env: TOKEN_MODE })).json).toMatchObject({ total_used: 200 });
    expect(heard.join('\n')).not.toContain(tokenOf(folder));
    expect(await other.rpc('usage.get')).toMatchObject({ revision: 0 });
  });

  test('a stranger that has overheard the proof of an earlier start is not believed', async () => {
    const { folder, port, file: overheard } = await gone();
    const again = await startDaemon({ folder, env: TOKEN_MODE });
    const { heard } = await serveStranger(port, () => ({ headers: { [PROOF_HEADER]: overheard.proof! }, body: '{}' }));
    tellInFile(folder, { url: overheard.url });
    const { code } = await runCli(['status', '--no-spawn'], { folder });
    expect(code).toBe(5);
    expect(heard.join('\n')).toContain(fileOf(folder).challenge);
    expect(heard.join('\n')).not.toContain(tokenOf(folder));
    expect(daemonsOf(folder)).toEqual([again.pid]);
  });
});

/** The folder of a daemon that was killed, and what it told of itself. */
async function gone() {
  const daemon = await guarded();
  await daemon.kill();
  const { folder, port, pid, url } = daemon;
  return { folder, port, pid, url, file: fileOf(folder) };
}

describe('the proof of a daemon', () => {
  test('a daemon proves itself only to a caller with the challenge of daemon.json, which only its owner can read and each start makes anew', async () => {
    const daemon = await guarded();
    const { challenge = '', proof = '' } = fileOf(daemon.folder);
    expect(statSync(daemon.path('daemon.json')).mode & 0o777).toBe(0o600);
    expect((await daemon.get('/healthz', { [CHALLENGE_HEADER]: challenge })).headers).toMatchObject({
      [PROOF_HEADER]: proof,
    });
    for (const guess of ['', proof, `${challenge}x`]) {
      const answer = await daemon.get('/healthz', { [CHALLENGE_HEADER]: guess });
      expect(answer.status).toBe(200);
      expect(JSON.stringify(answer.headers) + answer.text).not.toContain(proof);
    }
    await daemon.kill();
    const next = await startDaemon({ folder: daemon.folder });
    expect(fileOf(next.folder).challenge).not.toBe(challenge);
    expect(fileOf(next.folder).proof).not.toBe(proof);
  });
});

describe('a daemon of before the proof that asks for its token', () => {
  test('a daemon of before the proof is not shown the token, and one of this version takes its place', async () => {
    const older = await guarded(olderDaemon());
    const { code, stderr } = await runCli(['status', '--no-spawn'], { folder: older.folder });
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining('token-sync restart') });
    const at = { folder: older.folder, env: TOKEN_MODE };
    expect((await runJson(['record', '200'], at)).json).toMatchObject({ total_used: 200 });
    expect(await older.exited).toMatchObject({ code: 0 });
  });

  test('a daemon of before the proof is not ended for the sake of a copy of its folder', async () => {
    const older = await guarded(olderDaemon());
    const copy = folderForClients();
    cpSync(older.folder, copy, { recursive: true });
    expect((await runCli(['stop'], { folder: copy })).stdout).toBe('No daemon is running\n');
    expect(older.process.exitCode).toBeNull();
  });
});

describe('a copy of a data folder, daemon.json and all', () => {
  test.each(['none', 'token'])(
    'a copied data folder records, undoes and stops for itself, never in the original (auth %s)',
    async (auth) => {
      const env = { ...TOKEN_MODE, TOKEN_SYNC_AUTH: auth };
      const original = await startDaemon({ folder: folderForClients(), env });
      await runJson(['record', '100'], { folder: original.folder, env });
      const copy = { folder: folderForClients(), env };
      cpSync(original.folder, copy.folder, { recursive: true });

      expect((await runCli(['stop'], copy)).stdout).toBe('No daemon is running\n');
      expect((await runCli(['status', '--no-spawn'], copy)).code).toBe(5);
      expect((await runJson(['record', '700'], copy)).json).toMatchObject({ total_used: 700 });
      expect((await runJson(['undo'], copy)).json).toMatchObject({ total_used: 100 });
      expect((await runJson(['undo'], copy)).json).toMatchObject({ total_used: 0 });
      expect((await runJson(['stop'], copy)).json).toMatchObject({ stopped: true });

      const { json } = await runJson(['status', '--no-spawn'], { folder: original.folder, env });
      expect(json).toMatchObject({ used: 100, revision: 1 });
      expect(fileOf(original.folder).pid).toBe(original.pid);
    },
  );
});

describe('a daemon.json that is lost while the daemon runs', () => {
  const LOSSES: readonly (readonly [string, (daemon: TestDaemon) => void])[] = [
    ['removed', (daemon) => rmSync(daemon.path('daemon.json'))],
    ['emptied', (daemon) => daemon.write('daemon.json', '')],
    [
      'replaced by that of an earlier start',
      ({ folder }) =>
        tellInFile(folder, { pid: 2 ** 30, started_at: '2025-11-18T12:30:00.000Z', challenge: 'a', proof: 'b' }),
    ],
  ];

  test.each(LOSSES)('a daemon.json that is lost (%s) is written again as it was, each time', async (_, lose) => {
    const daemon = await startDaemon();
    const file = daemon.read('daemon.json');
    for (let time = 1; time <= 3; time++) {
      lose(daemon);
      await until(() => readIfThere(daemon) === file, 'it is there again', 2_000);
    }
    expect(statSync(daemon.path('daemon.json')).mode & 0o777).toBe(0o600);
  });

  test.each(LOSSES)('a daemon.json that is lost (%s) does not hide the daemon from its clients', async (_, lose) => {
    const daemon = await guarded();
    const { folder } = daemon;
    lose(daemon);
    expect(await runCli(['status', '--no-spawn'], { folder })).toMatchObject({ code: 0 });
    lose(daemon);
    expect((await runJson(['record', '200'], { folder })).json).toMatchObject({ total_used: 200 });
    lose(daemon);
    const { stdout } = await runCli(['doctor'], { folder });
    expect(stdout).not.toContain('kill');
    lose(daemon);
    expect((await runJson(['stop'], { folder })).json).toMatchObject({ stopped: true, pid: daemon.pid });
  });
});

function readIfThere(daemon: TestDaemon): string | undefined {
  try {
    return daemon.read('daemon.json');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
