import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { freshFolder, temporaryFolder } from '../../support/folders.ts';
import { failureOf } from '../../support/rpc-failure.ts';
import { until } from '../../support/until.ts';

const DAY_MS = 86_400_000;

function configOf(daemon: TestDaemon): unknown {
  return JSON.parse(daemon.read('config.json'));
}

function dateOf(daysAhead: number): string {
  const date = new Date(Date.now() + daysAhead * DAY_MS);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

async function heldBy(daemon: TestDaemon): Promise<string | undefined> {
  return (await daemon.rpc('daemon.info')).budget?.period ?? 'never';
}

test('a period that is set holds at once, and after a restart', async () => {
  const folder = freshFolder();
  const first = await startDaemon({ folder, config: { alerts: { period: '1', thresholds: [] }, lang: 'en' } });
  expect(await heldBy(first)).toBe('1');

  expect(await first.rpc('usage.set_total', { total: 500_000, period: '15' })).toMatchObject({ total: 500_000 });

  expect(await heldBy(first)).toBe('15');
  const { period } = await first.rpc('usage.forecast');
  expect(new Date(period!.ends_at).getDate()).toBe(15);
  expect(configOf(first)).toEqual({ alerts: { thresholds: [] }, lang: 'en', budget: { period: '15' } });
  await first.kill();
  expect(await heldBy(await startDaemon({ folder }))).toBe('15');
});

test('a period can be set alone, and taken away', async () => {
  const daemon = await startDaemon();
  const before = await daemon.rpc('usage.get');

  expect(await daemon.rpc('usage.set_total', { period: 31 })).toEqual(before);
  expect((await daemon.rpc('usage.forecast')).period).toBeDefined();
  expect((await daemon.rpc('daemon.info')).total_is_set).toBeUndefined();

  await daemon.rpc('usage.set_total', { period: 'never' });
  expect((await daemon.rpc('usage.forecast')).period).toBeUndefined();
  expect(configOf(daemon)).toEqual({ budget: { period: 'never' } });
});

test('a period that is set is pushed, with the verdict by it, and only where it is another', async () => {
  const daemon = await startDaemon();
  const socket = await daemon.connect();
  await socket.call('usage.subscribe', {});
  await daemon.rpc('usage.set_total', { period: '15' });
  await daemon.rpc('usage.set_total', { period: '15' });
  await daemon.rpc('usage.set_total', { period: 'never' });
  await until(() => socket.told('usage.period_changed').length === 2, 'both are told');
  const [set, gone] = socket.told('usage.period_changed');
  expect(set!.forecast.period).toMatchObject({ verdict: 'unknown', reason: 'no_reading_in_period' });
  expect(gone!.forecast).not.toHaveProperty('period');
});

test('seven days count from the day on which they are set', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.set_total', { period: '7d' });

  expect(await heldBy(daemon)).toBe(`${dateOf(0)}/7d`);
  expect((await daemon.rpc('usage.forecast')).period).toMatchObject({ days_left: 7 });
});

test('seven days that somebody wrote into the file count from the first start with them, over restarts', async () => {
  const folder = freshFolder();
  const first = await startDaemon({ folder, config: { budget: { period: '7d' } } });
  expect(await heldBy(first)).toBe(`${dateOf(0)}/7d`);
  expect(configOf(first)).toEqual({ budget: { period: `${dateOf(0)}/7d` } });
});

test.each([
  ['', { period: 'soon' }, 'value_refused', 'period'],
  ['', { total: 5, period: '32' }, 'value_refused', 'period'],
  ['', {}, 'invalid_params', 'total'],
  ['', { total: 0, period: '15' }, 'value_refused', 'total'],
  ['TOKEN_SYNC_BUDGET_PERIOD', { total: 5, period: '15' }, 'value_refused', 'period'],
  ['TOKEN_SYNC_ALERTS_PERIOD', { period: '15' }, 'value_refused', 'period'],
])('with %s in the environment, %j is refused whole', async (variable, params, kind, field) => {
  const daemon = await startDaemon({ env: variable === '' ? {} : { [variable]: '1' } });
  const before = await daemon.rpc('usage.get');

  expect(await failureOf(daemon.rpc('usage.set_total', params))).toMatchObject({ kind, field });
  expect(await daemon.rpc('usage.get')).toEqual(before);
});

