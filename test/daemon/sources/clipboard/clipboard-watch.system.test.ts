import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DaemonOptions, runDaemon, startDaemon, type TestDaemon } from '../../../support/daemon.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { isRunning } from '../../../support/processes.ts';
import { failureOf } from '../../../support/rpc-failure.ts';
import { startSway } from '../../../support/sway.ts';
import { until } from '../../../support/until.ts';
import { startXvfb, useXvfb } from '../../../support/xvfb.ts';

const x = useXvfb();

/** The promise is 1.5 s from the copy to the record. */
const PROMISE_MS = 1_500;

/** Far from the numbers, counted from 0, that other tests' servers choose, which would take this one while it is free. */
const OWN_DISPLAY = `:${10_000 + (process.pid % 40_000)}`;

let last = 900_000;

async function watching(options: DaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await startDaemon({
    ...options,
    args: ['--clipboard-watch', 'true', '--log-level', 'debug'],
    env: { WAYLAND_DISPLAY: '', XDG_SESSION_TYPE: '', DISPLAY: x().display, ...options.env },
  });
  await until(() => isWatching(daemon), 'the clipboard is watched');
  return daemon;
}

function isWatching(daemon: TestDaemon, times = 1): boolean {
  if (!existsSync(daemon.path('logs/daemon.log'))) return false;
  return daemon.read('logs/daemon.log').split('watching the clipboard').length > times;
}

/** The values that were recorded, oldest first. */
function recorded(daemon: TestDaemon): unknown[] {
  const { sessions } = daemon.state().token_usage;
  return sessions.map(({ total_used }) => total_used).reverse();
}

/** Copies a last value and waits for it, so that what was not recorded before it never will be. */
async function settled(daemon: TestDaemon, server = x()): Promise<unknown[]> {
  last += 1;
  await server.copy(`${last} tokens used`);
  await until(() => recorded(daemon).at(-1) === last, 'the last copy is recorded');
  return recorded(daemon).slice(0, -1);
}

