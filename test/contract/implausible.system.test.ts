import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { freshFolder } from '../support/folders.ts';
import { failureOf } from '../support/rpc-failure.ts';
import { until } from '../support/until.ts';

const TELEPHONE = 13_800_138_000;
const QUESTION = {
  zh: '13,800,138,000 是总额度 1,000,000 的 13,800 倍。选“是”则记录，已使用量变为 13,800,138,000；选“否”则什么都不记录，仍为 350,000。',
  en: '13,800,138,000 is 13,800 times the budget of 1,000,000. Yes records it, and 13,800,138,000 are used; no records nothing, and 350,000 stay used.',
};

/** A daemon with a budget that somebody has set. */
async function budgeted(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await daemon.rpc('usage.set_total', { total: 1_000_000 });
  // Long enough ago to be no slip of what is recorded now.
  await daemon.rpc('usage.record', { tokens: 350_000, timestamp: new Date(Date.now() - 3_600_000).toISOString() });
  return daemon;
}

/** Adds a usual amount, so that the next ones are held against it. */
async function getUsedTo(daemon: TestDaemon, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await daemon.rpc('usage.record', { tokens: 1_000, sync_type: 'auto' });
}

describe('with `ask` an implausible value', () => {
  test('an implausible value with `ask` is refused with a question in both languages, and recorded under its id without', async () => {
    const daemon = await budgeted();
    const offered = { tokens: String(TELEPHONE), id: 'mine' };
    const { revision } = await daemon.rpc('usage.get');

    const refused = await failureOf(daemon.rpc('usage.record', { ...offered, ask: true }));

    expect(refused).toMatchObject({ code: -32001, kind: 'value_refused', field: 'tokens', question: QUESTION });
    expect(refused.message).not.toContain('13,800');
    expect((await daemon.rpc('usage.get')).revision).toBe(revision);
    expect(await daemon.rpc('usage.record', offered)).toMatchObject({ id: 'mine', total_used: TELEPHONE });
    expect(await daemon.rpc('usage.record', { ...offered, ask: true })).toMatchObject({ id: 'mine', duplicate: true });
  });

  test('an implausible value is asked about over REST in the language of the caller', async () => {
    const daemon = await budgeted();
    const body = { tokens: TELEPHONE, sync_type: 'manual', ask: true };
    const refused = await daemon.post('/api/record_token_usage', body, { 'accept-language': 'en' });
    expect(refused.status).toBe(400);
    expect(refused.json()).toMatchObject({ success: false, kind: 'value_refused', question: QUESTION.en });
  });

  test('an implausible value in a drop-file with `ask` is rejected with the reason', async () => {
    const daemon = await budgeted();
    daemon.write('drop/odd.json', { tokens: TELEPHONE, ask: true });
    const reason = daemon.path('drop/rejected/odd.json.error.txt');
    // The file is there before its text is.
    const told = await until(() => existsSync(reason) && readFileSync(reason, 'utf8'), 'it is rejected');
    expect(told).toContain('more than three times the budget of 1,000,000');
    expect(told).toMatch(/if it is right, enter it: \/.+\/scripts\/token-sync record VALUE/);
    expect((await daemon.rpc('usage.get')).used).toBe(350_000);
  });

  test.each([
    ['its label', `${TELEPHONE} tokens used`],
    ['its budget beside it', `${TELEPHONE} / 20,000,000,000`],
  ])('a value is not implausible with %s', async (_, tokens) => {
    const daemon = await budgeted();
    expect(await daemon.rpc('usage.record', { tokens, ask: true })).toMatchObject({ total_used: TELEPHONE });
  });

  test('a value is implausible when it adds more than fifty times what the last readings did, once there are ten', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 350_000 });
    await getUsedTo(daemon, 9);
    expect(await daemon.rpc('usage.record', { tokens: 410_000, ask: true })).toMatchObject({ increment: 51_000 });
    await daemon.rpc('usage.undo');
    await getUsedTo(daemon, 1);
    const refused = await failureOf(daemon.rpc('usage.record', { tokens: '411K tokens used', ask: true }));
    expect(refused.question?.en).toContain('would add 51,000, 51 times');
  });
});

