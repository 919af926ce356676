import { describe, expect, test } from 'vitest';
import { isCandidate } from '../../../../src/daemon/meters/forms/codex-rollout.ts';
import type { Observation } from '../../../../src/daemon/meters/observation.ts';
import { cellsOf, countsOf, totalOf } from './cells.ts';
import {
  bytes,
  event,
  FIRST,
  meta,
  NOW_MS,
  observationsOf,
  readRollout,
  SECOND,
  TIME,
  tokenCount,
  turn,
  usage,
} from './codex-lines.ts';

const RESETS_AT = NOW_MS / 1000 + 60;
const LIMITS = { rate_limits: { primary: { used_percent: 7, window_minutes: 300, resets_at: RESETS_AT } } };

const outcomesOf = (lines: readonly unknown[]) => readRollout(lines).findings.map(({ outcome }) => outcome);
const gaugesOf = (observations: readonly Observation[]) => observations.filter(({ kind }) => kind === 'gauge');

describe('an event of Codex', () => {
  test('an event tells its tokens by disjoint classes, what the context holds, and whose they are', () => {
    const about = { conversation: 's-1', model: 'gpt-5.4', folder: '/home/ada/project' };
    const shared = { ...about, atMs: Date.parse(TIME), provenance: 'exact' };
    expect(observationsOf([meta('s-1'), turn('gpt-5.4'), FIRST])).toEqual([
      {
        kind: 'count',
        meter: 'codex',
        key: expect.stringMatching(/^[\w-]{43}$/),
        tokens: { input: 600, cache_read: 400, cache_write: 0, output: 100, reasoning: 30 },
        ...shared,
      },
      { kind: 'gauge', meter: 'codex.context', used: 1100, limit: 272_000, ...shared },
    ]);
  });

  test('two turns, each told twice, are 3,300', () => {
    const observations = observationsOf([meta('s-1'), FIRST, FIRST, SECOND, SECOND]);
    expect(countsOf(observations)).toHaveLength(2);
    expect(totalOf(cellsOf(observations))).toBe(3300);
  });

  test('a repetition is understood, and counts nothing', () => {
    expect(outcomesOf([FIRST, FIRST])).toEqual(['counted', 'counted']);
  });

  test('events of two streams in one file count what each of them used', () => {
    const told = ([last, total]: number[]) => event(usage(last!), usage(total!));
    const lines = [
      [100, 100],
      [200, 200],
      [100, 100],
      [50, 250],
      [30, 130],
    ].map(told);
    expect(countsOf(observationsOf(lines)).map(({ tokens }) => tokens.input)).toEqual([100, 200, 50, 30]);
  });

  test('without a total a usage counts unless the line before told the same', () => {
    const told = ([last, total]: (number | undefined)[]) => event(last && usage(last), total && usage(total));
    const sizes = (events: (number | undefined)[][]) =>
      countsOf(observationsOf(events.map(told))).map(({ tokens }) => tokens.input);
    expect(sizes([[100], [100], [50], [100]])).toEqual([100, 50, 100]);
    expect(sizes([[100, 100], [undefined, 130], [100]])).toEqual([100, 30, 100]);
  });

  test('numbers may be texts', () => {
    const texts = Object.fromEntries(Object.entries(usage(1000, 400, 100, 30)).map(([name, n]) => [name, `${n}`]));
    expect(observationsOf([event(texts, texts)])).toEqual(observationsOf([FIRST]));
  });

  test.each<[string, object, object]>([
    ['cached input beyond the input is all of the input', usage(10, 70, 5), { input: 0, cache_read: 10, output: 5 }],
    ['reasoning beyond the output is all of the output', usage(10, 0, 5, 9), { output: 5, reasoning: 5 }],
    ['classes that are missing are 0', { input_tokens: 10 }, { input: 10, cache_read: 0, output: 0, reasoning: 0 }],
    ['a class that is no count is 0', { ...usage(10, 0, 5), cached_input_tokens: -4 }, { input: 10, cache_read: 0 }],
  ])('%s', (_, told, tokens) => {
    expect(countsOf(observationsOf([event(told, told)]))[0]?.tokens).toMatchObject(tokens);
  });

  test('model and folder are those of the turn before', () => {
    const lines = [
      meta('s-1'),
      FIRST,
      turn('one', '/a'),
      SECOND,
      turn('__proto__', '/b'),
      event(usage(5), usage(3305)),
    ];
    expect(countsOf(observationsOf(lines)).map(({ model, folder }) => [model, folder])).toEqual([
      [undefined, '/home/ada/project'],
      ['one', '/a'],
      ['__proto__', '/b'],
    ]);
  });

  test('a turn that tells no model leaves the one before', () => {
    const lines = [turn('one', '/a'), { type: 'turn_context', payload: { model: null } }, FIRST];
    expect(countsOf(observationsOf(lines))[0]).toMatchObject({ model: 'one', folder: '/a' });
  });

  test('nothing of what was said is told or kept', () => {
    const lines = [
      meta('s-1', { base_instructions: 'CANARY' }),
      { type: 'turn_context', payload: { model: 'one', user_instructions: 'CANARY' } },
      tokenCount({ last_token_usage: usage(5), note: 'CANARY' }, { note: 'CANARY' }),
    ];
    const { rollout, findings } = readRollout(lines);
    expect(countsOf(findings.flatMap(({ observations }) => observations))).toHaveLength(1);
    expect(JSON.stringify([findings, rollout.state])).not.toContain('CANARY');
  });
});

