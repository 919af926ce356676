import { expect, onTestFinished, test, vi } from 'vitest';
import { createRefresher } from '../../../../src/client/dashboard/live/refresher.ts';
import { until } from '../../../support/until.ts';

test('a thousand requests load once, and a thousand more while it loads load once again and never a third time', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let runs = 0;
  let finish: () => void = () => undefined;
  const refresher = createRefresher(() => {
    runs++;
    return new Promise((resolve) => {
      finish = resolve;
    });
  }, 1);
  const requestOften = () => {
    for (let index = 0; index < 1_000; index++) refresher.request();
  };
  requestOften();
  await vi.advanceTimersByTimeAsync(1_000);
  requestOften();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(runs).toBe(1);
  finish();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(runs).toBe(2);
  finish();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(runs).toBe(2);
  refresher.stop();
});

test('a refresher goes on after a failure', async () => {
  let runs = 0;
  const failures: unknown[] = [];
  const refresher = createRefresher(
    async () => {
      runs++;
      if (runs === 1) throw new Error('out of reach');
    },
    1,
    (error) => failures.push(error),
  );
  refresher.request();
  await until(() => failures.length === 1, 'the failure is told');
  refresher.request();
  await until(() => runs === 2, 'it loads again');
  refresher.stop();
});

test('a stopped refresher loads nothing any more', async () => {
  let runs = 0;
  const refresher = createRefresher(async () => void runs++, 1);
  refresher.request();
  refresher.stop();
  const other = createRefresher(async () => void runs++, 1);
  other.request();
  await until(() => runs === 1, 'the other one loads');
  refresher.request();
  other.request();
  await until(() => runs === 2, 'the other one loads again');
  other.stop();
  expect(runs).toBe(2);
});
