import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { httpRequest } from '../support/http.ts';
import { until } from '../support/until.ts';
import { useWindows } from './windows.ts';

const windows = useWindows();

beforeEach(() => {
  windows().cli(['stop']);
  windows().useNewData();
});

function record(tokens: number, id: string) {
  return ask('usage.record', { tokens, id, sync_type: 'auto' });
}

async function ask(method: string, params = {}) {
  const { url } = JSON.parse(windows().read('daemon.json'));
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const answer = await httpRequest(url, { method: 'POST', path: '/rpc', body, headers: {} });
  return answer.json().result;
}

describe('the daemon on Windows', () => {
  test('starts hidden, keeps others out of its folder, and stops by a call', () => {
    expect(windows().cli(['start'])).toMatchObject({ code: 0, stderr: '' });
    const second = windows().cli(['daemon', '--port', '0']);
    expect(second.code).toBe(6);
    expect(second.stderr).toContain('另一个守护进程正在使用数据文件夹');
    expect(windows().cli(['stop'])).toMatchObject({ code: 0, stdout: expect.stringContaining('守护进程已停止') });
    expect(existsSync(windows().path('daemon.json'))).toBe(false);
    expect(windows().cli(['stop']).stdout).toContain('没有正在运行的守护进程');
  });

  test('is started by npm in words that cmd knows after the set-up, and that hand on the exit code', () => {
    const script = ['exec', 'scripts/plain-node', '-p', '6*7'];
    const env = { NODE_OPTIONS: '--require=Z:\\nowhere\\preload.cjs' };
    expect(windows().npmScript(script, env)).toMatchObject({ code: 0, stdout: '42\n' });
    expect(windows().npmScript([...script.slice(0, 2), '-e', 'process.exit(6)'])).toMatchObject({ code: 6 });
    const words = ['a=b', 'c d', ...'efghijkl'];
    const tell = ['-p', 'process.argv.slice(1).join()', ...words];
    expect(windows().npmScript([...script.slice(0, 2), ...tell])).toMatchObject({ code: 0, stdout: `${words}\n` });
  });

  test('gives the folder back when it is killed, and has kept what it acknowledged', async () => {
    windows().cli(['start']);
    for (let count = 1; count <= 20; count++) expect((await record(10, `r${count}`)).total_used).toBe(10 * count);
    const { pid } = JSON.parse(windows().read('daemon.json'));
    expect(windows().command(['taskkill', '/f', '/pid', String(pid)]).code).toBe(0);
    expect(windows().cli(['start']).code).toBe(0);
    expect(await record(10, 'r20')).toMatchObject({ duplicate: true });
    expect(windows().state().token_usage).toMatchObject({ used: 200 });
    expect(windows().state().token_usage.sessions).toHaveLength(20);
  });

  test('replaces the state file while somebody reads it again and again', async () => {
    windows().cli(['start']);
    let reads = 0;
    let isOver = false;
    const read = async () => {
      for (; !isOver; reads++) {
        expect(windows().state().token_usage.total).toBe(1_000_000);
        await new Promise(setImmediate);
      }
    };
    const write = async () => {
      for (let count = 1; count <= 50; count++) await record(1, `r${count}`);
      isOver = true;
    };
    await Promise.all([read(), write()]);
    expect(reads).toBeGreaterThan(50);
    expect(windows().state().token_usage.used).toBe(50);
  });

  test('acknowledges while a program forbids to replace the state file, says so, and the file follows', async () => {
    windows().cli(['start']);
    const release = await windows().hold('<', 'architect_monitor.json');
    expect((await record(10, 'while held')).total_used).toBe(10);
    const warnings = async () => (await ask('daemon.info')).warnings;
    await until(async () => (await warnings()).length === 1, 'it is warned of');
    expect(windows().state().token_usage.used).toBe(0);
    await release();
    await until(() => windows().state().token_usage.used === 10, 'the file follows', 20_000);
    await until(async () => (await warnings()).length === 0, 'the warning is gone');
  });

  test('takes edits within a second, and puts an invalid file aside', async () => {
    windows().cli(['start']);
    const file = windows().path('architect_monitor.json');
    const edited = { ...windows().state(), status: { text: '忙' } };
    writeFileSync(file, JSON.stringify({ ...edited, token_usage: { ...edited.token_usage, used: 361_000 } }));
    await until(async () => (await record(1, 'after')).total_used === 361_001, 'the edit is taken');
    expect(windows().state()).toMatchObject({ status: { text: '忙' } });

    const temporary = windows().path('edit.tmp');
    writeFileSync(temporary, JSON.stringify({ ...windows().state(), more: 1 }));
    renameSync(temporary, file);
    await record(1, 'after a rename');
    expect(windows().state()).toMatchObject({ more: 1, token_usage: { used: 361_002 } });

    writeFileSync(file, '{"token_usage":');
    const aside = () => readdirSync(windows().path('')).filter((name) => /^architect_monitor\..+\.json$/.test(name));
    await until(() => aside().length === 1, 'the invalid file is aside');
    await until(() => windows().read('architect_monitor.json').includes('361002'), 'the file is there again');
  });

  test('takes drop-files, the trigger too, and rejects with a reason', async () => {
    await windows().x.copy('352,000 tokens used');
    windows().cli(['start']);
    const drop = (name: string) => windows().path(`drop/${name}`);
    writeFileSync(drop('token.txt'), '350000 完成架构设计\r\n');
    await until(() => !existsSync(drop('token.txt')), 'it is taken');
    await until(() => windows().state().token_usage.used === 350_000, 'it is recorded');
    writeFileSync(drop('half.txt'), '35');
    appendFileSync(drop('half.txt'), '1000');
    await until(() => windows().state().token_usage.used === 351_000, 'the whole file is recorded');
    writeFileSync(drop('clipboard'), '');
    await until(() => windows().state().token_usage.used === 352_000, 'the clipboard is recorded');
    expect(windows().cli(['status', '--json']).stdout).toContain('"warnings":[]');
    writeFileSync(drop('bad.txt'), 'hello\n');
    await until(() => existsSync(drop('rejected/bad.txt.error.txt')), 'it is rejected');
  });

  test('takes a drop-file that a program holds open when it lets go, whole and once', async () => {
    windows().cli(['start']);
    const release = await windows().hold('>', 'drop/held.txt', '350000');
    appendFileSync(windows().path('drop/held.txt'), '351000\n');
    await release();
    await until(() => !existsSync(windows().path('drop/held.txt')), 'it is taken', 20_000);
    await until(() => windows().state().token_usage.used === 351_000, 'it is recorded');
    expect(windows().state().token_usage.sessions).toHaveLength(2);
  });

  test('finds its drop folder again when it was deleted and made anew', async () => {
    windows().cli(['start']);
    rmSync(windows().path('drop'), { recursive: true });
    mkdirSync(windows().path('drop'), { recursive: true });
    writeFileSync(windows().path('drop/token.txt'), '350000\n');
    await until(() => windows().state().token_usage.used === 350_000, 'it is recorded', 20_000);
  });
});

describe('the service on Windows', () => {
  test('is a file in the start-up folder that starts the daemon, and goes without a trace', async () => {
    expect(windows().cli(['service', 'install', '--json']).stdout).toContain('"running":true');
    await until(() => existsSync(windows().path('daemon.json')), 'the daemon is up', 20_000);
    expect(windows().cli(['service', 'status', '--json']).stdout).toContain('"state":"installed"');
    expect(windows().cli(['service', 'uninstall']).code).toBe(0);
    expect(existsSync(windows().path('daemon.json'))).toBe(false);
    expect(windows().cli(['service', 'status', '--json']).stdout).toContain('"state":"absent"');
  });
});