test('a flag goes before the environment, and the newer name before the older in one place', async () => {
  const config = { alerts: { period: '1' }, budget: { period: '2' } };
  expect(await heldBy(await startDaemon({ config }))).toBe('2');
  const env = { TOKEN_SYNC_ALERTS_PERIOD: '3' };
  expect(await heldBy(await startDaemon({ config, env }))).toBe('3');
  expect(await heldBy(await startDaemon({ config, env, args: ['--alerts-period', 'never'] }))).toBe('never');
});

test('a file that is a link stays one, and keeps its mode', async () => {
  const folder = freshFolder();
  const other = join(temporaryFolder(), 'settings.json');
  const daemon = await startDaemon({ folder });
  writeFileSync(other, '{ "port": 0 }');
  chmodSync(other, 0o640);
  symlinkSync(other, join(folder, 'config.json'));

  await daemon.rpc('usage.set_total', { period: '15' });

  expect(JSON.parse(readFileSync(other, 'utf8'))).toEqual({ port: 0, budget: { period: '15' } });
  expect(statSync(other).mode & 0o777).toBe(0o640);
});

test.each(['{ "port": ', '[]'])('a file that holds %s is left as it is, and so is the budget', async (text) => {
  const daemon = await startDaemon();
  daemon.write('config.json', text);
  const before = await daemon.rpc('usage.get');

  const failure = await failureOf(daemon.rpc('usage.set_total', { total: 7_000_000, period: '15' }));
  expect(failure).toMatchObject({ kind: 'storage_failed' });
  expect(daemon.read('config.json')).toBe(text);
  expect(await daemon.rpc('usage.get')).toEqual(before);
  expect(await heldBy(daemon)).toBe('never');
});

test('a file that is read-only stays, and nothing is changed', async () => {
  const daemon = await startDaemon({ config: { port: 0 } });
  const path = join(daemon.folder, 'config.json');
  chmodSync(path, 0o444);
  const before = [readFileSync(path, 'utf8'), await daemon.rpc('usage.get')];

  const failure = await failureOf(daemon.rpc('usage.set_total', { total: 7_000_000, period: '15' }));

  expect(failure).toMatchObject({ kind: 'storage_failed', field: 'period' });
  expect([readFileSync(path, 'utf8'), await daemon.rpc('usage.get')]).toEqual(before);
});

test('a day that is not kept for seven days is told', async () => {
  const folder = freshFolder();
  const path = join(folder, 'config.json');
  mkdirSync(folder);
  writeFileSync(path, '{ "budget": { "period": "7d" } }');
  chmodSync(path, 0o444);
  const { warnings } = await (await startDaemon({ folder })).rpc('daemon.info');
  expect(warnings).toEqual([
    expect.objectContaining({ code: 'period_not_kept', en: expect.stringMatching(/"2\d{3}-\d\d-\d\d\/7d"/) }),
  ]);
});

test('a link to a file that is not there stays, and nothing is changed', async () => {
  const folder = freshFolder();
  const daemon = await startDaemon({ folder });
  const other = join(temporaryFolder(), 'gone.json');
  symlinkSync(other, join(folder, 'config.json'));

  const failure = await failureOf(daemon.rpc('usage.set_total', { period: '15' }));
  expect(failure).toMatchObject({ kind: 'storage_failed', field: 'period' });
  expect([readlinkSync(join(folder, 'config.json')), existsSync(other)]).toEqual([other, false]);
});

test('periods that are set at the same time leave the last', async () => {
  const daemon = await startDaemon();
  await Promise.all(['1', '2', '3', '4', '5'].map((period) => daemon.rpc('usage.set_total', { period })));

  expect(configOf(daemon)).toEqual({ budget: { period: await heldBy(daemon) } });
});