describe('a watched clipboard', () => {
  test('a labelled value is recorded within 1.5 s of its copy, as a clipboard sync', async () => {
    const daemon = await watching();
    await x().copy('350,000 tokens used');
    await until(() => recorded(daemon).length === 1, 'it is recorded', PROMISE_MS);
    expect(daemon.state().token_usage.sessions).toMatchObject([
      { event: 'Clipboard sync', sync_type: 'manual', total_used: 350_000 },
    ]);
    expect(await daemon.rpc('daemon.info')).toMatchObject({ warnings: [] });
  });

  test('the watch never records a bare number, a secret, a picture or a text from before it began', async () => {
    await x().copy('111,111 tokens used');
    const daemon = await watching();
    for (const text of ['222222', '333K', 'Your login token: 444444', `${'word '.repeat(600)}555,555 tokens used`]) {
      await x().copyUntilRead(text);
    }
    await x().copy(randomBytes(64), 'image/png');
    expect(await settled(daemon)).toEqual([]);
  });

  test('the watch begins and ends with its setting while the daemon runs', async () => {
    const daemon = await startDaemon({
      args: ['--log-level', 'debug'],
      env: { WAYLAND_DISPLAY: '', XDG_SESSION_TYPE: '', DISPLAY: x().display },
    });
    const set = (isWatched: boolean) => daemon.rpc('settings.set', { settings: { 'clipboard.watch': isWatched } });
    await set(true);
    await until(() => isWatching(daemon), 'the clipboard is watched');
    await x().copy('350,000 tokens used');
    await until(() => recorded(daemon).length === 1, 'it is recorded');
    await set(false);
    await x().copy('360,000 tokens used');
    await set(true);
    await until(() => isWatching(daemon, 2), 'the clipboard is watched again');
    expect(await settled(daemon)).toEqual([350_000]);
  });

  test('a text from before the watch is no copy when another program takes it over', async () => {
    await x().copy('111,111 tokens used');
    const daemon = await watching();
    await x().copyUntilRead('111,111 tokens used\n');
    expect(await settled(daemon)).toEqual([]);
  });

  test('the watch records the same copy once, and each new one', async () => {
    const daemon = await watching();
    for (const text of [
      '350,000 tokens used',
      '350,000 tokens used\n',
      '360,000 tokens used',
      'other',
      'Token: 360K',
    ]) {
      await x().copyUntilRead(text);
    }
    expect(await settled(daemon)).toEqual([350_000, 360_000, 360_000]);
  });

  test('the watch goes on past a copy that is too large', async () => {
    const daemon = await watching();
    await x().copy(Buffer.alloc(5_000_000, '350,000 tokens used '));
    await until(() => childrenOf(daemon.pid).length > 0, 'it is being read');
    await until(() => childrenOf(daemon.pid).length === 0, 'it has been given up');
    expect(await settled(daemon)).toEqual([]);
  });

  test('the watch goes on past a program that hangs while it is asked', async () => {
    const daemon = await watching();
    const owner = await x().copy('370,000 tokens used');
    await until(() => daemon.state().token_usage.used === 370_000, 'the first copy is recorded');
    await until(() => childrenOf(daemon.pid).length === 0, 'it has been read');
    owner.kill('SIGSTOP');
    const sync = failureOf(daemon.rpc('clipboard.sync'));
    await until(() => isStill(childrenOf(daemon.pid)[0]), 'it has been asked');
    await x().copy('380,000 tokens used');
    await until(() => daemon.state().token_usage.used === 380_000, 'the copy after it is recorded');
    expect(await sync).toMatchObject({ kind: 'clipboard_unavailable' });
    expect(await hasWarning(daemon)).toBe(false);
  });

  test('a copy is heard of by X where the Wayland compositor tells nobody', async () => {
    const daemon = await watching({ env: { WAYLAND_DISPLAY: 'wayland-77', XDG_RUNTIME_DIR: '/nonexistent' } });
    await x().copy('350,000 tokens used');
    await until(() => daemon.state().token_usage.used === 350_000, 'it is recorded', PROMISE_MS);
  });

  test('the clipboard is not watched unless that is asked for', async () => {
    const daemon = await startDaemon({ env: { DISPLAY: x().display } });
    await x().copy('350,000 tokens used');
    const watcher = await watching();
    expect(await settled(watcher)).toEqual([]);
    expect(recorded(daemon)).toEqual([]);
  });

  test.each<[string, DaemonOptions]>([
    ['config.json', { config: { clipboard: { watch: true } } }],
    ['the environment', { env: { TOKEN_SYNC_CLIPBOARD_WATCH: 'true' } }],
  ])('the watch is asked for by %s', async (_, options) => {
    const daemon = await startDaemon({ ...options, env: { DISPLAY: x().display, ...options.env } });
    await until(() => isWatching(daemon), 'the clipboard is watched');
  });
});

test('a wrong value of clipboard.watch is refused by name', async () => {
  const { code, stderr } = await runDaemon({ args: ['--clipboard-watch', 'perhaps'] });
  expect(code).toBe(2);
  expect(stderr).toContain('--clipboard-watch');
});

