import { expect, test } from 'vitest';
import { nameConversation, takeConversation } from '../../src/shared/conversation-name.ts';

test.each([
  ['fix the parser #design', 'fix the parser', 'design'],
  ['完成架构设计 #网页重构', '完成架构设计', '网页重构'],
  ['完成　＃设计 ', '完成', '设计'],
  ['two lines\n#web-refactor', 'two lines', 'web-refactor'],
  ['#docs-2026', '', 'docs-2026'],
  ['a #one #two', 'a #one', 'two'],
  ['完成 #设计。', '完成', '设计'],
  ['fix #123', 'fix #123', undefined],
  ['PR #12345', 'PR #12345', undefined],
  ['learn C#', 'learn C#', undefined],
  ['issue#design', 'issue#design', undefined],
  ['the #design of it', 'the #design of it', undefined],
  ['say "#design"', 'say "#design"', undefined],
  ['say "the #design"', 'say "the #design"', undefined],
  ['a # b', 'a # b', undefined],
  ['a #', 'a #', undefined],
  ['', '', undefined],
])('%j is %j in the conversation %j', (whole, text, conversation) => {
  expect(takeConversation(whole)).toEqual({ text, ...(conversation && { conversation }) });
});

test.each([
  [
    { value: '350000', event: 'done #design' },
    { value: '350000', event: 'done', conversation: 'design' },
  ],
  [
    { value: '350,000 tokens used #design', event: '' },
    { value: '350,000 tokens used', event: '', conversation: 'design' },
  ],
  [
    { value: '350000', event: '#design' },
    { value: '350000', event: '', conversation: 'design' },
  ],
  [
    { value: '350000', event: 'fix #123' },
    { value: '350000', event: 'fix #123' },
  ],
  [
    { value: '#design', event: 'done' },
    { value: '#design', event: 'done' },
  ],
  [
    { value: 'token #350000', event: '' },
    { value: 'token #350000', event: '' },
  ],
])('%j is understood as %j', (entry, named) => {
  expect(nameConversation(entry)).toEqual(named);
});

test('a long text is read once', () => {
  const long = `${' a'.repeat(500_000)} #design`;
  expect(takeConversation(long).conversation).toBe('design');
});
