import { describe, expect, test } from 'vitest';
import { recordReading } from '../../../../src/daemon/rules/record.ts';
import { EMPTY } from '../../../../src/daemon/rules/snapshot.ts';
import {
  encodeLine,
  isCheckpoint,
  LEDGER_FORMAT,
  NO_PREVIOUS,
} from '../../../../src/daemon/store/ledger/ledger-line.ts';
import { type Scan, scanSegment } from '../../../../src/daemon/store/ledger/ledger-scan.ts';
import { readingOf, snapshotOf } from '../../rules/readings.ts';

const NAMES = ['checkpoint', 'a', 'b', 'c'];

/** A segment of a checkpoint and three batches, and where each line ends. */
function segment(v = LEDGER_FORMAT) {
  const parts: Buffer[] = [];
  const ends: number[] = [];
  let previous = NO_PREVIOUS;
  for (const name of NAMES) {
    const reading = readingOf('auto', 5, { id: name, event: '完成' });
    const line =
      name === 'checkpoint'
        ? { v, previous, view: '', checkpoint: EMPTY, document: '{}' }
        : { v, previous, view: '', changes: [recordReading(snapshotOf(0), reading, 'rpc', 0)] };
    const { bytes, crc } = encodeLine(line);
    previous = crc;
    parts.push(bytes);
    ends.push((ends.at(-1) ?? 0) + bytes.length);
  }
  return { bytes: Buffer.concat(parts), parts, ends };
}

function namesIn({ lines }: Scan): string[] {
  return lines.map(({ line }) => {
    if (isCheckpoint(line)) return 'checkpoint';
    const [change] = line.changes;
    return change?.kind === 'reading' ? change.reading.id : '?';
  });
}

const { bytes, parts, ends } = segment();

describe('scanning a segment', () => {
  test('a scan finds every line, and where it lies', () => {
    const scan = scanSegment(bytes);

    expect(namesIn(scan)).toEqual(NAMES);
    expect(scan.lines.map(({ end }) => end + 1)).toEqual(ends);
    expect(scan).toMatchObject({ wholeBytes: bytes.length, hasTornTail: false, hasDamage: false, isNewer: false });
  });

  test('a scan of a segment cut at any byte gives back the lines before the cut and takes the rest for torn', () => {
    for (let length = 1; length <= bytes.length; length++) {
      const scan = scanSegment(bytes.subarray(0, length));
      const whole = ends.filter((end) => end <= length);
      expect([length, namesIn(scan)]).toEqual([length, NAMES.slice(0, whole.length)]);
      expect(scan.wholeBytes).toBe(whole.at(-1) ?? 0);
      expect(scan.hasTornTail).toBe(!ends.includes(length));
      // Of a segment whose very checkpoint is cut off nothing is whole.
      expect(scan.hasDamage).toBe(whole.length === 0);
    }
  });

  test('a scan of a segment with any bit flipped loses at most the line that the bit is in, and says so', () => {
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(bytes);
        flipped[at]! ^= 1 << bit;
        const hit = ends.findIndex((end) => at < end);
        // A flipped newline belongs to no line: both beside it are whole.
        const isNewline = at === ends[hit]! - 1;
        const scan = scanSegment(flipped);
        expect([at, bit, namesIn(scan)]).toEqual([at, bit, isNewline ? NAMES : NAMES.toSpliced(hit, 1)]);
        expect([at, bit, scan.hasDamage]).toEqual([at, bit, true]);
      }
    }
  });

  test.each<[string, Buffer, string[]]>([
    ['a line is missing', Buffer.concat([parts[0]!, parts[1]!, parts[3]!]), ['checkpoint', 'a', 'c']],
    ['two lines changed places', Buffer.concat([parts[0]!, parts[2]!, parts[1]!]), ['checkpoint', 'b', 'a']],
    [
      'something else stands between',
      Buffer.concat([parts[0]!, Buffer.from('hello\n'), parts[1]!]),
      ['checkpoint', 'a'],
    ],
    ['an empty line stands between', Buffer.concat([parts[0]!, Buffer.from('\n'), parts[1]!]), ['checkpoint', 'a']],
    [
      'the last line is zeros with a newline',
      Buffer.concat([parts[0]!, Buffer.alloc(50), Buffer.from('\n')]),
      ['checkpoint'],
    ],
    ['it is something else', Buffer.from('{"token_usage":{}}\n'), []],
  ])('a scan reports damage when %s', (_, damaged, names) => {
    const scan = scanSegment(damaged);

    expect(namesIn(scan)).toEqual(names);
    expect(scan.hasDamage).toBe(true);
  });

  test('a scan tells whether the checkpoint is there', () => {
    expect(scanSegment(Buffer.concat(parts.slice(1)))).toMatchObject({ hasDamage: false, isHeadless: true });
    expect(scanSegment(bytes).isHeadless).toBe(false);
  });

  test('a scan takes zeros behind the last line, as a power cut leaves them, for a torn tail', () => {
    const scan = scanSegment(Buffer.concat([bytes, Buffer.alloc(4_096)]));

    expect(scan).toMatchObject({ wholeBytes: bytes.length, hasTornTail: true, hasDamage: false });
  });

  test('a scan finds nothing in an empty file, and no damage either', () => {
    expect(scanSegment(Buffer.alloc(0))).toEqual({
      lines: [],
      wholeBytes: 0,
      hasTornTail: false,
      hasDamage: false,
      hasLoss: false,
      lostAtEnd: 0,
      isHeadless: false,
      isNewer: false,
    });
  });

  test('a scan recognizes a line of a later version', () => {
    expect(scanSegment(segment(LEDGER_FORMAT + 1).bytes)).toMatchObject({ isNewer: true, lines: [] });
    expect(scanSegment(Buffer.concat([bytes, segment(LEDGER_FORMAT + 1).parts[1]!]))).toMatchObject({ isNewer: true });
  });
});
