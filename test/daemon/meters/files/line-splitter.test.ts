import { expect, test } from 'vitest';
import { LineSplitter } from '../../../../src/daemon/meters/files/line-splitter.ts';

const MIB = 1024 * 1024;

test('of a line without an end no more is kept than the longest that is told', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line.toString()), 0);
  const chunk = Buffer.alloc(MIB / 4, 'x');
  const before = process.memoryUsage().arrayBuffers;
  for (let piece = 0; piece < 4 * 128; piece += 1) splitter.push(chunk);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * MIB);
  splitter.push(Buffer.from('x\nnext\n'));
  expect({ lines, skipped: splitter.skipped, offset: splitter.offset }).toEqual({
    lines: ['next'],
    skipped: 1,
    offset: 128 * MIB + 7,
  });
});
