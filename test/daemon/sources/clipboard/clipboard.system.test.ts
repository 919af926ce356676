import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Warnings } from '../../../../src/daemon/process/warnings.ts';
import { type ClipboardOptions, createClipboard } from '../../../../src/daemon/sources/clipboard/clipboard.ts';
import { startDaemon, useDaemon } from '../../../support/daemon.ts';
import { needs } from '../../../support/needs.ts';
import { type Process, runningProcesses } from '../../../support/processes.ts';
import { failureOf } from '../../../support/rpc-failure.ts';
import { startSway } from '../../../support/sway.ts';
import { until } from '../../../support/until.ts';
import type { XServer } from '../../../support/x-server.ts';
import { useXvfb } from '../../../support/xvfb.ts';

needs('Xvfb', 'xclip');
const x = useXvfb();
/** Filled in when the X server is there. */
const X_ENV: Record<string, string> = { WAYLAND_DISPLAY: '', XDG_SESSION_TYPE: '' };
beforeAll(() => {
  X_ENV.DISPLAY = x().display;
});
const UNAVAILABLE = -32003;
const REFUSED = -32001;

/** A daemon on the X server of these tests. */
const onX = (env: Record<string, string> = {}) => startDaemon({ env: { ...X_ENV, ...env } });

describe('clipboard.sync', () => {
  test('clipboard.sync records the value as a counter’s total, from the clipboard, under its own event', async () => {
    const daemon = await onX();
    await x().copy('350,000 tokens used');

    const receipt = await daemon.rpc('clipboard.sync');

    expect(receipt).toMatchObject({ success: true, total_used: 350_000, increment: 350_000, percent: 35 });
    expect(daemon.state().token_usage.sessions).toMatchObject([{ event: 'Clipboard sync', sync_type: 'manual' }]);
    expect(ledgerOf(daemon.folder)).toContain('"source":"clipboard"');
    await daemon.rpc('clipboard.sync', { event: '完成架构设计' });
    expect(daemon.state().token_usage.sessions[0]).toMatchObject({ event: '完成架构设计', tokens: 0 });
  });

  test('clipboard.sync names its event in the language of the daemon, whatever the caller reads', async () => {
    const daemon = await startDaemon({ env: X_ENV, args: ['--lang', 'zh'] });
    await x().copy('35万');
    await daemon.rpc('clipboard.sync');
    expect(daemon.state().token_usage.sessions[0]).toMatchObject({ event: '从剪贴板同步' });
  });

  test('clipboard.sync keeps a rounded value rounded', async () => {
    const daemon = await onX();
    await daemon.rpc('usage.record', { tokens: 350_400 });
    await x().copy('350K');
    expect(await daemon.rpc('clipboard.sync')).toMatchObject({ total_used: 350_400, increment: 0 });
  });

  test('clipboard.sync works without xsel on the PATH', async () => {
    const daemon = await onX({ PATH: '/nonexistent' });
    await x().copy('360,000 tokens used');
    expect(await daemon.rpc('clipboard.sync')).toMatchObject({ total_used: 360_000 });
  });

  test('clipboard.sync answers many callers at once', async () => {
    const daemon = await onX();
    await x().copy('350,000 tokens used');
    const receipts = await Promise.all(Array.from({ length: 50 }, () => daemon.rpc('clipboard.sync')));
    expect(new Set(receipts.map(({ id }) => id)).size).toBe(50);
    expect(daemon.state().token_usage.used).toBe(350_000);
  });

  test('clipboard.sync on Wayland reads text, and finds nothing to read in a picture', async () => {
    const sway = await startSway();
    const daemon = await startDaemon({ env: sway.env });
    expect(await failureOf(daemon.rpc('clipboard.sync'))).toMatchObject({ code: REFUSED });
    sway.copy('350,000 tokens used');
    expect(await daemon.rpc('clipboard.sync')).toMatchObject({ total_used: 350_000 });
    sway.copy(new Uint8Array([0x89, 0x50, 0x4e, 0x47]), 'image/png');
    expect(await failureOf(daemon.rpc('clipboard.sync'))).toMatchObject({
      code: REFUSED,
      message: 'the clipboard was read, but it holds no text',
    });
  });
});

