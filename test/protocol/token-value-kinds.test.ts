import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitDropText, understandDropText } from '../../src/daemon/sources/drop-folder/drop-content.ts';
import { splitValueLine } from '../../src/protocol/token-value/value-line.ts';
import { explainRefusal, parseTokenValue } from '../../src/protocol/token-value.ts';
import { ACCEPTED, ADORNMENTS, FOREIGN_WORDS, REFUSED } from './token-value-kinds.cases.ts';

describe.each(Object.entries(ACCEPTED))('a figure %s', (_, rows) => {
  test.each(rows.map(([text, tokens, total]) => ({ text, tokens, total })))('$text', ({ text, tokens, total }) => {
    expect(parseTokenValue(text)).toMatchObject({ ok: true, tokens, ...(total !== undefined && { total }) });
  });
});

describe.each(Object.entries(REFUSED))('%s', (_, texts) => {
  test.each(texts)('the line %j is refused', (text) => expect(parseTokenValue(text).ok).toBe(false));
});

const FIGURES = ['350,000', '350000', '350K', '1.2M', '35万', '35 万', '12,345', '３５０，０００'];

describe.each(Object.entries(FOREIGN_WORDS))('a figure whose words say %s is refused', (_, { before, after }) => {
  const texts = FIGURES.flatMap((figure) => [
    ...before.flatMap((words) => [`${words}${figure}`, `${words}${figure} tokens`]),
    ...after.map((words) => `${figure}${words}`),
  ]);
  test.each(texts)('%j', (text) => expect(parseTokenValue(text).ok).toBe(false));
});

const figure = fc
  .tuple(fc.integer({ min: 10_000, max: 999_999_999 }), fc.constantFrom('', ',', ' ', '_'))
  .map(([tokens, separator]) => ({ tokens, text: String(tokens).replace(/\B(?=(?:\d{3})+$)/g, separator) }));
const label = fc.constantFrom<readonly [string, string]>(
  ['', ' tokens used'],
  ['Tokens used: ', ''],
  ['已使用 ', ' tokens'],
  ['Token 用量：', ''],
  ['You have used ', ' tokens'],
  ['本次对话已使用 ', ' 个 token'],
);

test('a labelled figure is read exactly, whatever of a time, a name, a percentage or a colour stands beside it', () => {
  fc.assert(
    fc.property(figure, label, fc.constantFrom(...ADORNMENTS), ({ tokens, text }, [before, after], [first, last]) => {
      expect(parseTokenValue(first + before + text + after + last)).toMatchObject({ ok: true, tokens, labelled: true });
    }),
    { numRuns: 3000 },
  );
});

test('a figure beside a word that is not understood is refused by every way in, and the word is named', () => {
  const word = fc.stringMatching(/^[bcdfghjklmnpqrstvwxz]{5,9}$/);
  fc.assert(
    fc.property(figure, word, fc.boolean(), ({ text }, strange, isAfter) => {
      const beside = isAfter ? `${text} ${strange}` : `${strange} ${text}`;
      expect(parseTokenValue(beside)).toMatchObject({ ok: false, reason: 'not_understood' });
      expect(explainRefusal(beside).en).toContain(`"${strange}"`);
      expect(explainRefusal(beside).zh).toContain(`“${strange}”`);
    }),
  );
});

const texts = [
  ...Object.values(ACCEPTED).flatMap((rows) => rows.map(([text]) => text)),
  ...Object.values(REFUSED).flat(),
];

