import { expect, test } from 'vitest';
import { isUnfinished } from '../../../../src/daemon/sources/drop-folder/dropped-names.ts';

test.each([
  '.hidden',
  '.syncthing.token.txt.tmp',
  'token.txt~',
  'token.tmp',
  '8A1F0000.TMP',
  'token.temp',
  'token.part',
  'token.txt.partial',
  'Unconfirmed 123.crdownload',
  'token.opdownload',
  'token.txt.download',
  'token.baiduyun.p.downloading',
  'token.txt.xltd',
  'token.txt.filepart',
  'token.txt.aria2',
  'token.txt.!sync',
  'token.txt.!ut',
  'token.txt.!qB',
  '~$token.docx',
  '#token.txt#',
])('a file named %s is still being written', (name) => {
  expect(isUnfinished(name)).toBe(true);
});

test.each([
  'token',
  'token.txt',
  'tmp',
  'part',
  'download',
  '#1.txt',
  '~token',
  'a.parts',
  'token.sync-conflict-2026.txt',
  '令牌',
])('a file named %s is whole', (name) => {
  expect(isUnfinished(name)).toBe(false);
});
