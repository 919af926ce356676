import { describe, expect, test } from 'vitest';
import { until } from '../../../support/until.ts';
import { COUNTER, type Fault, FedBudget, GAUGE, MINUTE_MS } from './fed-budget.ts';

const never = () => new Promise<never>(() => undefined);

describe('after a kill at any step', () => {
  const steps: readonly (readonly [string, Fault])[] = [
    ['before anything was handed out', { handOut: never }],
    ['after it was recorded and before it left the outbox', { settle: () => undefined }],
  ];

  test.each(steps)('what a counter counted is recorded once, killed %s', async (_, fault) => {
    const first = await FedBudget.open(COUNTER, fault);
    first.use(5_000);
    if (fault.settle) await first.recorded(1);
    else await until(() => first.meters.outbox().rows[0]!.isHandedOut, 'it is handed out');
    // Closed, it grows no more: what comes now is another amount.
    first.use(700);

    const second = await first.again(fault);
    if (fault.settle) await second.recorded(2);
    const third = await second.again();
    await third.settled();
    expect([third.used, await third.consumption, third.failures]).toEqual([5_700, 5_700, []]);
    await third.recorded(2);
  });

  test.each(steps)('the rises of a gauge count once, and its value is what is used, killed %s', async (_, fault) => {
    const first = await FedBudget.open(GAUGE, fault);
    first.show(20_000);
    if (fault.settle) await first.recorded(1);
    else await until(() => first.meters.outbox().rows[0]!.isHandedOut, 'it is handed out');
    first.show(24_000);

    const last = await (await first.again(fault)).again();
    await last.settled();
    expect([last.used, await last.consumption]).toEqual([24_000, 24_000]);
  });

  test('what was settled and comes again is not recorded again', async () => {
    const fed = await FedBudget.open(COUNTER);
    fed.use(5_000);
    const rows = fed.meters.outbox().rows;
    await fed.settled();
    fed.feed.take(rows);
    fed.pass(2 * MINUTE_MS);
    fed.use(1);
    await fed.settled();
    expect([fed.used, await fed.consumption]).toEqual([5_001, 5_001]);
  });
});

test('what waits when a meter is switched off goes in front of what a person reads next', async () => {
  const fed = await FedBudget.open(COUNTER);
  fed.use(100);
  await fed.settled();
  fed.use(1_000);
  fed.switchTo({ main: [], budget: {} });
  await fed.manual(5_000);
  fed.pass(2 * MINUTE_MS);
  await fed.settled();
  expect([fed.used, await fed.consumption]).toEqual([5_000, 1_100]);
});

test('a reader that refuses when nobody waits any more holds up nothing that a person reads later', async () => {
  const refused = Promise.withResolvers<never>();
  const fed = await FedBudget.open(COUNTER, { handOut: () => refused.promise });
  await fed.manual(5_000);
  refused.reject(new Error('locked'));
  await until(() => fed.failures.length > 0, 'it is told');
  await fed.manual(6_000);
  expect(fed.used).toBe(6_000);
});

describe('the pace', () => {
  test('one session a minute for a conversation, the last with all that is left, and the state file shows the last alone', async () => {
    const fed = await FedBudget.open(COUNTER);
    fed.use(100);
    await fed.settled();
    for (const tokens of [20, 30, 50]) {
      fed.clock.ms += 10_000;
      fed.use(tokens);
    }
    fed.pass(29_000);
    expect([fed.used, fed.sessions]).toEqual([100, ['auto 100 c']]);
    fed.pass(2_000);
    await fed.settled();
    await fed.recorded(2);
    expect([fed.used, fed.sessions]).toEqual([200, ['auto 100 c']]);
    expect(fed.opened.state().token_usage.sessions[0]).toMatchObject({ event: 'Codex 用量', total_used: 200 });
  });

  test('a session is recorded at once where it crosses a threshold', async () => {
    const fed = await FedBudget.open(COUNTER);
    fed.thresholds = [80];
    await fed.opened.setTotal(1_000);
    fed.use(100);
    await fed.settled();
    fed.use(600);
    fed.pass(1_000);
    expect(fed.used).toBe(100);
    fed.use(100);
    await fed.settled();
    expect(fed.used).toBe(800);
  });

  test('with another conversation all that waits is recorded at once, and the first when it is its turn', async () => {
    const fed = await FedBudget.open(COUNTER);
    fed.use(100, 'a');
    await fed.settled();
    fed.use(10, 'a');
    expect(fed.used).toBe(100);
    fed.use(20, 'b');
    await fed.settled();
    expect([fed.used, fed.sessions.toSorted()]).toEqual([130, ['auto 10 a', 'auto 20 b']]);
  });

  test('of what was used before the switch nothing is recorded, whenever it is found', async () => {
    const fed = await FedBudget.open(COUNTER);
    fed.use(9_000, 'old', fed.clock.ms - 1);
    fed.use(5, 'c');
    await fed.settled();
    expect(fed.used).toBe(5);
  });
});