test('marks that are not seen change no verdict', () => {
  const mark = fc.constantFrom('\u200b', '\u200e', '\u202e', '\ufeff', '\u2066', '\u00ad', '\x1b[1m', '\x1b[0;32m');
  fc.assert(
    fc.property(fc.constantFrom(...texts), mark, fc.nat(200), (text, unseen, at) => {
      fc.pre(!text.includes('\x1b') && !/\[\d*m/.test(text));
      const chars = [...text];
      const marked = [...chars.slice(0, at), unseen, ...chars.slice(at)].join('');
      expect(parseTokenValue(marked)).toEqual(parseTokenValue(text));
    }),
    { numRuns: 2000 },
  );
});

test.each(texts.filter((text) => !text.includes('\n') && !/^[[{]/.test(text)).map((text) => [text]))(
  'as a line, %j tells nothing else than in any other way in',
  (line) => {
    const { value, event } = splitValueLine(line);
    const [asLine, elsewhere] = [parseTokenValue(value), parseTokenValue(line)];
    if (elsewhere.ok) expect(asLine).toMatchObject({ ok: true, tokens: elsewhere.tokens });
    // Only a figure with an event is a line that no other way in takes.
    else if (asLine.ok) expect(line).toBe(`${value} ${event}`);
    else expect(asLine).toEqual(elsewhere);
  },
);

describe('a line of a drop-file', () => {
  test.each([
    ['5m: 350K tokens used', 350_000, undefined],
    ['12 tool uses · 350.2k tokens', 350_200, undefined],
    ['1. 350,000 tokens used', 350_000, undefined],
    ['35 w 完成架构', 350_000, '完成架构'],
    ['350000 完成 12', 350_000, '完成 12'],
    ['350000 12 tests pass', 350_000, '12 tests pass'],
    ['350000 cache layer', 350_000, 'cache layer'],
    ['350000 budget page done', 350_000, 'budget page done'],
    ['350000 修复输入框', 350_000, '修复输入框'],
    ['"350000 architecture done"', 350_000, 'architecture done'],
    ["'350,000 tokens used'", 350_000, undefined],
    ['350,000 tokens used · 65% remaining', 350_000, undefined],
    ['350,000 tokens used · 120 tokens/min', 350_000, undefined],
    ['350,000 tokens used in 3 chats', 350_000, undefined],
    ['350.2k tokens · 12 tool uses · 5m 3s', 350_200, undefined],
    ['350000 )', 350_000, undefined],
    ['350000 12 files', 350_000, '12 files'],
    ['350000 task 12', 350_000, 'task 12'],
    ['350000 a day of fixes', 350_000, 'a day of fixes'],
    ['350000 paid $3', 350_000, 'paid $3'],
    ['350000 100% done', 350_000, '100% done'],
    ['“35万 完成”', 350_000, '完成'],
  ])('the line %j has its value and its event', (line, tokens, event) => {
    const [reading] = understandDropText(splitDropText(Buffer.from(line)));
    expect(parseTokenValue(String(reading!.offered.tokens))).toMatchObject({ ok: true, tokens });
    expect(reading!.offered.event).toBe(event);
  });

  test.each([
    '20251118 350000',
    '650000 剩余',
    '1,000,000 token limit',
    '300000 to 350000',
    '350000 fixed bug 12345',
    '350000 12',
    '350000 in, 678 out',
    '650,000 left for Bob',
    '138 1234 5678',
    '5m refactor',
    '5 万圣节',
    '1. foo',
  ])('the line %j is refused', (line) => expect(() => understandDropText(splitDropText(Buffer.from(line)))).toThrow());

  test.each(['\u2028', '\u2029', '\u0085', '\v', '\f', '\r', '\n'])(
    'a line of a drop-file ends at %j, as everywhere',
    (end) => {
      const readings = understandDropText(splitDropText(Buffer.from(`350000 a${end}360000 b\n`)));
      expect(readings.map(({ offered }) => offered)).toEqual([
        { tokens: '350000', event: 'a' },
        { tokens: '360000', event: 'b' },
      ]);
      expect(parseTokenValue(`350000${end}360000`)).toMatchObject({ ok: false, reason: 'ambiguous' });
    },
  );

  test('a drop-file of JSON keeps the line ends of Unicode inside its texts', () => {
    const readings = understandDropText(splitDropText(Buffer.from('{"tokens":5,"event":"a\u2028b"}\n{"tokens":6}\n')));
    expect(readings.map(({ offered }) => offered)).toEqual([{ tokens: 5, event: 'a\u2028b' }, { tokens: 6 }]);
  });
});
