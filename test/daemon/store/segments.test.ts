import { readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Segments } from '../../../src/daemon/store/segments.ts';
import { temporaryFolder } from './opened-store.ts';

/** Around what is read at once, and many times that. */
const LENGTHS = [0, 1, 65_535, 65_536, 65_537, 300_000, 5];

test('the first line is read whole, however long it and the one before were, with or without another behind it', () => {
  const segments = new Segments(temporaryFolder());
  for (const behind of ['', '\n', `\nbehind\n`, `\n${'behind'.repeat(50_000)}\n`]) {
    for (const length of LENGTHS) {
      const head = 'é'.repeat(length);
      writeFileSync(segments.path(1), head + behind);
      expect(segments.readHead(1).toString() === head).toBe(true);
    }
  }
});

test('what was left beside a segment is read whole, however long it and the one before were', () => {
  const segments = new Segments(temporaryFolder());
  expect(segments.readBeside(1)).toBeUndefined();
  for (const length of LENGTHS) {
    const bytes = Buffer.alloc(length, 'a\nb');
    segments.writeBeside(1, bytes);
    expect(segments.readBeside(1)!.equals(bytes)).toBe(true);
    segments.giveBackRoom();
  }
});

test('however many segments are read, only the sixteen last used are kept open', () => {
  const segments = segmentsOf(100);
  for (let number = 2; number <= 100; number++) {
    expect(segments.read(number, 0, 9)?.toString()).toBe(contentOf(number));
    expect(segments.read(1, 0, 9)?.toString()).toBe(contentOf(1));
  }
  rmSync(segments.folder, { recursive: true });

  const isOpen = (number: number) => !failureOf(() => segments.read(number, 0, 9));
  const kept = Array.from({ length: 100 }, (_, index) => index + 1).filter(isOpen);
  expect(kept).toEqual([1, ...Array.from({ length: 15 }, (_, index) => 86 + index)]);
});

test.runIf(process.platform === 'linux')('what is kept open no more is closed', () => {
  const segments = segmentsOf(100);
  for (let number = 1; number <= 100; number++) segments.read(number, 0, 9);

  expect(openFilesIn(segments.folder)).toHaveLength(16);
  segments.close();
  expect(openFilesIn(segments.folder)).toEqual([]);
});

test('a segment that ends too early gives nothing', () => {
  const segments = segmentsOf(1);

  expect(segments.read(1, 0, 10)).toBeUndefined();
});

function segmentsOf(count: number): Segments {
  const segments = new Segments(temporaryFolder());
  onTestFinished(() => segments.close());
  for (let number = 1; number <= count; number++) writeFileSync(segments.path(number), contentOf(number));
  return segments;
}

function contentOf(number: number): string {
  return String(number).padStart(9, '0');
}

function failureOf(read: () => unknown): unknown {
  try {
    read();
    return undefined;
  } catch (error) {
    return error;
  }
}

function openFilesIn(folder: string): string[] {
  const paths = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(join('/proc/self/fd', fd));
    } catch {
      // The one that listed them.
      return '';
    }
  });
  return paths.filter((path) => path.startsWith(folder));
}
