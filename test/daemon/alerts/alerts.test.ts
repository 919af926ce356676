import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Alerts, type AlertsOptions } from '../../../src/daemon/alerts/alerts.ts';
import { replaceFile } from '../../../src/daemon/disk/atomic-replace.ts';
import { loadConfig, readInvocation } from '../../../src/daemon/process/config.ts';
import { Warnings } from '../../../src/daemon/process/warnings.ts';
import { EMPTY, type Snapshot, usageOf } from '../../../src/daemon/rules/snapshot.ts';
import { type Notice, Subscribers } from '../../../src/daemon/subscribers.ts';
import { temporaryFolder } from '../../support/folders.ts';

/** Alerts as the first subscriber, and what another one is told; `budget` says whether somebody has set it, and calls `work` when that is known. */
function alertedSubscriber(
  budget: Pick<AlertsOptions['monitor'], 'isTotalSet' | 'between'> = {
    isTotalSet: true,
    between: () => Promise.resolve(),
  },
  toldBefore: readonly number[] = [],
  kind: 'counter' | 'context' = 'counter',
) {
  const folder = temporaryFolder();
  const memoryFile = join(folder, 'alerts.json');
  writeFileSync(memoryFile, JSON.stringify({ told: toldBefore, latest: [] }));
  const subscribers = new Subscribers((error) => {
    throw error;
  });
  const alerts = new Alerts({
    config: loadConfig(folder, readInvocation(['--alerts-desktop', 'false'], {})),
    folder,
    memoryFile,
    save: replaceFile,
    monitor: Object.assign(budget, { snapshot: EMPTY }),
    budget: () => ({ period: undefined, kind, renews: false }),
    forecast: () => ({ tokens_per_day: 0, exhausts_at: null, basis_days: 0 }),
    subscribers,
    warnings: new Warnings(),
    onBug: (error) => {
      throw error;
    },
  });
  subscribers.tellFirst(alerts);
  const told: string[] = [];
  const tell = (notices: readonly Notice[]) =>
    told.push(
      ...notices.flatMap((notice) => {
        if (notice.method === 'usage.changed') return [`change ${notice.params.revision}`];
        return notice.method === 'usage.alert' ? [`alert ${notice.params.level}`] : [];
      }),
    );
  subscribers.add({ tell });
  return { subscribers, told };
}

/** The changes of a batch that brings usage to each of these, with revisions from `first` on. */
function changesTo(values: readonly number[], first = 1): Notice[] {
  return values.map((used, at) => {
    const revision = first + at;
    const usage = usageOf({ ...EMPTY, used, revision }, '');
    return {
      method: 'usage.changed',
      params: { revision, previous_revision: revision - 1, mark: '', usage, cause: 'reading' },
    };
  });
}

test('an alert is told to every subscriber behind the change that brought it about, and before the next batch', () => {
  const { subscribers, told } = alertedSubscriber();
  subscribers.publish(changesTo([850_000]));
  subscribers.publish(changesTo([860_000], 2));
  expect(told).toEqual(['change 1', 'alert 80', 'change 2']);
});

test('the alerts of a batch of several changes are told behind all of them, in their order', () => {
  const { subscribers, told } = alertedSubscriber();
  subscribers.publish(changesTo([850_000, 700_000, 910_000, 1_000_000]));
  expect(told).toEqual([
    'change 1',
    'change 2',
    'change 3',
    'change 4',
    'alert 80',
    'alert 80',
    'alert 90',
    'alert 100',
  ]);
});

test('beside a gauge a threshold is told once for the conversation that is shown, whatever else is told in between', () => {
  const monitor = {
    isTotalSet: true,
    between: () => Promise.resolve(),
    shown: { conversation: 'A', atMs: 0 },
  };
  const { subscribers, told } = alertedSubscriber(monitor, [], 'context');
  const tell = (used: number, session: object) => {
    subscribers.publish(
      changesTo([used]).map((notice) => ({ ...notice, params: { ...notice.params, session } }) as Notice),
    );
  };
  tell(850_000, { sync_type: 'live', conversation_id: 'A' });
  tell(850_000, { sync_type: 'live', conversation_id: 'B' });
  tell(860_000, { sync_type: 'manual', conversation_id: '', flags: ['calibrated'] });
  tell(870_000, { sync_type: 'live', conversation_id: 'A' });
  const alerts = () => told.filter((each) => each.startsWith('alert'));
  expect(alerts()).toEqual(['alert 80']);
  monitor.shown = { conversation: 'B', atMs: 0 };
  tell(880_000, { sync_type: 'live', conversation_id: 'B' });
  expect(alerts()).toEqual(['alert 80', 'alert 80']);
});

test('a subscriber that comes while others wait for their turn is not told of an alert of before', async () => {
  const { subscribers, told } = alertedSubscriber();
  // More than one turn, so that the second batch waits.
  for (let index = 0; index < 64; index++) subscribers.add({ tell: () => busyMs(1) });
  subscribers.publish(changesTo([700_000]));
  subscribers.publish(changesTo([850_000], 2));
  const late: string[] = [];
  subscribers.add({ tell: (notices) => late.push(...notices.map(({ method }) => method)) });
  subscribers.flush();
  expect(told).toEqual(['change 1', 'change 2', 'alert 80']);
  expect(late).toEqual([]);
});

test('a fault in the first subscriber is reported, and it hears of the next change all the same', () => {
  const faults: unknown[] = [];
  const subscribers = new Subscribers((error) => faults.push(error));
  const heard: number[] = [];
  subscribers.tellFirst({
    tell: (notices) => {
      heard.push(notices.length);
      throw new Error('no judgement');
    },
  });
  subscribers.publish(changesTo([1]));
  subscribers.publish(changesTo([2], 2));
  expect(heard).toEqual([1, 1]);
  expect(faults).toHaveLength(2);
  expect(subscribers.count).toBe(0);
});

test('what was told before is not told again while it is not known whether somebody has set the budget, and what is crossed is told at once', () => {
  const unknown = { isTotalSet: undefined, between: () => Promise.reject(new Error('nothing is waited for')) };
  const { subscribers, told } = alertedSubscriber(unknown, [80, 90]);
  subscribers.publish(changesTo([950_000, 960_000]));
  expect(told).toEqual(['change 1', 'change 2']);
  subscribers.publish(changesTo([1_000_000], 3));
  expect(told.slice(2)).toEqual(['change 3', 'alert 100']);
});

test('an alert of which nobody can know yet whether it is due is told once that is known', () => {
  const known: (() => void)[] = [];
  const budget = {
    isTotalSet: undefined as boolean | undefined,
    between: async (work: (snapshot: Snapshot) => void, asks?: string) => {
      expect(asks).toBe('all');
      known.push(() => work({ ...EMPTY, used: 960_000, revision: 2 }));
    },
  };
  const { subscribers, told } = alertedSubscriber(budget);
  subscribers.publish(changesTo([850_000, 960_000]));
  expect([told, known]).toEqual([['change 1', 'change 2'], [expect.any(Function)]]);
  budget.isTotalSet = true;
  known[0]!();
  expect(told.slice(2)).toEqual(['alert 80', 'alert 90']);
});

function busyMs(ms: number): void {
  const endsMs = performance.now() + ms;
  while (performance.now() < endsMs);
}
