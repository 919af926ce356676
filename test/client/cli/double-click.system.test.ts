import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDaemon } from '../../support/daemon.ts';
import { cleanEnvironment } from '../../support/environment.ts';
import { freshFolder, temporaryFolder } from '../../support/folders.ts';
import { serveStub, stubInfo } from '../../support/json-rpc-stub.ts';
import { execFileSync, spawnSync } from '../../support/programs.ts';
import { startProgramAtTerminal } from '../../support/pseudo-terminal.ts';
import { folderForClients } from '../../support/started-daemons.ts';
import { useXvfb } from '../../support/xvfb.ts';

const ROOT = join(import.meta.dirname, '../../..');
const QUICK = '🔄快速同步Token';
const ENTER = '🔢手动录入Token';
const STATUS = '📊查看Token状态';
const NAMES = [QUICK, ENTER, STATUS];
const KEY = '按任意键关闭…';
const CHINESE = { LC_ALL: 'C.UTF-8', TOKEN_SYNC_LANG: 'zh' };

/** A checkout under another path, as far as the scripts can tell. */
function checkoutAt(
  name: string,
  parts: readonly string[] = ['node_modules', 'dist', 'src', 'package.json', 'package-lock.json'],
): string {
  const parent = temporaryFolder();
  const checkout = join(parent, name);
  mkdirSync(checkout);
  cpSync(join(ROOT, 'scripts'), join(checkout, 'scripts'), { recursive: true, preserveTimestamps: true });
  for (const part of parts) symlinkSync(join(ROOT, part), join(checkout, part));
  return checkout;
}

function script(name: string, kind = 'sh', checkout = ROOT): string {
  return join(checkout, 'scripts', `${name}.${kind}`);
}

/** Runs a script where nobody is there, as a scheduler does. */
function runAlone(path: string, folder: string, env: Record<string, string> = {}, input = '') {
  return spawnSync(path, [], {
    env: { ...cleanEnvironment(), ...CHINESE, TOKEN_SYNC_DATA: folder, ...env },
    input,
    encoding: 'utf8',
    cwd: '/',
    timeout: 20_000,
  });
}

test('a checkout from which Node loads no program says so', () => {
  const checkout = checkoutAt('back\\slash', []);
  for (const cwd of [join(checkout, 'scripts'), '/']) {
    const path = cwd === '/' ? join(checkout, 'scripts/token-sync') : 'token-sync';
    const { status, stderr } = spawnSync('sh', [path, 'status'], { cwd, env: cleanEnvironment(), encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/含有反斜杠 \(\\\).*holds a backslash \(\\\)/s);
  }
});

describe('by a double click a person', () => {
  const x = useXvfb();

  test.each(['sh', 'command'])(
    'a person who double-clicks syncs from the clipboard (.%s): the window shows it and waits for a key',
    async (kind) => {
      const folder = folderForClients();
      await x().copy('350,000 tokens used');
      const person = startProgramAtTerminal([script(QUICK, kind)], {
        folder,
        env: { ...CHINESE, DISPLAY: x().display },
      });
      await person.sees(KEY);
      expect(person.screen()).toContain('✅ 同步成功！\r\n   Token: 350,000\r\n   使用率: 35.0%');
      person.type(' ');
      expect(await person.exitCode).toBe(0);
      expect(JSON.parse(readFileSync(join(folder, 'architect_monitor.json'), 'utf8')).token_usage).toMatchObject({
        used: 350_000,
        sessions: [{ event: '从剪贴板同步', sync_type: 'manual' }],
      });
    },
  );

  test('a person who double-clicks is told what is wrong with the clipboard, and the window waits', async () => {
    const daemon = await startDaemon();
    await x().copy('a secret that is no value');
    const person = startProgramAtTerminal([script(QUICK)], { ...daemon, env: { ...CHINESE, DISPLAY: x().display } });
    await person.sees(KEY);
    expect(person.screen()).toContain('已读取剪贴板，但里面没有 Token 数值');
    expect(person.screen()).not.toContain('secret');
    person.type('q');
    expect(await person.exitCode).toBe(3);
  });

  test('a person who double-clicks enters a value and an event, whatever characters are in it', async () => {
    const daemon = await startDaemon();
    const event = `完成 "架构" & 100% !x! ^ $HOME \`id\` \\n 'q' 🔄`;
    const person = startProgramAtTerminal([script(ENTER)], { ...daemon, env: CHINESE });
    await person.sees('请输入当前Token值: ');
    person.type('350,000\r');
    await person.sees('事件描述 (可选，按回车跳过): ');
    person.type(`${event}\r`);
    await person.sees(KEY);
    expect(person.screen()).toContain('✅ Token已更新: 350,000 / 1,000,000 (35.0%)');
    person.type('\r');
    expect(await person.exitCode).toBe(0);
    expect(daemon.state().token_usage.sessions[0]!.event).toBe(event);
  });

  test('a person who double-clicks skips the event by Enter', async () => {
    const daemon = await startDaemon();
    const person = startProgramAtTerminal([script(ENTER)], { ...daemon, env: CHINESE });
    await person.sees('请输入当前Token值: ');
    person.type('35万\r');
    await person.sees('事件描述 (可选，按回车跳过): ');
    person.type('\r');
    await person.sees(KEY);
    person.type('\r');
    expect(await person.exitCode).toBe(0);
    expect(daemon.state().token_usage.sessions[0]!.event).toBe('手动录入');
  });

  test('a person who double-clicks sees the status, from a folder with spaces, Chinese and emoji in its path', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 350_000 });
    const checkout = checkoutAt('我的 项目 🔄 $x');
    const person = startProgramAtTerminal([script(STATUS, 'sh', checkout)], { ...daemon, env: CHINESE });
    await person.sees(KEY);
    expect(person.screen()).toContain('已使用: 350,000 tokens');
    person.type('\r');
    expect(await person.exitCode).toBe(0);
  });

  test('a person who double-clicks is told that the daemon is newer, and to upgrade what it runs', async () => {
    const folder = freshFolder();
    const newer = await serveStub({ 'daemon.info': () => stubInfo({ protocol: 9, protocol_min: 9 }) });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'daemon.json'), JSON.stringify(newer.file(folder, { protocol: 9, protocol_min: 9 })));
    const person = startProgramAtTerminal([script(STATUS)], { folder, env: CHINESE });
    await person.sees(KEY);
    expect(person.screen()).toContain('比本程序新');
    expect(person.screen()).toContain('请升级本程序');
    person.type('\r');
    expect(await person.exitCode).toBe(5);
  });

  test('a person who double-clicks is told where to get Node when there is none, and the window waits', async () => {
    const checkout = checkoutAt('bare', []);
    const tools = temporaryFolder();
    for (const tool of ['sh', 'dirname', 'readlink', 'find', 'head']) {
      symlinkSync(execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), join(tools, tool));
    }
    const program = ['/usr/bin/env', `PATH=${tools}`, script(STATUS, 'sh', checkout)];
    const person = startProgramAtTerminal(program, { folder: freshFolder() });
    await person.sees('按回车键关闭');
    expect(person.screen()).toContain('https://nodejs.org');
    person.type('\r');
    expect(await person.exitCode).toBe(1);
  });
});

