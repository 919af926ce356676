import { describe, expect, test } from 'vitest';
import { decodeText } from '../../src/shared/text-encoding.ts';

const VALUE = '33353030303020';

describe('a file is read as', () => {
  test.each([
    ['UTF-8', '350000 完成\n', Buffer.from('350000 完成\n')],
    ['UTF-8 with its mark', '350000\n', Buffer.from('\ufeff350000\n')],
    ['UTF-16 with its mark', '350000 完成\n', Buffer.from('\ufeff350000 完成\n', 'utf16le')],
    ['UTF-16 with the mark of the other order', '35\n', Buffer.from('feff00330035000a', 'hex')],
    ['GBK', '350000 完成架构设计\n', Buffer.from(`${VALUE}cdeab3c9bcdcb9b9c9e8bcc60a`, 'hex')],
    ['GBK beside Latin', '350000 修复bug\n', Buffer.from(`${VALUE}d0deb8b46275670a`, 'hex')],
    ['GBK with one Han character', '350000 好\n', Buffer.from(`${VALUE}bac30a`, 'hex')],
    [
      'GBK with figures of full width',
      '３５００００，完成\r\n',
      Buffer.from('a3b3a3b5a3b0a3b0a3b0a3b0a3accdeab3c90d0a', 'hex'),
    ],
  ])('a file of %s is read', (_, text, bytes) => {
    expect(decodeText(bytes)).toEqual({ text });
  });
});

describe('a file is not guessed at when it is', () => {
  test.each([
    ['Big5', 'a7b9a6a8ac5bba63b35dad700a'],
    ['Big5 with one character', 'a66e0a'],
    ['Shift-JIS', '90dd8c7682aa8f4982ed82c182bd0a'],
    ['Shift-JIS without kana', '8aae97b90a'],
    ['EUC-JP', 'c0dfb7d7a4acbdaaa4efa4c3a4bf0a'],
    ['EUC-KR', 'bcb3b0e820bfcfb7e10a'],
    ['EUC-KR of more syllables', 'c5d7bdbac6aeb8a620b0edc3c6b4d90a'],
    ['cp1252, where GBK has no such pair', '7465726d696ee90a'],
    ['cp1252, where GBK has one', '6e61ef7665206661e76164650a'],
    ['cp1250, where it is a common character', '7573756eb9e60a'],
    ['cp1251', 'e0f0f5e8f2e5eaf2f3f0e020e3eef2eee2e00a'],
  ])('a file of %s is refused, and not guessed at', (_, hex) => {
    expect(decodeText(Buffer.from(VALUE + hex, 'hex'))).toEqual({ fault: 'unknown' });
  });

  test.each([
    ['UTF-16, little end first', '330035003000300030003000200064006f006e0065000a00'],
    ['UTF-16, big end first', '00330035003000300030003000200064006f006e0065000a'],
    ['UTF-16 with Han, little end first', '33003500300030003000300020008c5b10620a00'],
    ['UTF-16 with Han, big end first', '00330035003000300030003000205b8c6210000a'],
  ])('a file of %s without its mark is refused by its name', (_, hex) => {
    expect(decodeText(Buffer.from(hex, 'hex'))).toEqual({ fault: 'utf-16' });
  });

  test.each([
    ['what a power cut leaves', Buffer.alloc(8)],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13])],
    ['bytes of all kinds', Buffer.from([0, 1, 2, 0xff, 0xfe, 0x80])],
  ])('%s: no text', (_, bytes) => {
    expect(decodeText(bytes)).toEqual({ fault: 'no_text' });
  });
});
