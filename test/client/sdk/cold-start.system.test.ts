import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findDaemon } from '../../../src/client/sdk/daemon/daemon-finder.ts';
import { callOnce } from '../../../src/client/sdk/daemon/http-call.ts';
import { execFile } from '../../support/programs.ts';
import { daemonsOf, folderForClients } from '../../support/started-daemons.ts';
import { until } from '../../support/until.ts';

const CLIENTS = 20;

test('serves twenty clients that come at once to a cold machine, by one daemon', { timeout: 90_000 }, async () => {
  const folder = folderForClients();
  const script = new URL('./record-once.ts', import.meta.url).pathname;
  const run = (_: unknown, index: number) => promisify(execFile)(process.execPath, [script, folder, `client-${index}`]);
  const runs = await Promise.all(Array.from({ length: CLIENTS }, run));

  const [pid] = await until(() => {
    const running = daemonsOf(folder);
    return running.length === 1 && running;
  }, 'all daemons but one have given way');
  expect(runs.map(({ stdout }) => Number(stdout))).toEqual(Array(CLIENTS).fill(pid));
  const address = await findDaemon({ dataDir: folder, mayStart: false, language: 'en' });
  expect(await callOnce(address, 'usage.get', {})).toMatchObject({ used: CLIENTS, sessions_count: CLIENTS });
});
