import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';
import { runCli } from '../support/run-cli.ts';
import { until } from '../support/until.ts';
import { useXvfb } from '../support/xvfb.ts';

const x = useXvfb();
const CANARY = 'Zanarywort';

test('no text of the clipboard reaches a file, a log, an answer or a push; only the value does', async () => {
  const daemon = await startDaemon({
    args: ['--clipboard-watch', 'true', '--log-level', 'debug'],
    env: { DISPLAY: x().display, WAYLAND_DISPLAY: '' },
  });
  const told: string[] = [];
  const socket = await daemon.connect();
  await socket.call('usage.subscribe', {});
  const log = daemon.path('logs/daemon.log');
  const isWatching = () => existsSync(log) && readFileSync(log, 'utf8').includes('watching the clipboard');
  await until(isWatching, 'the clipboard is watched');

  const cli = (...args: string[]) =>
    runCli(args, { folder: daemon.folder, env: { DISPLAY: x().display, WAYLAND_DISPLAY: '' } });
  for (const refused of [
    `${CANARY} hunter2`,
    `${CANARY} -5 tokens`,
    `${CANARY}\n300000 or 350000`,
    CANARY.repeat(9_000),
  ]) {
    await x().copy(refused);
    const failure = await failureOf(daemon.rpc('clipboard.sync'));
    told.push(JSON.stringify({ ...failure, message: failure.message }));
    told.push((await daemon.post('/api/clipboard', {})).text, JSON.stringify(await cli('quick', '--json')));
  }
  await x().copy(`${CANARY}: 350,000 tokens used`);
  await until(() => daemon.state().token_usage.used === 350_000, 'the watched copy is recorded');
  told.push(JSON.stringify(await daemon.rpc('clipboard.sync')), (await daemon.post('/api/clipboard', {})).text);
  told.push(
    JSON.stringify(await cli('quick')),
    JSON.stringify(await cli('doctor')),
    JSON.stringify(await cli('status')),
  );
  await daemon.stop();

  const files = globSync('**/*', { cwd: daemon.folder }).map((file) => join(daemon.folder, file));
  const kept = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, 'utf8'));
  const everything = [...told, ...socket.frames, ...kept, daemon.stdout, daemon.stderr].join('\n');
  expect(everything).toContain('350000');
  expect(everything).toContain('usage.changed');
  expect(everything).not.toContain('anarywo');
});
