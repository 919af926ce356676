import { describe, expect, test } from 'vitest';
import { isCandidate } from '../../../../src/daemon/meters/forms/claude-line.ts';
import { assistant, bytes, read, USAGE } from './claude-lines.ts';

describe('whether a line of Claude Code is understood', () => {
  test.each<[string, unknown]>([
    ['a message that the tool wrote itself', assistant(USAGE, { model: '<synthetic>' })],
    ['a message without a usage', assistant(null)],
    ['what a sub-agent used in all', { type: 'user', message: { content: [] }, toolUseResult: { usage: USAGE } }],
    ['the same, wrapped', { type: 'progress', data: { message: { type: 'user', toolUseResult: { usage: USAGE } } } }],
  ])('%s tells no count, rightly', (_, line) => {
    expect(read(line)).toEqual({ outcome: 'nothing', observations: [] });
  });

  test.each<[string, unknown]>([
    ['a usage elsewhere', { type: 'assistant', message: { id: 'msg-1' }, usage: USAGE }],
    ['a usage without any class', assistant({})],
    ['a usage whose classes have other names', assistant({ inputTokens: 3, outputTokens: 4 })],
    ['a usage whose classes are no counts', assistant({ input_tokens: 'many', output_tokens: -1 })],
    ['a usage that is a list', assistant([1, 2])],
    ['a sum that no number tells', assistant({ input_tokens: 2 ** 53 - 1, output_tokens: 1 })],
    [
      'iterations that no number tells',
      assistant({ iterations: [{ input_tokens: 2 ** 53 - 1 }, { input_tokens: 1 }] }),
    ],
    ['a line whose end is cut off', JSON.stringify(assistant()).slice(0, -20)],
    ['a line whose beginning is cut off', JSON.stringify(assistant()).slice(20)],
    ['two lines run together', JSON.stringify(assistant()).slice(0, 99) + JSON.stringify(assistant())],
    ['a line with a NUL in it', JSON.stringify(assistant()).replace('"usage"', '\0"usage"')],
    ['a list', [assistant()]],
    ['a text', JSON.stringify('"usage"')],
  ])('%s is not understood', (_, line) => {
    expect(read(line)).toEqual({ outcome: 'not_understood', observations: [] });
  });

  test('a usage of 0 in every class is understood, and no call', () => {
    expect(read(assistant({ input_tokens: 0, output_tokens: 0 }))).toEqual({ outcome: 'counted', observations: [] });
  });

  test('a line after the NULs that a crash left, or after a byte order mark, is read', () => {
    const line = JSON.stringify(assistant());
    expect(read(`${'\0'.repeat(4096)}${line}`)).toEqual(read(line));
    expect(read(`\ufeff${line}`)).toEqual(read(line));
    expect(read(`${line}\r`)).toEqual(read(line));
  });

  test('a line of 20 MB is read like any other', () => {
    const line = assistant(USAGE, { content: [{ type: 'text', text: 'x"\n'.repeat(5e6) }] });
    expect(read(line)).toEqual(read(assistant()));
  });

  test('a line of a million brackets is not understood', () => {
    expect(read(`{"usage":${'['.repeat(1e6)}`).outcome).toBe('not_understood');
    expect(read(`{"usage":${'['.repeat(1e6)}${']'.repeat(1e6)}}`).outcome).toBe('not_understood');
  });
});

describe('a candidate of Claude Code', () => {
  test.each<[string, unknown, boolean]>([
    ['a message', assistant(), true],
    ['an indented message', JSON.stringify(assistant(), null, 1), true],
    ['a message with a usage elsewhere', { type: 'assistant', usage: 1 }, true],
    ['what a user wrote', { type: 'user', message: { content: 'see "usage":{"input_tokens":3}' } }, false],
    ['a summary', { type: 'summary', summary: 'our usage' }, false],
    ['nothing', '', false],
  ])('of %s it is %j', (_, line, expected) => {
    expect(isCandidate(bytes(line))).toBe(expected);
  });
});
