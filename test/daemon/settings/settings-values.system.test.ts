import { rmSync, watch } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { runDaemon, startDaemon, useDaemon } from '../../support/daemon.ts';
import { RpcFailure } from '../../support/rpc-failure.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';

/** Nothing but the file names these, and no tool is there. */
const home = scratchFolder();
const env = {
  ...{ TOKEN_SYNC_METERS_SOURCES: '', TOKEN_SYNC_ALERTS_DESKTOP: '' },
  ...{ HOME: home, XDG_CONFIG_HOME: home, CLAUDE_CONFIG_DIR: home, CODEX_HOME: home },
};
afterAll(() => rmSync(home, { recursive: true, force: true }));

const daemon = useDaemon({ env });

const VALID: readonly (readonly [name: string, ...values: unknown[]])[] = [
  ['lang', 'zh'],
  ['log_level', 'silent'],
  ['clipboard.watch', true, 'false'],
  ['budget.period', 15, '31', '7d', '2031-01-31', '2025-11-03/7d', 'never'],
  ['meters.main', 'none', 'all', 'claude,codex', ['cursor.context']],
  // What came before still holds, and counters are not the room in one conversation.
  ['budget.kind', 'context'],
  ['budget.renews', 'true'],
  ['alerts.thresholds', [], [95.5, 50, 50], '50, 70', ''],
  ['alerts.desktop', false],
  ['meters.sources', 'off', 'auto', [], ['codex'], 'claude,codex'],
  ['meters.count', 'all'],
  ['meters.backfill_days', 0, '36500', 'all'],
  ['meters.wsl', true],
];

const WRONG: readonly (readonly [name: string, ...values: unknown[]])[] = [
  ['lang', 'de', 1],
  ['log_level', 'loud'],
  ['clipboard.watch', 'yes', 1],
  ['budget.period', '32', '0d', '2031-02-30', true, ['15']],
  ['budget.kind', 'gauge'],
  ['budget.renews', ''],
  ['alerts.thresholds', [0], ['80'], '80,x', 80],
  ['alerts.desktop', [false]],
  ['meters.sources', 'word', ['claude', 1]],
  ['meters.main', 'claude,cursor.context', 'context'],
  ['meters.count', true],
  ['meters.backfill_days', -1, 1.5, '36501'],
  ['meters.wsl', {}],
];

const each = (table: typeof VALID) =>
  table.flatMap(([name, ...values]) => values.map((value) => [name, value] as const));

async function told(from: ReturnType<typeof daemon>, name: string) {
  return (await from.rpc('settings.get')).settings.find((setting) => setting.name === name)!;
}

describe('what settings.set takes is what a start takes', () => {
  test.each(each(VALID))('%s: a value %j is set as a start understands it', async (name, value) => {
    const { settings } = await daemon().rpc('settings.set', { settings: { [name]: value } });
    const started = await startDaemon({ config: { [name]: value }, env });
    const { value: understood, origin } = await told(started, name);
    expect(settings).toMatchObject([{ name, value: understood, origin }]);
    expect(origin).toBe('file');
    const again = await startDaemon({ config: daemon().read('config.json'), env });
    expect((await told(again, name)).value).toEqual(understood);
  });

  test.each(each(WRONG))('%s: a value %j is refused in the words of a start', async (name, value) => {
    const before = await daemon().rpc('settings.get');
    const { code, stderr } = await runDaemon({ config: { [name]: value }, env });
    expect(code).toBe(2);
    const refused = daemon().rpc('settings.set', { settings: { [name]: value } });
    const failure: RpcFailure = await refused.then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(failure).toBeInstanceOf(RpcFailure);
    expect(stderr).toContain(`token-sync: ${failure.message}\n`);
    expect(await daemon().rpc('settings.get')).toEqual(before);
  });
});

/** Resolves when the system has told so many times more of a change to a file of settings. */
async function stirred(folder: string, times: number): Promise<void> {
  const watcher = watch(folder);
  let heard = 0;
  await new Promise<void>((resolve) => {
    watcher.on('change', (_, name) => {
      if (String(name).includes('config.json') && ++heard > times) resolve();
    });
  });
  watcher.close();
}

test('a daemon that is killed while it writes settings leaves the old ones or the new ones, and all that it has answered', async () => {
  for (let run = 0; run < 8; run++) {
    const killed = await startDaemon();
    let answered = 0;
    let next = 0;
    const writing = (async () => {
      for (;;) {
        next++;
        await killed.rpc('settings.set', { settings: { 'meters.backfill_days': next, 'alerts.thresholds': [next] } });
        answered = next;
      }
    })().catch(() => undefined);
    // At another place in the writing each time.
    await until(() => answered >= 3, 'some are written');
    await stirred(killed.folder, run);
    await killed.kill();
    await writing;
    const { meters, alerts } = JSON.parse(killed.read('config.json'));
    expect(alerts.thresholds).toEqual([meters.backfill_days]);
    expect(meters.backfill_days).toBeGreaterThanOrEqual(answered);
    expect(meters.backfill_days).toBeLessThanOrEqual(next);
  }
});
