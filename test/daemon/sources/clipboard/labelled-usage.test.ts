import { expect, test } from 'vitest';
import { isLabelledUsage } from '../../../../src/daemon/sources/clipboard/labelled-usage.ts';

test.each([
  '350,000 tokens used',
  'Token: 350000',
  'token: 57',
  '已使用 350,000 tokens',
  '已使用：35万 token',
  '350K tokens used\n',
  '350,000 / 1,000,000 tokens',
  '350K/1M tokens used (35%)',
  '  Token usage: 350,000 / 1,000,000 (35.0%)  ',
  'Tokens used: 1.2M',
  '"350,000 tokens used"',
  '３５０，０００ tokens used',
  'Cursor: 350,000 tokens used',
  'You have used 350,000 tokens this month',
  'Your token usage: 350,000',
  'Your tokens: 350,000',
  '350 000 / 1 000 000 tokens (35%)',
  '已使用 35%：350_000 tokens',
])('%j is recorded as a labelled usage', (text) => {
  expect(isLabelledUsage(text)).toBe(true);
});

test.each([
  ['a bare number', '350000'],
  ['a bare number with a unit', '350K'],
  ['a bare pair', '350,000 / 1,000,000'],
  ['nothing', ''],
  ['two figures', '300,000 tokens used, then 350,000 tokens used'],
  ['what is left', '350,000 tokens remaining'],
  ['what you have', 'You have 650,000 tokens'],
  ['a limit', 'max_tokens: 4096'],
  ['a figure beside a count', 'I used 407000 tokens yesterday and 5 apples'],
  ['a figure beside a year', 'Nov 2025 350,000 tokens used'],
  ['a figure beside a version', 'Claude 3.5: 350,000 tokens used'],
  ['a figure beside two percentages', '350,000 tokens used (35%, 40% before)'],
  ['a figure beside a number in a circle', '350,000 tokens used ③'],
  ['code', 'const maxTokens = 4096;'],
  ['a sentence about something else', 'The model was trained on 350,000 tokens of poetry'],
  ['a price list', 'it costs $5 for 350,000 tokens'],
  ['an article that tells a figure once', `${'Lorem ipsum dolor sit amet. '.repeat(110)}350,000 tokens used`],
  ['a long line', `350,000 tokens used ${'.'.repeat(120)}`],
  ['many lines', 'Token: 350000\na\nb\nc'],
  ['a one-time code', 'Your login token: 482913'],
  ['a one-time code in Chinese', '验证码 Token：482913'],
  ['a code', 'Your token is 482913'],
  ['a code in Chinese', '令牌：482913'],
  ['the token of a session', 'session token: 445566'],
  ['an access token', 'Access token: 83746291'],
  ['a setting', 'TOKEN=123456'],
  ['an exported setting', 'export TOKENS="123456"'],
  ['a password', 'password Token: 12345678'],
  ['a password beside a figure', 'hunter2hunter2 350,000 tokens used'],
  ['a key beside a figure', 'sk-a8f1c0de99 350,000 tokens used'],
  ['a count of tokens beside other words', '350,000 tokens, hello dear Bob'],
  ['a count of tokens beside a name', 'Claude: 350,000 tokens'],
  ['a usage beside what is left', '350,000 tokens used, 650,000 left'],
  ['a figure beside much else', '350,000 tokens used by Alice and Bob for project X'],
])('%s is no labelled usage', (_, text) => {
  expect(isLabelledUsage(text)).toBe(false);
});
