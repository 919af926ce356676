import { expect, test } from 'vitest';
import { isConversation, type Meaning, understand } from '../../../src/client/dashboard/sync/understanding.ts';

const present = { used: 350_400, total: 1_000_000 };
const value = (tokens: number, increment: number, rest: object = {}) => ({
  kind: 'value',
  tokens,
  increment,
  isLower: false,
  isRounded: false,
  otherTotal: undefined,
  ...rest,
});

const cases: readonly (readonly [text: string, meaning: Meaning, expected: object])[] = [
  ['', 'manual', { kind: 'nothing' }],
  ['  \n', 'manual', { kind: 'nothing' }],
  ['365,400', 'manual', value(365_400, 15_000)],
  ['36.54万', 'manual', value(365_400, 15_000)],
  ['350,400', 'manual', value(350_400, 0)],
  ['350K', 'manual', value(350_000, 0, { isRounded: true })],
  ['350K', 'correction', value(350_000, 0, { isRounded: true })],
  ['350,000', 'manual', value(350_000, 350_000, { isLower: true })],
  ['350,000', 'correction', value(350_000, -400, { isLower: true })],
  ['400,000', 'correction', value(400_000, 49_600)],
  ['400,000 / 1,000,000 tokens', 'manual', value(400_000, 49_600)],
  ['400,000 / 2,000,000 tokens', 'manual', value(400_000, 49_600, { otherTotal: 2_000_000 })],
  ['-5', 'manual', { kind: 'refused', text: expect.objectContaining({ en: 'a token value cannot be negative' }) }],
  ['350.5', 'manual', { kind: 'refused', text: expect.objectContaining({ zh: 'Token 必须是整数' }) }],
];

test.each(cases)('the dialog understands %j as %s', (text, meaning, expected) => {
  expect(understand(text, present, meaning)).toEqual(expected);
});

test.each([
  ['a short text', 'not a figure', false],
  ['a figure among its words', `${'the counter of my editor says '.repeat(3)}350,000 tokens used`, false],
  ['two figures in a long text', 'It took 120000 of them, and then 350000 more. '.repeat(3), true],
  ['a short text of two speakers', 'User: how do I sort?\n\nAssistant: use sort()', true],
  ['the same in Chinese', '用户：怎么排序？\n\n助手：用 sort()', true],
  ['with marks around the names', '**You**: sort 1,000 words\n\n**Claude:** use sort()', true],
  ['as a web page is copied', 'You said:\nhow do I sort?\nChatGPT said:\nuse sort()', true],
  ['of one speaker who asks twice', 'User: how do I sort?\nUser: and how fast?', false],
  ['a figure beside names', 'User: 350,000 tokens used', false],
  ['a figure whose label holds a name', 'Data: 350,000\nMeme: you', false],
  ['a question and its answer', '如何把一个列表按照长度排序？\n可以用内置函数，并且给它一个键。'.repeat(4), true],
])('a paste is told to be a conversation or a value: %s', (_, text, expected) => {
  expect(isConversation(text)).toBe(expected);
});

test('of a budget that adds up nothing is foretold: its figure is no counter’s', () => {
  const present = { used: 20_000, total: 1_000_000, isSum: true };

  expect(understand('1,000,000', present)).toEqual({
    kind: 'value',
    tokens: 1_000_000,
    increment: undefined,
    isLower: false,
    isRounded: false,
    otherTotal: undefined,
  });
  expect(understand('15K', present)).toMatchObject({ isLower: false, isRounded: false });
});
