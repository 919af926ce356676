import { expect, test } from 'vitest';
import { createRefresher } from '../../../../../src/client/dashboard/history/plot/refresher.ts';
import { until } from '../../../../support/until.ts';

test('loads once for many requests, and once more for those that came while it loaded', async () => {
  let runs = 0;
  let finish: () => void = () => undefined;
  const refresher = createRefresher(() => {
    runs++;
    return new Promise((resolve) => {
      finish = resolve;
    });
  }, 1);
  for (let index = 0; index < 1_000; index++) refresher.request();
  await until(() => runs === 1, 'it loads');
  for (let index = 0; index < 1_000; index++) refresher.request();
  expect(runs).toBe(1);
  finish();
  await until(() => runs === 2, 'it loads again');
  finish();
  refresher.stop();
});

test('goes on after a failure', async () => {
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

test('loads nothing any more once it is stopped', async () => {
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