describe('what cannot be recorded', () => {
  const daemon = useDaemon({ env: X_ENV });

  test.each<[string, (server: XServer) => Promise<unknown>, string]>([
    ['a picture', (server) => server.copy(new Uint8Array([0x89, 0x50, 0x4e, 0x47]), 'image/png'), 'it holds no text'],
    ['an empty text', (server) => server.copy(' \n'), 'it holds no text'],
    ['a text without a value', (server) => server.copy('hello'), 'no token value'],
    ['several values', (server) => server.copy('between 300000 and 350000'), 'more than one'],
    ['5 MB', (server) => server.copy(Buffer.alloc(5_000_000, '350,000 tokens used ')), 'over 64 KiB'],
    ['65 KiB', (server) => server.copy(`350,000 tokens used${' '.repeat(65 * 1_024)}`), 'over 64 KiB'],
  ])('clipboard.sync of %s is refused with the reason', async (_, copy, reason) => {
    await copy(x());
    const before = await daemon().rpc('usage.get');
    const failure = await failureOf(daemon().rpc('clipboard.sync'));
    expect(failure).toMatchObject({ code: REFUSED, kind: 'value_refused', hint: expect.any(String) });
    expect(failure.message).toContain(reason);
    expect(await daemon().rpc('usage.get')).toEqual(before);
  });

  test('a program that hangs with the clipboard is given up, its helper with it, and the next copy is read', async () => {
    const owner = await x().copy('350,000 tokens used');
    owner.kill('SIGSTOP');
    const failure = await failureOf(daemon().rpc('clipboard.sync'));
    expect(failure).toMatchObject({ code: UNAVAILABLE, kind: 'clipboard_unavailable' });
    expect(failure.message).toContain('did not answer within 3 s');
    expect(helpersOf(daemon().pid)).toEqual([]);
    owner.kill('SIGCONT');
    await x().copy('351,000 tokens used');
    expect(await daemon().rpc('clipboard.sync')).toMatchObject({ total_used: 351_000 });
  });

  test('a stop does not wait for a program that hangs', async () => {
    const stopping = await onX();
    const owner = await x().copy('350,000 tokens used');
    owner.kill('SIGSTOP');
    const call = failureOf(stopping.rpc('clipboard.sync'));
    await until(() => helpersOf(stopping.pid).length > 0, 'the clipboard is being read');
    const startedMs = performance.now();
    await stopping.stop();
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    owner.kill('SIGKILL');
    await call.catch(() => undefined);
  });

  test.each([
    ['no display', { DISPLAY: '', WAYLAND_DISPLAY: '' }],
    ['a display that is gone', { DISPLAY: ':7654', WAYLAND_DISPLAY: '' }],
    ['a Wayland socket that is gone', { DISPLAY: '', WAYLAND_DISPLAY: 'wayland-77', XDG_RUNTIME_DIR: '/nonexistent' }],
    ['neither display nor helper', { DISPLAY: '', WAYLAND_DISPLAY: '', PATH: '/nonexistent' }],
  ])('clipboard.sync says that %s is in the way, and how to go on without a clipboard', async (_, env) => {
    const blind = await startDaemon({ env });
    const failure = await failureOf(blind.rpc('clipboard.sync'));
    expect(failure).toMatchObject({ code: UNAVAILABLE, kind: 'clipboard_unavailable' });
    expect(failure.message).toMatch(/DISPLAY/);
    expect(failure.hint).toContain('token-sync record VALUE');
    const chinese = await blind.post('/api/clipboard', {});
    expect(chinese.status).toBe(503);
    expect(chinese.json()).toMatchObject({ success: false, kind: 'clipboard_unavailable' });
    expect(chinese.json().error).toContain('无法读取剪贴板');
    expect(await blind.rpc('daemon.info')).toMatchObject({ warnings: [] });
  });
});

describe('POST /api/clipboard', () => {
  const daemon = useDaemon({ env: X_ENV });

  test.each([
    ['no body', '', {}, 'Token使用已记录', '从剪贴板同步'],
    ['an empty object', '{}', { 'accept-language': 'en' }, 'Token usage recorded', 'Clipboard sync'],
    ['an event', '{"event":"设计"}', {}, 'Token使用已记录', '设计'],
    ['null for what it does not have', '{"event":null}', {}, 'Token使用已记录', '从剪贴板同步'],
  ])('POST /api/clipboard takes %s', async (_, body, headers, message, event) => {
    await x().copy('350,000 tokens used');
    const answer = await daemon().post('/api/clipboard', body, headers);
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ success: true, message, total_used: 350_000 });
    expect(Object.keys(answer.json()).slice(0, 4)).toEqual(['success', 'message', 'total_used', 'increment']);
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({ event });
  });

  test.each([
    ['another field', '{"tokens":5}', 400],
    ['an array', '[]', 400],
    ['no JSON', '{', 400],
  ])('POST /api/clipboard refuses %s', async (_, body, status) => {
    expect((await daemon().post('/api/clipboard', body)).status).toBe(status);
  });
});

