import { expect, test } from 'vitest';
import { displayWidth, fitWidth, padWidth } from '../../../../src/client/cli/show/display-width.ts';

test.each([
  ['abc', 3],
  ['架构', 4],
  ['ａ', 2],
  ['🎉', 2],
  ['⚠️', 2],
  ['👩‍💻', 2],
  ['e\u0301', 1],
  ['…', 1],
  ['', 0],
])('%j fills %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['架构设计', 6, '架构…'],
  ['架构设计', 5, '架构…'],
])('%j fits into %i columns as %j', (text, width, fitted) => {
  expect(fitWidth(text, width)).toBe(fitted);
});

test('fills up with spaces on either side', () => {
  expect(padWidth('架', 4)).toBe('架  ');
  expect(padWidth('架', 4, 'left')).toBe('  架');
});
