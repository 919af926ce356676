import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runDaemon, startDaemon, TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const WORDS = {
  en: { already: 'is running already', runsOn: 'The daemon runs on', ended: 'The daemon has ended' },
  zh: { already: '已在运行', runsOn: '守护进程继续运行', ended: '守护进程已结束' },
} as const;

describe.each(['en', 'zh'] as const)('npm start where a daemon runs already (%s)', (lang) => {
  const words = WORDS[lang];

  test('npm start shows where the running daemon is and what it does, until Ctrl+C, which leaves it running', async () => {
    const daemon = await startDaemon();
    const onlooker = lookAt(daemon, lang);
    await until(() => onlooker.stdout.includes('Ctrl+C'), 'it is shown');
    for (const shown of [words.already, `${daemon.pid}`, `${daemon.url}/`, daemon.folder, daemon.path('drop')]) {
      expect(onlooker.stdout).toContain(shown);
    }
    appendFileSync(daemon.path('logs/daemon.log'), '{"msg":"something happens"}\n');
    await until(() => onlooker.stdout.includes('something happens'), 'the log is followed');
    expect(await onlooker.stop('SIGINT')).toEqual({ code: 0, signal: null });
    expect(onlooker.stdout.trimEnd().split('\n').at(-1)).toContain(words.runsOn);
    expect(onlooker.stderr).toBe('');
    expect((await daemon.rpc('daemon.info')).pid).toBe(daemon.pid);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'npm start says that the daemon it looks on has ended (%s), and ends well',
    async (signal) => {
      const daemon = await startDaemon();
      const onlooker = lookAt(daemon, lang);
      await until(() => onlooker.stdout.includes('Ctrl+C'), 'it is shown');
      await daemon.stop(signal);
      expect(await onlooker.exited).toEqual({ code: 0, signal: null });
      expect(onlooker.stdout.trimEnd().split('\n').at(-1)).toContain(words.ended);
    },
  );
});

test('a closed pipe ends the view of a daemon, and not the daemon', async () => {
  const daemon = await startDaemon();
  const onlooker = lookAt(daemon, 'en');
  await until(() => onlooker.stdout.includes('Ctrl+C'), 'it is shown');
  onlooker.process.stdout!.destroy();
  const write = setInterval(() => appendFileSync(daemon.path('logs/daemon.log'), '{"msg":"more"}\n'), 20);
  onTestFinished(() => clearInterval(write));
  expect(await onlooker.exited).toEqual({ code: 0, signal: null });
  expect((await daemon.rpc('daemon.info')).pid).toBe(daemon.pid);
});

test('where the owner of the folder does not say where it is, a second daemon fails as ever', async () => {
  const daemon = await startDaemon();
  rmSync(daemon.path('daemon.json'));
  // What is lost is written again, but not over a folder that is not empty.
  mkdirSync(daemon.path('daemon.json/in the way'), { recursive: true });
  expect(await runDaemon({ folder: daemon.folder, args: [FLAG] })).toMatchObject({ code: 6, stdout: '' });
});

test('without the flag of npm start a second daemon fails as ever', async () => {
  const daemon = await startDaemon();
  expect(await runDaemon({ folder: daemon.folder })).toMatchObject({ code: 6, stdout: '' });
});

test('npm start tells any other fault of a start as ever', async () => {
  const daemon = await startDaemon();
  expect(await runDaemon({ folder: daemon.folder, args: [FLAG, '--nonsense'] })).toMatchObject({ code: 2 });
});

const FLAG = '--or-look-on';

function lookAt(daemon: TestDaemon, lang: string): TestDaemon {
  const onlooker = new TestDaemon({ folder: daemon.folder, args: [FLAG, '--lang', lang] });
  onTestFinished(() => onlooker.end());
  return onlooker;
}