describe('where there is nothing to watch', () => {
  test('a daemon without a clipboard to watch says so, and records when the display comes back', async () => {
    const first = await startXvfb({ display: OWN_DISPLAY });
    const daemon = await watching({ env: { DISPLAY: first.display } });
    await first.end();
    await until(() => hasWarning(daemon), 'the loss is told');
    const again = await startXvfb({ display: first.display });
    await until(() => isWatching(daemon, 2), 'it is watched again');
    expect(await hasWarning(daemon)).toBe(false);
    expect(await settled(daemon, again)).toEqual([]);
  });

  test.each([
    ['no display', { DISPLAY: '' }],
    ['an X server that is not there', { DISPLAY: ':7654' }],
    ['a display that nobody can read', { DISPLAY: 'nonsense' }],
    ['no compositor', { DISPLAY: '', WAYLAND_DISPLAY: 'wayland-77', XDG_RUNTIME_DIR: '/nonexistent' }],
  ])('%s is a warning of the watch, and all else works', async (_, env) => {
    const daemon = await startDaemon({ env: { WAYLAND_DISPLAY: '', ...env }, args: ['--clipboard-watch', 'true'] });
    await until(() => hasWarning(daemon), 'the daemon says so');
    expect(await daemon.rpc('usage.record', { tokens: 5 })).toMatchObject({ success: true });
    const startedMs = performance.now();
    await daemon.stop();
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});

test('an X server that asks for a cookie gets it, and one without it is a warning', async () => {
  const authorityFile = join(temporaryFolder(), 'Xauthority');
  writeFileSync(authorityFile, authorityEntry(hostname(), randomBytes(16)));
  const server = await startXvfb({ authorityFile });
  const daemon = await watching({ env: { DISPLAY: server.display, XAUTHORITY: authorityFile } });
  expect(await settled(daemon, server)).toEqual([]);

  const stranger = await startDaemon({
    env: { DISPLAY: server.display, WAYLAND_DISPLAY: '', XAUTHORITY: '/nonexistent' },
    args: ['--clipboard-watch', 'true'],
  });
  await until(() => hasWarning(stranger), 'the refusal is told');
});

test('on Wayland a labelled value is recorded, once, and neither a picture nor what stood there before', async () => {
  const sway = await startSway();
  sway.copy('111,111 tokens used');
  const daemon = await watching({ env: sway.env });
  sway.copy(randomBytes(64), 'image/png');
  sway.copy('350,000 tokens used');
  await until(() => recorded(daemon).length === 1, 'it is recorded', PROMISE_MS);
  sway.copy('350,000 tokens used');
  sway.copy('360,000 tokens used');
  await until(() => daemon.state().token_usage.used === 360_000, 'the next is recorded', PROMISE_MS);
  expect(recorded(daemon)).toEqual([350_000, 360_000]);
});

test('on Wayland the helper ends with the daemon, and with the next copy after a crash', async () => {
  const sway = await startSway();
  const stopped = await watching({ env: sway.env });
  const [helper] = childrenOf(stopped.pid);
  await stopped.stop();
  await until(() => !isThere(helper), 'the helper has ended');
  const crashed = await watching({ env: sway.env });
  const [orphan] = childrenOf(crashed.pid);
  await crashed.kill();
  await until(() => {
    sway.copy(randomBytes(8).toString('hex'));
    return !isThere(orphan);
  }, 'the helper has ended too');
});

async function hasWarning(daemon: TestDaemon): Promise<boolean> {
  const { warnings } = await daemon.rpc('daemon.info');
  return warnings.some(({ code }) => code === 'clipboard_watch');
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/g)?.map(Number) ?? [];
}

/** How a process was when it was last looked at, and how often it was the same. */
const waits = new Map<number, { state: string; same: number }>();

/** True when a process waits, and has waited for the same thing for a while: it has asked and hears nothing. */
function isStill(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const state = (status.match(/^(?:State|voluntary_ctxt_switches):.*$/gm) ?? []).join();
  const before = waits.get(pid);
  const same = state.includes('sleeping') && before?.state === state ? before.same + 1 : 0;
  waits.set(pid, { state, same });
  return same > 30;
}

function isThere(pid: number | undefined): boolean {
  return pid !== undefined && isRunning(pid);
}

/** An entry of an Xauthority file for a display of any number. */
function authorityEntry(host: string, cookie: Buffer): Buffer {
  const LOCAL = 256;
  const counted = (bytes: Buffer) => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
  const family = Buffer.from([LOCAL >> 8, LOCAL & 0xff]);
  const [place, number, name] = [host, '', 'MIT-MAGIC-COOKIE-1'].map((text) => counted(Buffer.from(text)));
  return Buffer.concat([family, place!, number!, name!, counted(cookie)]);
}
