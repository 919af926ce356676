import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TokenSyncManager } from '../../../src/client/sdk/index.ts';
import { execFileSync } from '../../support/programs.ts';
import { runCli, runJson } from '../../support/run-cli.ts';
import { daemonsOf, folderForClients } from '../../support/started-daemons.ts';

const ROOT = join(import.meta.dirname, '../../..');

test('command line, script and SDK find the token by themselves, and no process is told it', async () => {
  const folder = folderForClients();
  const env = { TOKEN_SYNC_AUTH: 'token', TOKEN_SYNC_PORT: '0' };
  const at = { folder, env };

  expect((await runJson(['record', '1000', 'started by it'], at)).json).toMatchObject({ total_used: 1_000 });
  const token = readFileSync(join(folder, 'token'), 'utf8').trim();
  const { url } = JSON.parse(readFileSync(join(folder, 'daemon.json'), 'utf8'));
  expect((await fetch(`${url}/api/usage`)).status).toBe(401);
  expect((await runCli(['status'], at)).stdout).toContain('1,000');
  expect((await runCli(['export', '--format', 'csv'], at)).stdout).toContain('started by it');
  const script = execFileSync(join(ROOT, 'scripts/token-sync'), ['record', '2000', '--json'], {
    encoding: 'utf8',
    env: { ...process.env, TOKEN_SYNC_DATA: folder },
  });
  expect(JSON.parse(script)).toMatchObject({ total_used: 2_000 });
  const manager = new TokenSyncManager({ dataDir: folder, autoStart: false });
  onTestFinished(() => manager.close());
  expect(await manager.quickRecord(3_000)).toMatchObject({ total_used: 3_000 });
  await using changes = manager.subscribe();
  expect(await changes.next()).toMatchObject({ value: { type: 'snapshot', usage: { used: 3_000 } } });

  const processes = daemonsOf(folder).map((pid) =>
    ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8')).join(),
  );
  expect(processes).toHaveLength(1);
  expect(processes.join()).not.toContain(token);
});
