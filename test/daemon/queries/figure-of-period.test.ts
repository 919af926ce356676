import { expect, test } from 'vitest';
import { createQueries } from '../../../src/daemon/queries/queries.ts';
import { parsePeriod, periodFrom } from '../../../src/shared/period.ts';
import { freshFolder } from '../../support/folders.ts';
import { openStore } from '../store/opened-store.ts';

const BEFORE_MS = new Date('2025-12-10T12:00:00').getTime();
const SINCE_MS = new Date('2025-12-16T12:00:00').getTime();

test.each([
  ['a figure of the counter', 'manual', 'estimate', false],
  ['a figure of the counter', 'manual', 'auto', false],
  ['a figure of the counter', 'manual', 'manual', true],
  ['a figure of the counter', 'manual', 'correction', true],
  ['counts alone', 'auto', 'estimate', true],
] as const)('after %s (%s) of the last period, %s tells of this one: %s', async (_, before, since, isTold) => {
  const clock = { ms: BEFORE_MS };
  const opened = await openStore(freshFolder(), { now: () => clock.ms });
  await opened.record(300_000, { sync_type: before });
  clock.ms = SINCE_MS;
  await opened.record(350_000, { sync_type: since });

  const period = periodFrom(parsePeriod('15')!, clock.ms);
  const queries = createQueries(opened.store.history, opened.monitor, {
    now: () => clock.ms,
    budget: () => ({ period, kind: 'counter', renews: false }),
  });
  const { reason } = (await queries.forecast()).period!;
  await queries.close();
  expect(reason !== 'no_reading_in_period').toBe(isTold);
});
