import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordReading } from '../../../../src/daemon/rules/record.ts';
import { EMPTY } from '../../../../src/daemon/rules/snapshot.ts';
import {
  type BatchLine,
  type CheckpointLine,
  decodeLine,
  encodeLine,
  isCheckpoint,
  LEDGER_FORMAT,
  lineStarts,
  NO_PREVIOUS,
} from '../../../../src/daemon/store/ledger/ledger-line.ts';
import { readingOf, snapshotOf } from '../../rules/readings.ts';

const checkpoint: CheckpointLine = {
  v: LEDGER_FORMAT,
  previous: NO_PREVIOUS,
  view: 'abc',
  checkpoint: EMPTY,
  document: '{"n":1.0}',
};

function batch(event: string): BatchLine {
  const change = recordReading(snapshotOf(0), readingOf('auto', 5, { event }), 'rpc', 0);
  return { v: LEDGER_FORMAT, previous: '0123abcd', view: 'def', changes: [change] };
}

const withoutNewline = (bytes: Buffer) => bytes.subarray(0, -1);

describe('a line', () => {
  test('a ledger line is one line of JSON, whatever the event holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\n\r\u2028{"crc":"00000000",')), (event) => {
        const { bytes, crc } = encodeLine(batch(event));
        expect(bytes.indexOf(0x0a)).toBe(bytes.length - 1);
        expect(JSON.parse(bytes.toString('utf8')).crc).toBe(crc);
        expect(decodeLine(withoutNewline(bytes))).toEqual({ ok: true, crc, line: batch(event) });
        expect(lineStarts(bytes)).toEqual([0]);
      }),
    );
  });

  test('a ledger line is the same when it is written again after it was read', () => {
    const { bytes } = encodeLine(batch('x'));
    const decoded = decodeLine(withoutNewline(bytes));

    expect(decoded.ok && encodeLine(decoded.line).bytes.toString()).toBe(bytes.toString());
  });

  test('a checkpoint is told from a batch', () => {
    expect([isCheckpoint(checkpoint), isCheckpoint(batch(''))]).toEqual([true, false]);
  });

  test('a ledger line is refused when any one bit of it is flipped', () => {
    const { bytes } = encodeLine(batch('完成架构设计 "quoted"'));
    for (let bit = 0; bit < (bytes.length - 1) * 8; bit++) {
      const flipped = Buffer.from(withoutNewline(bytes));
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect([bit, decodeLine(flipped)]).toEqual([bit, { ok: false, newerFormat: false }]);
    }
  });

  test('a ledger line is refused at every length but its own', () => {
    const whole = withoutNewline(encodeLine(checkpoint).bytes);
    for (let length = 0; length < whole.length; length++) {
      expect(decodeLine(whole.subarray(0, length)).ok).toBe(false);
    }
    expect(decodeLine(Buffer.concat([whole, Buffer.from(' ')])).ok).toBe(false);
  });

  test('a line of a later format is recognized, and only when it is undamaged', () => {
    const { bytes } = encodeLine({ ...batch('x'), v: LEDGER_FORMAT + 1 });

    expect(decodeLine(withoutNewline(bytes))).toEqual({ ok: false, newerFormat: true });
    bytes[30]! ^= 1;
    expect(decodeLine(withoutNewline(bytes))).toEqual({ ok: false, newerFormat: false });
  });

  test.each(['', '{}', 'null', '350000', '{"crc":"00000000","v":1}', '{"crc":"","v":1}', '\0'.repeat(100)])(
    'a ledger line is not %j',
    (text) => {
      expect(decodeLine(Buffer.from(text))).toEqual({ ok: false, newerFormat: false });
    },
  );
});