describe('an implausible value, about which nobody can be asked,', () => {
  const daemon = useDaemon({ env: X_ENV });
  const REASON = 'the value is odd and was not recorded: it would make the usage more than three times the budget';
  beforeAll(async () => {
    await daemon().rpc('usage.set_total', { total: 1_000_000 });
    await daemon().rpc('usage.record', { tokens: 350_000 });
  });

  test('an implausible value is refused by clipboard.sync and by REST, and taken with its label', async () => {
    await x().copy('13800138000');
    const failure = await failureOf(daemon().rpc('clipboard.sync'));
    expect(failure).toMatchObject({ code: REFUSED, kind: 'value_refused', question: undefined });
    expect(failure.message).toContain(REASON);
    expect(failure.hint).toContain('token-sync record VALUE');
    const answer = await daemon().post('/api/clipboard', {});
    expect(answer.status).toBe(400);
    expect(answer.json().error).toContain('数值不寻常，没有记录：已使用量会超过总额度 1,000,000 的三倍');
    expect((await daemon().rpc('usage.get')).used).toBe(350_000);
    await x().copy('13,800,138,000 tokens used');
    expect(await daemon().rpc('clipboard.sync')).toMatchObject({ total_used: 13_800_138_000 });
    await daemon().rpc('usage.undo');
  });

  test('an implausible value is refused by a trigger, which is set aside with the reason and without the value', async () => {
    await x().copy('13800138000');
    daemon().write('drop/clipboard', '');
    const reason = daemon().path('drop/rejected/clipboard.error.txt');
    // The file is there before its text is.
    expect(await until(() => existsSync(reason) && readFileSync(reason, 'utf8'), 'it is set aside')).toContain(REASON);
    const { warnings } = await daemon().rpc('daemon.info');
    expect(warnings).toMatchObject([{ code: 'clipboard_refused', en: expect.stringContaining(REASON) }]);
    for (const told of [JSON.stringify(warnings), daemon().read('drop/rejected/clipboard.error.txt')]) {
      expect(told).not.toMatch(/13,?800/);
    }
  });
});

describe('a trigger', () => {
  beforeEach(() => {
    process.env.DISPLAY = x().display;
  });

  test('a trigger leaves a warning when it fails, another when it fails otherwise, and none after a success', async () => {
    const { clipboard, warnings, recorded } = triggered();
    await x().copy('no value, but a secret');
    await expect(clipboard.trigger('a')).rejects.toMatchObject({ kind: 'value_refused' });
    expect(warnings.list()).toMatchObject([{ code: 'clipboard_refused' }]);
    expect(JSON.stringify(warnings.list())).not.toContain('secret');

    process.env.DISPLAY = ':7654';
    await expect(clipboard.trigger('b')).rejects.toMatchObject({ kind: 'clipboard_unavailable' });
    expect(warnings.list()).toMatchObject([{ code: 'clipboard_unavailable' }]);

    process.env.DISPLAY = x().display;
    await x().copy('350,000 tokens used');
    await clipboard.trigger('c');
    expect(warnings.list()).toEqual([]);
    expect(recorded).toEqual([['350,000 tokens used', '从剪贴板同步']]);
  });
});

describe('a watched clipboard beside a live meter', () => {
  test('a copied figure that is counted already is not recorded, and the same one asked for is', async () => {
    const counted: [number, number][] = [];
    let skipped = 0;
    const { clipboard, recorded, watching } = triggered({
      isAlreadyCounted: (value, unit) => {
        counted.push([value, unit]);
        return value === 350_000;
      },
      onAlreadyCounted: () => skipped++,
    });
    clipboard.watch();
    await watching;
    await x().copyUntilRead('350K tokens used');
    await until(() => skipped === 1, 'it is known');
    await x().copy('360,000 tokens used');
    await until(() => recorded.length === 1, 'the other is recorded');
    await x().copy('350K tokens used');
    await until(() => skipped === 2, 'it is known');
    await clipboard.sync();
    await clipboard.close();
    expect(counted).toEqual([
      [350_000, 1_000],
      [360_000, 1],
      [350_000, 1_000],
    ]);
    expect(recorded.map(([text]) => text)).toEqual(['360,000 tokens used', '350K tokens used']);
  });
});

function triggered(more: Partial<ClipboardOptions> = {}) {
  const watching = Promise.withResolvers<string>();
  const warnings = new Warnings();
  const recorded: [string, string][] = [];
  const clipboard = createClipboard({
    language: 'zh',
    desktop: {
      platform: 'linux',
      display: x().display,
      waylandDisplay: undefined,
      sessionBus: undefined,
      authorityFile: '',
    },
    warnings,
    async record(text, event) {
      recorded.push([text, event]);
      return { success: true, id: 'a', total_used: 0, increment: 0, total: 0, percent: 0, revision: 1 };
    },
    onWatching: watching.resolve,
    onBug(error) {
      throw error;
    },
    ...more,
  });
  return { clipboard, warnings, recorded, watching: watching.promise };
}

function ledgerOf(folder: string): string {
  return globSync('ledger/*', { cwd: folder })
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('');
}

/** What reads the clipboard for a process. */
function helpersOf(pid: number): Process[] {
  return runningProcesses().filter(({ parent, args }) => parent === pid && args[0]?.includes('xsel'));
}
