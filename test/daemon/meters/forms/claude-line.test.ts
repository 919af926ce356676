import { describe, expect, test } from 'vitest';
import type { TokenCounts } from '../../../../src/daemon/meters/observation.ts';
import { cellsOf, countsOf, totalOf } from './cells.ts';
import { assistant, NOW_MS, read, TIME, USAGE } from './claude-lines.ts';

const countOf = (line: unknown) => countsOf(read(line).observations)[0];
const tokens = (input: number, cacheRead: number, cacheWrite: number, output: number): TokenCounts => {
  return { input, cache_read: cacheRead, cache_write: cacheWrite, output, reasoning: 0 };
};

describe('a line of Claude Code', () => {
  test('a message tells its tokens by class, and whose they are', () => {
    expect(read(assistant())).toEqual({
      outcome: 'counted',
      observations: [
        {
          kind: 'count',
          meter: 'claude',
          key: 'msg-1',
          tokens: tokens(3, 500, 40, 6000),
          atMs: Date.parse(TIME),
          conversation: 'session-1',
          model: 'claude-opus-4-6',
          folder: '/home/ada/project',
          provenance: 'exact',
        },
      ],
    });
  });

  test('an older line tells the message that it wraps, under the session of the line', () => {
    const { message, sessionId, cwd, ...inner } = assistant() as Record<string, unknown>;
    const line = { type: 'progress', uuid: 'outer', sessionId, cwd, data: { message: { ...inner, message } } };
    expect(read(line)).toEqual(read(assistant()));
  });

  test('a wrapped message without an id of its own has id and time of the line around it', () => {
    const line = { uuid: 'outer', timestamp: TIME, data: { message: { message: { usage: USAGE } } } };
    expect(countOf(line)).toMatchObject({ key: 'outer', atMs: Date.parse(TIME) });
  });

  test('nothing of what was said is told', () => {
    expect(JSON.stringify(read(assistant(USAGE, { content: 'CANARY' }, { slug: 'CANARY' })))).not.toContain('CANARY');
  });
});

describe('the tokens of a message', () => {
  test.each<[string, unknown, TokenCounts]>([
    ['a class that is missing is 0', { output_tokens: 9 }, tokens(0, 0, 0, 9)],
    ['a class that is null is 0', { ...USAGE, cache_read_input_tokens: null }, tokens(3, 0, 40, 6000)],
    ['a class that is no count is 0', { ...USAGE, input_tokens: -3, output_tokens: 1.5 }, tokens(0, 500, 40, 0)],
    ['numbers may be texts', { input_tokens: '3', output_tokens: '9' }, tokens(3, 0, 0, 9)],
    [
      'a member like a prototype is none of them',
      '{"__proto__":{"input_tokens":5},"output_tokens":9}',
      tokens(0, 0, 0, 9),
    ],
  ])('%s', (_, usage, expected) => {
    const line = typeof usage === 'string' ? JSON.stringify(assistant(null)).replace('null', usage) : assistant(usage);
    expect(countOf(line)?.tokens).toEqual(expected);
  });

  test.each<[string, unknown, unknown, number]>([
    ['as told whole', 40, undefined, 40],
    ['by terms where they are more', 40, { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 20 }, 50],
    ['whole where the terms are less', 40, { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 0 }, 40],
    ['by terms where the whole is missing', undefined, { ephemeral_5m_input_tokens: 30 }, 30],
    ['by terms that are not known yet', 0, { ephemeral_2d_input_tokens: 7 }, 7],
    ['by terms that are texts', null, { ephemeral_5m_input_tokens: '7' }, 7],
    ['without what is no term', 4, { total: 9, ephemeral_1h_input_tokens: 'x' }, 4],
  ])('what is written to the cache counts %s', (_, whole, terms, expected) => {
    const usage = { output_tokens: 1, cache_creation_input_tokens: whole, cache_creation: terms };
    expect(countOf(assistant(usage))?.tokens.cache_write).toBe(expected);
  });

  test.each<[string, object, TokenCounts]>([
    [
      'the iterations add up, a compaction among them',
      {
        ...USAGE,
        iterations: [
          { type: 'compaction', input_tokens: 180_000, output_tokens: 3500 },
          { type: 'message', ...USAGE },
        ],
      },
      tokens(180_003, 500, 40, 9500),
    ],
    ['one iteration is the message itself', { ...USAGE, iterations: [{ ...USAGE }] }, tokens(3, 500, 40, 6000)],
    ['they are never less than the message', { ...USAGE, iterations: [{ input_tokens: 9 }] }, tokens(9, 500, 40, 6000)],
    ['no iterations are none', { ...USAGE, iterations: [] }, tokens(3, 500, 40, 6000)],
    ['what is no iteration is none', { ...USAGE, iterations: [null, 7, 'x', {}] }, tokens(3, 500, 40, 6000)],
    ['iterations that are no list are none', { ...USAGE, iterations: { 0: USAGE } }, tokens(3, 500, 40, 6000)],
    [
      'each writes to the cache by its own terms',
      { iterations: [1, 2].map((term) => ({ cache_creation: { ephemeral_5m_input_tokens: term } })) },
      tokens(0, 0, 3, 0),
    ],
  ])('%s', (_, usage, expected) => {
    expect(countOf(assistant(usage))?.tokens).toEqual(expected);
  });
});