describe('the conversation that is shown', () => {
  test('it stays until it is silent for a minute, and then the one written last is shown, though it says no more', async () => {
    const fed = await FedBudget.open(GAUGE);
    fed.show(100_000, 'a');
    await fed.settled();
    fed.pass(20_000);
    fed.show(30_000, 'b');
    await fed.settled();
    expect([fed.used, await fed.consumption]).toEqual([100_000, 130_000]);
    fed.pass(39_000);
    expect(fed.used).toBe(100_000);
    fed.pass(1_000);
    await until(() => fed.used === 30_000, 'the other is shown');
    expect(await fed.consumption).toBe(130_000);
    expect(fed.sessions).toEqual(['live 0 b', 'live 100000 a']);
  });
});

describe('by hand in between', () => {
  test('a reading goes behind what waits, sets the figure of a gauge, and the gauge goes on', async () => {
    const fed = await FedBudget.open(GAUGE);
    fed.show(100_000);
    await fed.settled();
    fed.show(104_000);
    expect(fed.used).toBe(100_000);
    const receipt = await fed.manual(20_000);
    expect(receipt).toMatchObject({ total_used: 20_000, increment: -84_000, counted: 0, flags: ['calibrated'] });
    expect(receipt).not.toHaveProperty('reset');
    expect(await fed.consumption).toBe(104_000);
    fed.pass(MINUTE_MS);
    fed.show(105_000);
    await fed.settled();
    expect([fed.used, await fed.consumption]).toEqual([105_000, 105_000]);
  });

  test.each([5_000, 90_000])('a reading of %i sets what a counter adds to', async (value) => {
    const fed = await FedBudget.open(COUNTER);
    fed.use(10_000);
    await fed.settled();
    fed.use(700);
    expect(await fed.manual(value)).toMatchObject({ total_used: value, counted: 0, flags: ['calibrated'] });
    fed.pass(MINUTE_MS);
    fed.use(300);
    await fed.settled();
    expect([fed.used, await fed.consumption]).toEqual([value + 300, 11_000]);
  });

  test('switched off, a reading goes on from the figure that was told last', async () => {
    const fed = await FedBudget.open(GAUGE);
    fed.show(100_000);
    fed.pass(MINUTE_MS);
    await fed.settled();
    fed.switchTo({ main: [], budget: {} });
    expect(await fed.manual(103_000)).toMatchObject({ total_used: 103_000, increment: 3_000 });
    expect(await fed.consumption).toBe(103_000);
  });

  test('a reading does not wait for a reader that does not answer, and what it tells later is not lost', async () => {
    let answer = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const fed = await FedBudget.open(COUNTER);
    fed.use(100);
    await fed.settled();
    const slow = await fed.again({
      handOut: async () => {
        await late;
        throw new Error('gone');
      },
    });
    slow.use(20);
    expect(await slow.manual(5_000)).toMatchObject({ total_used: 5_000 });
    answer();
    await until(() => slow.failures.length > 0, 'the failure is told');
    const last = await slow.again();
    await last.settled();
    expect([last.used, await last.consumption]).toEqual([5_020, 120]);
  });

  test('an undo passes over what a meter told, and not over a reading that bears such an id', async () => {
    const fed = await FedBudget.open(COUNTER);
    await fed.opened.record(40, { id: 'meter:codex:1', conversation_id: 'c' });
    fed.use(100);
    await fed.settled();
    expect(fed.sessions).toEqual(['auto 100 c', 'auto 40 c']);
    expect(await fed.opened.undo()).toMatchObject({ total_used: 100, touched: { id: 'meter:codex:1' } });
    await expect(fed.opened.undo()).rejects.toMatchObject({ kind: 'not_found' });
  });
});