test('a value that counts little is not asked about, however far the figure moves', async () => {
  const daemon = await budgeted();
  const record = (tokens: number, conversation_id?: string) =>
    daemon.rpc('usage.record', { tokens, ask: true, ...(conversation_id !== undefined && { conversation_id }) });
  await record(351_000, 'a');
  await getUsedTo(daemon, 10);
  await record(20_000, 'b');
  // Back in the other conversation, and a figure with a digit too few, typed again at once.
  expect(await record(362_000, 'a')).toMatchObject({ total_used: 362_000 });
  await record(36_400, 'a');
  expect(await record(364_000, 'a')).toMatchObject({ total_used: 364_000, flags: ['replaces'] });
});

test('an implausible value without `ask` is recorded as before', async () => {
  const daemon = await budgeted();
  await getUsedTo(daemon, 10);
  expect(await daemon.rpc('usage.record', { tokens: TELEPHONE })).toMatchObject({ total_used: TELEPHONE });
  daemon.write('drop/token.txt', '27600276000\n');
  await until(async () => (await daemon.rpc('usage.get')).used === 27_600_276_000, 'the file is recorded');
});

test('a counter that begins anew is not asked about', async () => {
  const daemon = await budgeted();
  await getUsedTo(daemon, 10);
  expect(await daemon.rpc('usage.record', { tokens: 300_000, ask: true })).toMatchObject({ reset: true });
});

describe('the budget counts as set', () => {
  const isSet = async (daemon: TestDaemon) => (await daemon.rpc('daemon.info')).total_is_set === true;

  test('the budget counts as set once somebody has set it, to the default too, over restarts; before, no share of it is odd', async () => {
    const folder = freshFolder();
    const first = await startDaemon({ folder });
    expect(await isSet(first)).toBe(false);
    expect(await first.rpc('usage.record', { tokens: TELEPHONE, ask: true })).toMatchObject({ total_used: TELEPHONE });
    const { revision } = await first.rpc('usage.set_total', { total: 1_000_000 });
    expect(revision).toBe(2);
    expect(await isSet(first)).toBe(true);
    expect(await first.rpc('usage.set_total', { total: 1_000_000 })).toMatchObject({ revision });
    await first.stop();
    expect(await isSet(await startDaemon({ folder }))).toBe(true);
  });

  test.each([
    ['a file that is adopted', true, { token_usage: { used: 5, total: 1_000_000, sessions: [] } }],
    ['a file with another than the default', true, { token_usage: { used: 5, total: 2_000_000, sessions: [] } }],
    ['a file that names none', false, { token_usage: { used: 5, sessions: [] } }],
    ['a file of other things alone', false, { status: { text: 'busy' } }],
  ])('the budget of %s counts as set: %s', async (_, expected, state) => {
    const folder = freshFolder();
    const first = await startDaemon({ folder, state });
    expect(await isSet(first)).toBe(expected);
    await first.rpc('usage.record', { tokens: 7 });
    await first.stop();
    expect(await isSet(await startDaemon({ folder }))).toBe(expected);
  });

  test('the budget counts as set when somebody edits it in the state file, though it becomes the default again', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 7 });
    const edit = async (total: number) => {
      const state = daemon.state();
      daemon.write('architect_monitor.json', { ...state, token_usage: { ...state.token_usage, total } });
      await until(async () => (await daemon.rpc('usage.get')).total === total, 'the edit is adopted');
    };
    await edit(2_000_000);
    expect(await isSet(daemon)).toBe(true);
    await edit(1_000_000);
    expect(await isSet(daemon)).toBe(true);
  });
});