describe('gauge and windows of Codex', () => {
  test('the context is what the last request tells as its total', () => {
    const compacted = { ...usage(0), total_tokens: 21_000 };
    const observations = observationsOf([FIRST, event(compacted, usage(1000, 400, 100, 30))]);
    expect(gaugesOf(observations).map((gauge) => 'used' in gauge && gauge.used)).toEqual([1100, 21_000]);
    expect(totalOf(cellsOf(observations))).toBe(1100);
  });

  test('without a told total the context is input and output', () => {
    expect(gaugesOf(observationsOf([event({ input_tokens: 10, output_tokens: 5 }, null)]))).toMatchObject([
      { used: 15 },
    ]);
  });

  test('without a usage of the request there is no gauge, without a size of the window no limit', () => {
    expect(gaugesOf(observationsOf([event(undefined, usage(100))]))).toEqual([]);
    for (const size of [null, 0, -1, 'large']) {
      const line = tokenCount({ last_token_usage: usage(5), model_context_window: size });
      const [gauge] = gaugesOf(observationsOf([line]));
      expect(gauge).toMatchObject({ used: 5 });
      expect(gauge).not.toHaveProperty('limit');
    }
  });

  test('an event tells the windows with its count', () => {
    const lines = [tokenCount({ last_token_usage: usage(5) }, LIMITS)];
    expect(observationsOf(lines).map(({ meter }) => meter)).toEqual(['codex', 'codex.context', 'codex.5h']);
  });

  test('an event without info tells windows only, and leaves the chain where it stands', () => {
    expect(observationsOf([tokenCount(null, LIMITS)])).toMatchObject([{ kind: 'window', usedPercent: 7 }]);
    expect(outcomesOf([tokenCount(null, LIMITS)])).toEqual(['nothing']);
    expect(cellsOf(observationsOf([FIRST, tokenCount(null, LIMITS), SECOND]))).toEqual(
      cellsOf(observationsOf([FIRST, SECOND])),
    );
  });
});

describe('whether a line of Codex is understood', () => {
  test.each<[string, unknown]>([
    ['an event whose usages have no class that is known', event({ tokens: 5 }, { tokens: 5 })],
    ['an event whose classes are no counts', event({ input_tokens: 'x', output_tokens: -1 }, null)],
    ['an event whose sum no number tells', event(usage(2 ** 53 - 1, 0, 1), null)],
    ['an event whose info is a list', tokenCount([usage(5)])],
    ['an event without info', tokenCount(undefined)],
    [
      'an event under another type',
      { type: 'event', payload: { type: 'token_count', info: { last_token_usage: usage(5) } } },
    ],
    ['an event under another name', { type: 'event_msg', payload: { kind: 'token_count' } }],
    ['an event whose end is cut off', JSON.stringify(FIRST).slice(0, -9)],
    ['an event with a NUL in it', JSON.stringify(FIRST).replace('"info"', '\0"info"')],
    ['a list', [FIRST]],
  ])('%s is not understood, and changes nothing', (_, line) => {
    expect(outcomesOf([line])).toEqual(['not_understood']);
    expect(cellsOf(observationsOf([FIRST, line, SECOND]))).toEqual(cellsOf(observationsOf([FIRST, SECOND])));
  });

  test.each<[string, unknown]>([
    ['the first line', meta('a')],
    ['a first line without an id', meta('', {})],
    ['a first line without a payload', { type: 'session_meta' }],
    ['a turn', turn('one')],
    ['a text that names a type', { type: 'response_item', payload: { name: 'turn_context' } }],
  ])('%s tells no count, rightly', (_, line) => {
    expect(outcomesOf([line])).toEqual(['nothing']);
  });

  test('windows are told though the count beside them is not understood', () => {
    expect(readRollout([tokenCount({}, LIMITS)]).findings).toMatchObject([
      { outcome: 'not_understood', observations: [{ kind: 'window' }] },
    ]);
  });

  test('an event after the NULs that a crash left is read, and one of 20 MB', () => {
    const line = JSON.stringify(FIRST);
    expect(observationsOf([`${'\0'.repeat(512)}${line}`])).toEqual(observationsOf([line]));
    expect(observationsOf([{ text: 'x"\n'.repeat(5e6), ...FIRST }])).toEqual(observationsOf([line]));
  });
});

describe('a candidate of Codex', () => {
  const long = 'instructions '.repeat(5000);
  test.each<[string, unknown, boolean]>([
    ['an event', FIRST, true],
    ['an indented event', JSON.stringify(FIRST, null, 2), true],
    ['an event at the end of a long line', { text: long, ...FIRST }, true],
    ['a first line', meta('a', { base_instructions: long }), true],
    [
      'a first line whose type stands last',
      { payload: { base_instructions: long, id: 'a' }, type: 'session_meta' },
      true,
    ],
    ['a turn', { type: 'turn_context', payload: { user_instructions: long } }, true],
    ['a short turn', { type: 'turn_context' }, true],
    ['a long answer', { type: 'response_item', payload: { text: long } }, false],
    ['what a program printed', { type: 'response_item', payload: { output: '{"type":"token_count"}' } }, false],
    ['nothing', '', false],
  ])('of %s it is %j', (_, line, expected) => {
    expect(isCandidate(bytes(line))).toBe(expected);
  });
});
