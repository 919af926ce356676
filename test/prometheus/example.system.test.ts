import { copyFileSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useDaemon } from '../support/daemon.ts';
import { needs } from '../support/needs.ts';
import { EXAMPLE, Prometheus, promtool } from '../support/prometheus.ts';
import { until } from '../support/until.ts';

const DASHBOARD = JSON.parse(readFileSync(join(EXAMPLE, 'grafana-dashboard.json'), 'utf8')) as Dashboard;
// biome-ignore lint/suspicious/noTemplateCurlyInString: so Grafana names a variable
const DATA_SOURCE = '${datasource}';

describe('the example for Prometheus', () => {
  needs('prometheus', 'promtool');
  const ada = useDaemon();
  const lin = useDaemon({ args: ['--host', '0.0.0.0', '--auth', 'token', '--alerts-period', inDays(20)] });
  let prometheus: Prometheus;

  beforeAll(async () => {
    for (const daemon of [ada(), lin()]) {
      const sessions = [9, 8, 7, 6, 5, 4, 3].map((days) => ({
        tokens: 50_000,
        timestamp: `${inDays(-days)} 12:00:00`,
      }));
      await daemon.rpc('usage.import', { sessions }, authorization(daemon.folder));
    }
    prometheus = new Prometheus([
      ['prometheus.yml', /15s/g, '200ms'],
      ['prometheus.yml', /localhost:8877/, `localhost:${ada().port}`],
      ['prometheus.yml', /192\.0\.2\.17:8877/, `${openAddress()}:${lin().port}`],
      ['alerts.yml', /for: \d+\w/g, 'for: 0s'],
    ]);
    copyFileSync(lin().path('token'), join(prometheus.folder, 'lin.token'));
    await prometheus.start();
  });
  afterAll(() => prometheus?.end());

  const record = (daemon: typeof ada, tokens: number) =>
    daemon().rpc('usage.record', { tokens }, authorization(daemon().folder));

  /** The alerts that fire, as name and person. */
  async function firing(): Promise<string[]> {
    await prometheus.evaluated();
    const alerts = await prometheus.alerts();
    return alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels }) => `${labels.alertname} ${labels.person}`)
      .sort();
  }

  test('the example is valid for promtool, as it stands and as a team would fill it in', () => {
    expect(promtool(['check', 'config', '--syntax-only', 'prometheus.yml'])).toMatchObject({ status: 0 });
    expect(promtool(['check', 'config', 'prometheus.yml'], { cwd: prometheus.folder })).toMatchObject({ status: 0 });
    expect(promtool(['check', 'rules', 'alerts.yml'])).toMatchObject({ status: 0 });
  });

  test("the example's rules pass their own tests, which notice a wrong figure", () => {
    expect(promtool(['test', 'rules', 'alerts.test.yml'])).toMatchObject({ status: 0 });
    const broken = new Prometheus([['alerts.yml', />= 0\.8/, '>= 0.79']]);
    expect(promtool(['test', 'rules', 'alerts.test.yml'], { cwd: broken.folder }).status).toBe(1);
    return broken.end();
  });

  test('promtool has no complaint about the metrics of a daemon', async () => {
    for (const daemon of [ada(), lin()]) {
      const { text } = await daemon.get('/metrics', authorization(daemon.folder));
      expect(promtool(['check', 'metrics'], { input: text })).toEqual({ status: 0, said: '' });
    }
  });

  test('the example scrapes a daemon of this machine, and one over the network by its token, each under its person', async () => {
    expect((await lin().get('/metrics')).status).toBe(401);
    await prometheus.evaluated();
    const up = await prometheus.query('up');
    expect(up.map(({ metric, value }) => [metric.person, metric.instance, value[1]]).sort()).toEqual([
      ['ada', `localhost:${ada().port}`, '1'],
      ['lin', `${openAddress()}:${lin().port}`, '1'],
    ]);
  });

  test('the example alerts nobody at 79 %, and at 81 % of that person alone, until it is undone', async () => {
    await record(lin, 790_000);
    expect(await firing()).not.toContain('TokenBudgetLow lin');
    expect((await prometheus.alerts()).filter(({ labels }) => labels.alertname === 'TokenBudgetLow')).toEqual([]);
    await record(lin, 810_000);
    expect(await firing()).toContain('TokenBudgetLow lin');
    expect((await prometheus.alerts()).filter(({ labels }) => labels.alertname === 'TokenBudgetLow')).toMatchObject([
      {
        state: 'firing',
        labels: { person: 'lin', instance: `${openAddress()}:${lin().port}`, severity: 'warning' },
        annotations: { summary: 'lin has used 81% of the token budget', summary_zh: 'lin 已用去 Token 额度的 81%' },
      },
    ]);
    await lin().rpc('usage.undo', {}, authorization(lin().folder));
    expect(await firing()).not.toContain('TokenBudgetLow lin');
  });

  test('the example alerts that the forecast falls short of the period, where there is one', async () => {
    await record(ada, 790_000);
    const alerts = await firing();
    expect(alerts).toContain('TokenBudgetEndsEarly lin');
    expect(alerts).not.toContain('TokenBudgetEndsEarly ada');
  });

  test('every expression of the Grafana dashboard gives a figure for everybody', async () => {
    await prometheus.evaluated();
    const expressions = DASHBOARD.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(8);
    for (const expression of expressions) {
      const samples = await prometheus.query(expression.replaceAll('$person', '.*'));
      expect([expression, samples.map(({ metric }) => metric.person).sort()]).toEqual([expression, ['ada', 'lin']]);
    }
  });

  test('the example alerts of a daemon that is gone', async () => {
    await ada().kill();
    await until(async () => (await firing()).includes('TokenSyncDown ada'), 'its end is told');
    expect(await firing()).not.toContain('TokenSyncDown lin');
  });
});

describe('the Grafana dashboard', () => {
  test('the Grafana dashboard is what Grafana imports: it asks for data source and person, and no panel lies over another', () => {
    const { title, uid, schemaVersion, templating, panels } = DASHBOARD;
    expect({ title, uid, schemaVersion }).toEqual({ title: 'token-sync', uid: 'token-sync', schemaVersion: 39 });
    expect(templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['person', 'query'],
    ]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos, datasource, targets } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (const source of [datasource, ...targets.map((target) => target.datasource)]) {
        expect(source).toEqual({ type: 'prometheus', uid: DATA_SOURCE });
      }
    }
  });

  test('the Grafana dashboard turns yellow, orange and red where the daemon alerts', () => {
    const [ratio] = DASHBOARD.panels;
    expect(ratio?.fieldConfig.defaults.thresholds?.steps.map(({ value }) => value)).toEqual([null, 0.8, 0.9, 1]);
  });
});

interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly datasource: unknown;
    readonly targets: readonly { readonly expr: string; readonly datasource: unknown }[];
    readonly fieldConfig: {
      readonly defaults: { readonly thresholds?: { readonly steps: readonly { readonly value: number | null }[] } };
    };
  }[];
}

/** The token as a header, where the data folder holds one. */
function authorization(folder: string): Record<string, string> {
  try {
    return { authorization: `Bearer ${readFileSync(join(folder, 'token'), 'utf8').trim()}` };
  } catch {
    return {};
  }
}

/** An address of this machine that others reach, where it has one. */
function openAddress(): string {
  const found = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return found.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';
}

/** The day so many days from now. */
function inDays(days: number): string {
  const day = new Date();
  day.setDate(day.getDate() + days);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}
