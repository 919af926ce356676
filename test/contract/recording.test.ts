import { beforeAll, describe, expect, test } from 'vitest';
import type { Receipt } from '../../src/protocol/methods.ts';
import { useDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';
import { type Call, TRANSPORTS } from '../support/transports.ts';

const MAX = Number.MAX_SAFE_INTEGER;
describe.each(TRANSPORTS)('over $name', (transport) => {
  const daemon = useDaemon();
  let call: Call;
  beforeAll(async () => {
    call = await transport.open(daemon());
  });

  /** Records and holds the daemon to its word: what is acknowledged stands in the state file at that very moment. */
  async function record(params: object): Promise<Receipt> {
    const receipt = await call('usage.record', params);
    const { token_usage } = daemon().state();
    if (!receipt.duplicate) {
      expect(token_usage.used).toBe(receipt.total_used);
      expect(token_usage.sessions[0]).toMatchObject({
        id: receipt.id,
        tokens: receipt.increment,
        total_used: receipt.total_used,
      });
      expect(token_usage.sessions[0]!.reset).toBe(receipt.reset);
    }
    return receipt;
  }

  /** Brings the counter to a known figure. */
  async function given(used: number, total = 1_000_000): Promise<void> {
    await daemon().rpc('usage.record', { tokens: used, sync_type: 'correction' });
    await daemon().rpc('usage.set_total', { total });
  }

  /** The failure of a call that must be refused and leave no trace. */
  async function refused(method: 'usage.record' | 'usage.import', params: object) {
    const before = await daemon().rpc('usage.get');
    const failure = await failureOf(call(method, params));
    expect(await daemon().rpc('usage.get')).toEqual(before);
    return failure;
  }

  describe('what a reading means', () => {
    // Three rows prove the wiring; the whole table is in `rules/record.test.ts`.
    test.each([
      ['a manual value above adds the difference', { tokens: 350_000 }, { total_used: 350_000, increment: 15_000 }],
      ['a manual value below starts anew', { tokens: 12_000 }, { total_used: 12_000, increment: 12_000, reset: true }],
      [
        'a text is added as the number it means',
        { tokens: '1.5K', sync_type: 'auto' },
        { total_used: 336_500, increment: 1_500 },
      ],
    ])('%s', async (_, params, expected) => {
      await given(335_000);

      // `figures.test.ts` is about the amount that counts and the reading that is touched.
      const { id, percent, revision, counted, flags, touched, ...rest } = await record(params);

      expect(rest).toEqual({ success: true, total: 1_000_000, ...expected });
      expect(percent).toBe(Math.round(expected.total_used / 100) / 100);
      expect(id).toMatch(/^.{1,128}$/);
      expect(revision).toBe((await call('usage.get')).revision);
    });

    test('a reset keeps its mark in the history', async () => {
      await given(350_000);

      const { id } = await record({ tokens: 5_000 });

      const { sessions } = await call('usage.history', {});
      expect(sessions.find((session) => session.id === id)).toMatchObject({ reset: true, tokens: 5_000 });
    });

    test('a value equal to the usage is still a session', async () => {
      await given(350_000);
      const before = await call('usage.get');

      await record({ tokens: 350_000 });

      expect(await call('usage.get')).toMatchObject({
        sessions_count: before.sessions_count + 1,
        revision: before.revision + 1,
      });
    });
  });

  test('each of a hundred readings at once stands in the state file when it is answered', async () => {
    const rounds = Array.from({ length: 2 }, (_, round) => `${round}`);
    for (const round of rounds) {
      const missing = await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const { id } = await call('usage.record', { tokens: 1, sync_type: 'auto', id: `at-once-${round}-${index}` });
          return daemon().read('architect_monitor.json').includes(`"${id}"`) ? [] : [id];
        }),
      );
      expect(missing.flat()).toEqual([]);
    }
  });

  describe('a rounded manual value', () => {
    // The whole table is in `rules/record.test.ts`.
    test.each([
      ['350K', 350_999, { total_used: 350_999, increment: 0, rounded: true }],
      ['35万', 360_000, { total_used: 350_000, increment: 350_000, reset: true }],
      ['350,000', 350_001, { total_used: 350_000, increment: 350_000, reset: true }],
    ])('a manual value of %s while %i are used is judged by its last digit', async (tokens, used, expected) => {
      await given(used);

      const { success, id, total, percent, revision, ...rest } = await record({ tokens });

      expect(rest).toEqual(expected);
    });

    test('a rounded correction corrects all the same', async () => {
      await given(350_400);

      expect(await record({ tokens: '350K', sync_type: 'correction' })).toMatchObject({
        total_used: 350_000,
        increment: -400,
      });
    });
  });

  describe('a value as people write it', () => {
    // The grammar's own table is `token-value.cases.ts`.
    test.each(['３５０，０００', '已使用 350,000 tokens', '350K/1M (35%)'])(
      'the value %s is recorded as 350,000, and sets no budget',
      async (tokens) => {
        await given(0);

        expect(await record({ tokens })).toMatchObject({ total_used: 350_000, increment: 350_000 });
        expect(await call('usage.get')).toMatchObject({ total: 1_000_000 });
      },
    );

    test.each([
      ['', 'nothing to read'],
      ['350.5', 'whole number'],
      ['between 300000 and 350000', 'more than one'],
    ])('the value %j is refused with the reason and the accepted forms', async (tokens, reason) => {
      const failure = await refused('usage.record', { tokens });

      expect(failure).toMatchObject({ code: -32001, kind: 'value_refused', field: 'tokens' });
      expect(failure.message).toContain(reason);
      expect(failure.hint).toContain('350,000');
    });
  });

  describe('2^53−1', () => {
    test('2^53−1 is the last figure that is recorded', async () => {
      await given(0);

      expect(await record({ tokens: MAX })).toMatchObject({ total_used: MAX, increment: MAX });
      expect(daemon().read('architect_monitor.json')).toContain('"used": 9007199254740991,');
    });

    test.each([
      ['a number above 2^53−1', 0, { tokens: MAX + 1 }],
      ['a text above 2^53−1', 0, { tokens: '9,007,199,254,740,992' }],
      ['an amount that leads above 2^53−1', MAX - 10, { tokens: 11, sync_type: 'auto' }],
      ['a correction above 2^53−1', 0, { tokens: MAX + 1, sync_type: 'correction' }],
      ['a number below zero', 0, { tokens: -1 }],
      ['a fraction', 0, { tokens: 350.5 }],
    ])('a figure out of range is refused: %s', async (_, used, params) => {
      await given(used);

      expect(await refused('usage.record', params)).toMatchObject({ code: -32001, field: 'tokens' });
    });

    test('an amount that reaches 2^53−1 to the token is recorded', async () => {
      await given(MAX - 10);

      expect(await record({ tokens: 10, sync_type: 'auto' })).toMatchObject({ total_used: MAX });
    });

    test('an import that would pass 2^53−1 is refused whole', async () => {
      await given(MAX - 10);

      const sessions = [{ tokens: 5 }, { tokens: 6 }];

      expect(await refused('usage.import', { sessions })).toMatchObject({ code: -32001 });
    });
  });

  describe('over budget', () => {
    test('a reading over the budget is recorded, with what remains below zero', async () => {
      await given(900_000);

      expect(await record({ tokens: 1_234_567 })).toMatchObject({ total_used: 1_234_567, percent: 123.46 });
      expect(await call('usage.get')).toMatchObject({ percent: 123.46, remaining: -234_567, total: 1_000_000 });
    });
  });

  describe('the texts of a reading', () => {
    const EMOJI = '👩‍🚀';
    const points = (length: number) => '🚀'.repeat(length);
    const KEPT: readonly (readonly [field: 'event' | 'conversation_id' | 'id', text: string])[] = [
      ['event', 'x'.repeat(1_000)],
      ['event', '完'.repeat(1_000)],
      ['event', points(1_000)],
      ['event', ''],
      ['event', 'a\tb\nc'],
      [
        'event',
        `e\u0301 is not \u00e9, ${EMOJI} \u202eright to left\u202c, \ufeffBOM, \u2028\u2029, \u{10ffff}, \ufffd`,
      ],
      ['event', '"quoted" \\ %s $x `y` $(z) <b>&amp;</b> \' {} [] __proto__'],
      ['conversation_id', 'x'.repeat(256)],
      ['conversation_id', points(256)],
      ['conversation_id', ''],
      ['conversation_id', '__proto__'],
      ['id', points(128)],
      ['id', 'x'.repeat(128)],
      ['id', ' '],
      ['id', 'toString'],
    ];
    const shown = (text: string) => JSON.stringify([...text].slice(0, 30).join(''));
    test.each(KEPT.map(([field, text]) => ({ field, text, shown: shown(text) })))(
      'the $field of a reading is kept exactly: $shown',
      async ({ field, text }) => {
        await given(0);
        const { id } = await record({ tokens: 1, sync_type: 'auto', [field]: text });

        expect(daemon().state().token_usage.sessions[0]![field]).toBe(text);
        const { sessions } = await call('usage.history', {});
        expect(sessions.find((session) => session.id === id)![field]).toBe(text);
      },
    );

    test.each([
      ['event', 'x'.repeat(1_001), '1,000'],
      ['event', points(1_001), '1,000'],
      ['conversation_id', 'x'.repeat(257), '256'],
      ['conversation_id', points(257), '256'],
      ['id', 'x'.repeat(129), '128'],
      ['id', points(129), '128'],
    ])("a reading's %s that is too long is refused, not cut", async (field, value, longest) => {
      const failure = await refused('usage.record', { tokens: 1, [field]: value });

      expect(failure).toMatchObject({ code: -32001, field });
      expect(failure.message).toContain('too long');
      expect(failure.hint).toContain(longest);
    });

    test('an empty id is refused', async () => {
      expect(await refused('usage.record', { tokens: 1, id: '' })).toMatchObject({ code: -32001, field: 'id' });
    });

    test.each(
      ['event', 'conversation_id', 'id'].flatMap((field) =>
        ['\0', '\u0007', '\u001b[31m', '\r', '\u007f', '\u0085', '\u009b'].map((control) => [field, control]),
      ),
    )("a reading's %s with the control character %j is refused", async (field, control) => {
      const failure = await refused('usage.record', { tokens: 1, [field]: `a${control}b` });

      expect(failure).toMatchObject({ code: -32001, field });
      expect(failure.message).toContain('control character');
    });

    test('an event with half a surrogate pair is kept or refused, never changed', async () => {
      await given(0);
      const event = 'half \ud83d of a rocket';
      try {
        const { id } = await record({ tokens: 1, sync_type: 'auto', event });
        const { sessions } = await call('usage.history', {});
        expect(sessions.find((session) => session.id === id)!.event).toBe(event);
        expect(daemon().state().token_usage.sessions[0]!.event).toBe(event);
      } catch (error) {
        expect(error).toMatchObject({ code: -32001, field: 'event' });
      }
    });
  });

  describe('params', () => {
    test.each([
      ['no tokens', {}, 'tokens'],
      ['tokens of a wrong type', { tokens: true }, 'tokens'],
      ['tokens in a list', { tokens: [1] }, 'tokens'],
      ['an unknown kind', { tokens: 1, sync_type: 'guess' }, 'sync_type'],
      ['an unknown param', { tokens: 1, colour: 'red' }, 'colour'],
      ['an event of a wrong type', { tokens: 1, event: 5 }, 'event'],
    ])('a reading with %s is refused by the name of the param', async (_, params, field) => {
      expect(await refused('usage.record', params)).toMatchObject({ code: -32602, field });
    });

    test.each(['yesterday', '2025-13-01', '2025-02-30 10:00:00', '2025-11-18 25:00:00', ''])(
      'a reading of the time %j is refused',
      async (timestamp) => {
        expect(await refused('usage.record', { tokens: 1, timestamp })).toMatchObject({ field: 'timestamp' });
      },
    );
  });

  describe('the same id again', () => {
    const id = 'again';

    test('a reading of a known id is answered with the first receipt and changes nothing, whatever else it says', async () => {
      await given(100);
      const first = await record({ tokens: 150, id });
      await record({ tokens: 900 });
      const before = await call('usage.get');

      for (const other of [{ tokens: 150 }, { tokens: 7, sync_type: 'auto', event: 'other' }]) {
        expect(await call('usage.record', { ...other, id })).toEqual({ ...first, duplicate: true });
      }

      expect(await call('usage.get')).toEqual(before);
    });

    test('the id of a reading is known over every transport', async () => {
      await given(100);
      const first = await record({ tokens: 150, id: `${id}-everywhere` });

      for (const other of TRANSPORTS) {
        const otherCall = await other.open(daemon());
        expect(await otherCall('usage.record', { tokens: 1, id: first.id })).toEqual({ ...first, duplicate: true });
      }
    });

    test('the id of a reading is known after it was undone', async () => {
      await given(100);
      const first = await record({ tokens: 150, id: `${id}-undone` });
      await daemon().rpc('usage.undo');

      expect(await call('usage.record', { tokens: 150, id: first.id })).toEqual({ ...first, duplicate: true });
      expect(await call('usage.get')).toMatchObject({ used: 100 });
    });

    test('the id of an imported session is known to a reading', async () => {
      await given(100);
      await call('usage.import', { sessions: [{ tokens: 5, id: `${id}-imported` }] });

      expect(await call('usage.record', { tokens: 150, id: `${id}-imported` })).toMatchObject({
        duplicate: true,
        increment: 5,
        total_used: 105,
      });
    });

    test('a reading that comes many times at once counts once', async () => {
      await given(100);

      const receipts = await Promise.all(
        Array.from({ length: 20 }, () => call('usage.record', { tokens: 10, sync_type: 'auto', id: `${id}-at-once` })),
      );

      expect(receipts.filter((receipt) => !receipt.duplicate)).toHaveLength(1);
      expect(new Set(receipts.map(({ revision }) => revision)).size).toBe(1);
      expect(await call('usage.get')).toMatchObject({ used: 110 });
    });
  });

  describe('an import', () => {
    test('an import adds the counts above 0 and tells what it skipped and why', async () => {
      await given(1_000);
      await call('usage.record', { tokens: 1_000, id: `known` });
      const before = await call('usage.get');

      const answer = await call('usage.import', {
        sessions: [
          { tokens: 50_000, event: '项目初始化', timestamp: '2025-11-01 10:00:00', conversation_id: 'c' },
          { tokens: 0 },
          { tokens: -5 },
          { tokens: 'nothing' },
          { tokens: 1, id: `known` },
          { tokens: '1.5K', id: `twice` },
          { tokens: 9, id: `twice` },
          { tokens: 1.5 },
        ],
      });

      expect(answer).toEqual({
        success: true,
        imported_count: 2,
        skipped: [1, 2, 3, 4, 6, 7].map((index) => ({ index, reason: expect.stringMatching(/./) })),
        total_tokens: 51_500,
        current_usage: await call('usage.get'),
      });
      expect(answer.current_usage).toMatchObject({ used: 52_500, total: 1_000_000, revision: before.revision + 1 });
      expect(daemon().state().token_usage).toMatchObject({ used: 52_500 });
      expect(await call('usage.get')).toMatchObject({
        revision: before.revision + 1,
        sessions_count: before.sessions_count + 2,
      });
    });

    test('an import without a count above 0 changes nothing', async () => {
      await given(1_000);
      const before = await call('usage.get');

      expect(await call('usage.import', { sessions: [{ tokens: 0 }] })).toMatchObject({
        imported_count: 0,
        total_tokens: 0,
        current_usage: before,
      });
      expect(await call('usage.import', { sessions: [] })).toMatchObject({ imported_count: 0, skipped: [] });
      expect(await call('usage.get')).toEqual(before);
    });

    test.each([
      ['a text too long', { tokens: 5, event: 'x'.repeat(1_001) }, 'sessions.1.event'],
      ['a control character', { tokens: 5, event: '\0' }, 'sessions.1.event'],
      ['a wrong time', { tokens: 5, timestamp: 'soon' }, 'sessions.1.timestamp'],
      ['a wrong type', { tokens: null }, 'sessions.1.tokens'],
      ['an unknown field', { tokens: 5, colour: 'red' }, 'colour'],
      ['no object', 5, 'sessions.1'],
    ])('an import with %s is refused whole', async (_, session, field) => {
      expect(await refused('usage.import', { sessions: [{ tokens: 5 }, session] })).toMatchObject({ field });
    });
  });

  test('conversation.estimate counts the tokens and records nothing', async () => {
    const before = await call('usage.get');

    const messages = { user_message: '用户消息', assistant_message: '<|endoftext|>' };

    expect(await call('conversation.estimate', messages)).toMatchObject({
      user_tokens: expect.any(Number),
      assistant_tokens: expect.any(Number),
      encoding: 'o200k_base',
    });
    expect(await call('conversation.estimate', { ...messages, encoding: 'cl100k_base' })).toMatchObject({
      encoding: 'cl100k_base',
    });
    expect(await call('usage.get')).toEqual(before);
  });

  if (!transport.has('usage.set_total')) return;

  test('conversation.record counts the tokens and adds them', async () => {
    await given(350_000);

    const receipt = await call('conversation.record', {
      user_message: 'Hello, world!',
      assistant_message: 'AI回复',
      event: '对话',
      conversation_id: 'c-1',
      id: `conversation`,
    });

    const { user_tokens, assistant_tokens, session_tokens } = receipt;
    expect(session_tokens).toBe(user_tokens + assistant_tokens);
    expect(receipt).toMatchObject({ increment: session_tokens, total_used: 350_000 + session_tokens, user_tokens: 4 });
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({
      sync_type: 'estimate',
      conversation_id: 'c-1',
      tokens: session_tokens,
    });
  });

  describe('the budget', () => {
    test.each([1, 2_000_000, MAX])('the budget may be %i', async (total) => {
      await given(500);
      await daemon().rpc('usage.set_total', { total: 77 });

      expect(await call('usage.set_total', { total })).toMatchObject({ total, used: 500, remaining: total - 500 });
      expect(daemon().state().token_usage).toMatchObject({ total, used: 500 });
    });

    test.each([0, -1, 1.5, MAX + 1, '100', null])('the budget may not be %j', async (total) => {
      const before = await call('usage.get');

      expect(await failureOf(call('usage.set_total', { total }))).toMatchObject({ field: 'total' });
      expect(await call('usage.get')).toEqual(before);
    });

    test('a budget set to what it is changes nothing', async () => {
      const before = await call('usage.get');

      expect(await call('usage.set_total', { total: before.total })).toEqual(before);
    });
  });
});