describe('where nobody is there', () => {
  test('the status ends by itself', async () => {
    const daemon = await startDaemon();
    const { status, stdout, stderr } = runAlone(script(STATUS), daemon.folder);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('已使用: 0 tokens');
  });

  test('a pipe can answer the questions', async () => {
    const daemon = await startDaemon();
    expect(runAlone(script(ENTER), daemon.folder, {}, '350000\n管道\n').status).toBe(0);
    expect(daemon.state().token_usage).toMatchObject({ used: 350_000, sessions: [{ event: '管道' }] });
    expect(runAlone(script(ENTER), daemon.folder, {}, '360000').status).toBe(0);
    expect(daemon.state().token_usage).toMatchObject({ used: 360_000, sessions: [{ event: '手动录入' }, {}] });
  });

  test.each([
    ['no value', '', 2],
    ['what is no value', 'hello\nhello\nhello\n', 3],
  ])('%s is refused', async (_, input, code) => {
    const daemon = await startDaemon();
    expect(runAlone(script(ENTER), daemon.folder, {}, input).status).toBe(code);
    expect((await daemon.rpc('usage.get')).revision).toBe(0);
  });

  test('no display is told with its own exit code', () => {
    const { status, stderr } = runAlone(script(QUICK), freshFolder(), { DISPLAY: '', WAYLAND_DISPLAY: '' });
    expect(status).toBe(4);
    expect(stderr).toMatch(/剪贴板/);
  });
});

describe('the files', () => {
  test('the files for a double click are there for Windows, Linux and macOS', () => {
    const wanted = NAMES.flatMap((name) => ['bat', 'sh', 'command'].map((kind) => `${name}.${kind}`)).toSorted();
    expect(
      readdirSync(join(ROOT, 'scripts'))
        // Others are for programs, and have plain names.
        .filter((name) => /^[^a-z].*\.(?:bat|sh|command)$/.test(name))
        .toSorted(),
    ).toEqual(wanted);
  });

  test.each(NAMES)('%s is the same for Linux and macOS, can be run, and is plain sh', (name) => {
    const [sh, command] = [script(name), script(name, 'command')];
    expect(readFileSync(command, 'utf8')).toBe(readFileSync(sh, 'utf8'));
    for (const path of [sh, command]) expect(statSync(path).mode & 0o111).toBe(0o111);
    execFileSync('dash', ['-n', sh]);
    execFileSync('bash', ['--posix', '-n', sh]);
  });

  test.each([...NAMES.map((name) => `${name}.bat`), 'token-sync.cmd', 'plain-node.cmd'])(
    '%s is as cmd wants it',
    (name) => {
      const bytes = readFileSync(join(ROOT, 'scripts', name));
      const text = bytes.toString('utf8');
      expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      expect(text.startsWith('\uFEFF')).toBe(false);
      const beforeCodePage = text.split(/^chcp 65001/m)[0]!;
      expect(beforeCodePage).toMatch(/^[\x20-\x7e\r\n]*$/);
      const attributes = execFileSync('git', ['check-attr', 'text', 'eol', '--', `scripts/${name}`], {
        cwd: ROOT,
        encoding: 'utf8',
      });
      expect(attributes).toMatch(/text: set/);
      expect(attributes).toMatch(/eol: crlf/);
    },
  );

  test('hand over no text by cmd itself, which would take parts of it for its own', () => {
    for (const name of NAMES) expect(readFileSync(script(name, 'bat'), 'utf8')).not.toMatch(/set \/p|%\*/);
  });
});
