import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visibleJson, visibleLine, visibleText } from '../../src/shared/visible-text.ts';

test.each([
  ['a colour', '\x1b[31mred\x1b[0m', '\\u001b[31mred\\u001b[0m'],
  ['a control sequence of one character', '\u009b2J', '\\u009b2J'],
  ['a bell, a backspace and a delete', 'a\x07b\bc\x7f', 'a\\u0007b\\u0008c\\u007f'],
  ['a return to the beginning of the line', 'false\rtrue', 'false\\u000dtrue'],
  ['an override of the direction', 'exe\u202etxt', 'exe\\u202etxt'],
  ['an isolate and a mark of direction', '\u2066a\u2069\u200e\u200f\u061c', '\\u2066a\\u2069\\u200e\\u200f\\u061c'],
  ['what has no width', 'pay\u200bment\u2060s\ufeff\u00ad', 'pay\\u200bment\\u2060s\\ufeff\\u00ad'],
  ['a joiner between Latin letters', 'a\u200db\u200cc', 'a\\u200db\\u200cc'],
  ['a joiner at the end of an Arabic word', '\u0645\u200c', '\u0645\\u200c'],
  ['another form of a sign of ASCII', '<\ufe00', '<\\ufe00'],
  ['an ideographic form behind a Latin letter', 'a\ufe00', 'a\\ufe00'],
  ['ends of lines that not everybody knows', 'a\u2028b\u2029c\x85', 'a\\u2028b\\u2029c\\u0085'],
  ['hidden text in tags', 'a\u{e0041}\u{e0042}', 'a\\udb40\\udc41\\udb40\\udc42'],
  ['half a character', 'a\ud800', 'a\\ud800'],
])('%s is shown and steers nothing', (_, text, shown) => {
  expect(visibleText(text)).toBe(shown);
  expect(visibleLine(text).includes('\n')).toBe(false);
});

test.each([
  ['lines, columns and the ends of lines of a document', 'a\tb\nc\r\nd'],
  ['Chinese and its punctuation', '✅ Token已更新：350,000（35.0%）'],
  ['emoji of several, in a colour of skin and on a key', '👩‍💻 👍🏽 ⚠️ 1️⃣ ❤️‍🔥 🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
  ['Persian, Hindi and Mongolian', 'می‌خواهم क्‍ष ᠠ᠋'],
  ['a joiner at the end of a word in Malayalam, Hindi and Bengali', 'അവന്\u200d വന്\u200c, क्\u200d ক্\u200c'],
  ['letters of Myanmar and signs of mathematics in another form', 'က\ufe00 ∩\ufe00'],
  ['Arabic and Hebrew', 'مرحبا שלום'],
  ['an ideograph in another form', '葛󠄀'],
  ['accents', 'é e\u0301'],
])('%s stay as they are', (_, text) => {
  expect(visibleText(text)).toBe(text);
});

test('a value that has one line gets no second one', () => {
  expect(visibleLine(' a\r\nb\u2028c\td\n')).toBe('a b c d');
});

test('JSON keeps its value, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = visibleJson({ [text]: text });
      expect(JSON.parse(json)).toEqual({ [text]: text });
      expect(json).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      expect(visibleText(json)).toBe(json);
    }),
  );
});
