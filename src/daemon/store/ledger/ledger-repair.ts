import { fsyncSync, ftruncateSync } from 'node:fs';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Warning } from '../../../protocol/methods.ts';
import { replaceFile } from '../../disk/atomic-replace.ts';
import { isDiskError } from '../../disk/storage-failure.ts';
import { type CheckpointLine, decodeLine, encodeLine, isCheckpoint } from './ledger-line.ts';
import { type Scan, type ScannedLine, scanSegment } from './ledger-scan.ts';
import type { Segments } from './segments.ts';

/** A segment that can be read, as it lies on disk. */
export interface ReadableSegment {
  readonly number: number;
  readonly scan: Scan;
  /** True when it must be mended once the state is safe in another segment. */
  readonly isBroken: boolean;
  /** True when what it gives may lack a part. */
  readonly hasLoss: boolean;
}

export interface RepairOptions {
  readonly onWarning: (warning: Warning) => void;
  readonly now: () => number;
  /** True for the segment that the state is rebuilt from. */
  readonly isLast: boolean;
}

/** Throws `storage_failed`, with nothing changed, for a ledger that a newer version goes on with: it would begin a segment of its own form. */
export function refuseNewer(segments: Segments): void {
  const last = segments.numbers().at(-1);
  const isNewer = (line: Buffer) => {
    const decoded = decodeLine(line);
    return !decoded.ok && decoded.newerFormat;
  };
  if (last !== undefined && (isNewer(segments.readHead(last)) || isNewer(lastLine(segments.readWhole(last))))) {
    throw newerLedger();
  }
}

function lastLine(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf(0x0a);
  return end <= 0 ? bytes.subarray(0, 0) : bytes.subarray(bytes.lastIndexOf(0x0a, end - 1) + 1, end);
}

/** The last segment that starts with its checkpoint: from there on the state is rebuilt; the first of all where none does. */
export function lastCheckpointed(segments: Segments, numbers: readonly number[]): number {
  return numbers.findLast((number) => checkpointOf(segments, number)) ?? numbers[0] ?? 0;
}

/** The checkpoint that a segment starts with; `undefined` where it is damaged. */
export function checkpointOf(segments: Segments, number: number): CheckpointLine | undefined {
  const head = decodeLine(segments.readHead(number));
  return head.ok && isCheckpoint(head.line) ? head.line : undefined;
}

/** Reads a segment; one in which nothing can be read is moved aside. */
export function readSegment(
  segments: Segments,
  number: number,
  { onWarning, now, isLast }: RepairOptions,
): ReadableSegment {
  const scan = scanSegment(segments.readWhole(number));
  if (scan.isNewer) throw newerLedger();
  if (scan.lines.length === 0) {
    onWarning(setAside(segments.moveAside(number, 'damaged', now())));
    return { number, scan, isBroken: false, hasLoss: true };
  }
  // Once another one has followed, a lost checkpoint is needed no more.
  const isBroken = scan.hasDamage || (scan.isHeadless && isLast);
  return { number, scan, isBroken, hasLoss: scan.hasLoss || (isBroken && scan.isHeadless) };
}

/**
 * Rewrites a segment without its damage, and keeps a copy as it was. To be called only
 * when the state that was rebuilt from it is durable elsewhere: afterwards nothing shows that the segment lacks a part.
 */
export async function mendSegment(
  segments: Segments,
  { number, scan }: ReadableSegment,
  { onWarning, now }: Omit<RepairOptions, 'isLast'>,
): Promise<void> {
  onWarning(setAside(segments.copyAside(number, 'damaged', now())));
  await rewrite(segments.path(number), scan.lines);
  segments.forget(number);
}

/** Mends a segment that turned out to be damaged while somebody read it; one in which nothing can be read is moved aside. */
export async function mendOld(
  segments: Segments,
  number: number,
  options: Omit<RepairOptions, 'isLast'>,
): Promise<void> {
  const segment = readSegment(segments, number, { ...options, isLast: false });
  if (segment.isBroken) await mendSegment(segments, segment, options);
}

/** Cuts off a batch that was never acknowledged, and keeps a copy of the segment as it was; false where the disk has no room for that. */
export function cutTornTail(
  segments: Segments,
  { number, fd, wholeBytes }: { readonly number: number; readonly fd: number; readonly wholeBytes: number },
  now: () => number,
): boolean {
  try {
    segments.copyAside(number, 'torn', now());
    ftruncateSync(fd, wholeBytes);
    fsyncSync(fd);
    return true;
  } catch (error) {
    if (isDiskError(error)) return false;
    throw error;
  }
}

async function rewrite(path: string, lines: readonly ScannedLine[]): Promise<void> {
  const parts: Buffer[] = [];
  let previous: string | undefined;
  for (const { line } of lines) {
    const { bytes, crc } = encodeLine(previous === undefined ? line : { ...line, previous });
    previous = crc;
    parts.push(bytes);
  }
  await replaceFile(path, Buffer.concat(parts));
}

/** Warns of segments that are missing between those that are there. */
export function warnOfMissing(numbers: readonly number[], onWarning: (warning: Warning) => void): void {
  for (const [index, number] of numbers.entries()) {
    const expected = index === 0 ? 1 : numbers[index - 1]! + 1;
    if (number !== expected) onWarning(missingSegments(expected, number - 1));
  }
}

/** The warning for changes that are missing between two segments. */
export function missingChanges(from: number, to: number): Warning {
  return {
    code: 'ledger_incomplete',
    zh: `账本缺少第 ${from} 到 ${to} 次更改；请从备份放回`,
    en: `the ledger lacks the changes ${from} to ${to}; put it back from a backup`,
  };
}

function missingSegments(from: number, to: number): Warning {
  return {
    code: 'ledger_segment_missing',
    zh: `账本缺少第 ${from} 到 ${to} 段；请从备份放回`,
    en: `the ledger lacks segments ${from} to ${to}; put them back from a backup`,
  };
}

function setAside(name: string): Warning {
  return {
    code: 'ledger_damaged',
    zh: `账本有损坏；原样保存为 ledger/${name}，能读出的内容都已保留`,
    en: `the ledger was damaged; it is kept as it was in ledger/${name}, and all that could be read was carried over`,
  };
}

function newerLedger(): TokenSyncError {
  return new TokenSyncError(
    'storage_failed',
    {
      zh: '历史账本由更新版本的 token-sync 写成，本版本不会改动它',
      en: 'the ledger was written by a newer version of token-sync, and this one leaves it alone',
    },
    { hint: { zh: '请升级 token-sync', en: 'upgrade token-sync' } },
  );
}