describe('a cell of Claude Code', () => {
  test.each<[string, object, string]>([
    ['the message', {}, 'msg-1'],
    ['the line where the message has no id', { message: { usage: USAGE } }, 'line-1'],
    ['the line where the id is empty', { message: { id: '', usage: USAGE } }, 'line-1'],
    ['the line where the id is no text', { message: { id: 7, usage: USAGE } }, 'line-1'],
    ['the place in the file where neither has one', { uuid: null, message: { usage: USAGE } }, 'head@512'],
  ])('its key is %s', (_, line, key) => {
    expect(countOf({ ...assistant(), ...line })?.key).toBe(key);
  });

  test('a message that grows while it is written counts at its largest, in every order', () => {
    const sizes = [9, 9, 159];
    for (const order of [sizes, [...sizes].reverse(), [9, 159, 9]]) {
      const observations = order.flatMap((size) => read(assistant({ output_tokens: size })).observations);
      expect(totalOf(cellsOf(observations))).toBe(159);
    }
  });

  test('copies of a message by a resumed, forked or side conversation, or without a request, count once', () => {
    const copies = [
      assistant(),
      assistant(USAGE, {}, { sessionId: 'session-2', uuid: 'line-2', timestamp: '2026-09-21T00:00:00Z' }),
      assistant(USAGE, {}, { isSidechain: true, uuid: 'line-3' }),
      assistant(USAGE, {}, { requestId: undefined, uuid: 'line-4' }),
    ];
    const cells = cellsOf(copies.flatMap((line) => read(line).observations));
    expect([cells.size, totalOf(cells)]).toEqual([1, 6543]);
  });

  test('ids that are endless or not plain keep their cells apart, and stand in few plain letters', () => {
    const ids = [
      'a'.repeat(200_000),
      `${'a'.repeat(200_000)}b`,
      'a\0b',
      'a\0c',
      '\ud800',
      '\udfff',
      '消息',
      '__proto__',
    ];
    const keys = ids.map((id) => countOf(assistant(USAGE, { id }))!.key);
    expect(new Set(keys).size).toBe(ids.length);
    expect(keys.filter((key) => !/^[\x21-\x7e]{1,128}$/.test(key))).toEqual([]);
  });
});

describe('what a line tells about a count', () => {
  test.each<[string, unknown, number]>([
    ['its own time', TIME, Date.parse(TIME)],
    ['the present without one', undefined, NOW_MS],
    ['the present for what is no time', 'yesterday', NOW_MS],
    ['the present for a number', 12, NOW_MS],
    ['the present for days to come', '2031-01-01T00:00:00Z', NOW_MS],
    ['its own time where a clock is an hour fast', '2026-09-20T13:00:00Z', NOW_MS + 3_600_000],
  ])('its time is %s', (_, timestamp, atMs) => {
    expect(countOf(assistant(USAGE, {}, { timestamp }))?.atMs).toBe(atMs);
  });

  test.each<[string, object, object]>([
    ['model', { model: '' }, {}],
    ['model', { model: 7 }, {}],
    ['model', { model: 'a\0b' }, {}],
    ['model', { model: 'a'.repeat(5000) }, {}],
    ['folder', {}, { cwd: null }],
    ['folder', {}, { cwd: ['/home'] }],
    ['conversation', {}, { sessionId: '' }],
  ])('a %s that is none is left out', (member, message, line) => {
    const count = countOf(assistant(USAGE, message, line));
    expect(count).toMatchObject({ key: 'msg-1' });
    expect(count).not.toHaveProperty(member);
  });

  test('names are kept as they are, those of prototypes and of other scripts too', () => {
    const line = assistant(USAGE, { model: '__proto__' }, { cwd: 'D:\\工作\\项目' });
    expect(countOf(line)).toMatchObject({ model: '__proto__', folder: 'D:\\工作\\项目' });
    expect(countOf(assistant(USAGE, { model: 'a\ud800' }))?.model).toBe('a\ufffd');
  });
});
