import { crc32 } from 'node:zlib';
import type { LedgerChange } from '../../rules/change.ts';
import type { PackedState } from '../../rules/figures/packed.ts';
import type { Snapshot } from '../../rules/snapshot.ts';

/**
 * The version of the ledger's form; a ledger with a higher one is left alone. Form 2 came with the marks in the state
 * file, which a program that knows form 1 only would carry on for another state.
 */
export const LEDGER_FORMAT = 2;

/** One batch: what was committed together, and the hash of the state file that it produces, but for its mark. */
export interface BatchLine {
  readonly v: number;
  /** The checksum of the line before, so that a missing line is noticed. */
  readonly previous: string;
  readonly view: string;
  readonly changes: readonly LedgerChange[];
}

/** The head of a segment: everything that is needed to go on without the segments before it. */
export interface CheckpointLine {
  readonly v: number;
  readonly previous: string;
  readonly view: string;
  readonly checkpoint: Snapshot;
  /** The state file's whole content, but for its mark, as JSON text. */
  readonly document: string;
  /** The mark of that state; absent where no line before brought it about, as in a new ledger, and in form 1. */
  readonly mark?: string;
  /** The figures by the rules, so that what follows is folded on from there; absent where an older version wrote it. */
  readonly figures?: PackedState;
  /** Whether somebody had ever named a budget by then; absent where that was not known, as where an older version wrote it. */
  readonly total_named?: boolean;
  /** How many entries behind the last that can be read were lost before this state was made durable; none by default. */
  readonly lost?: number;
}

export type LedgerLine = BatchLine | CheckpointLine;

/** A line as it was found on disk. */
export type DecodedLine =
  | { readonly ok: true; readonly line: LedgerLine; readonly crc: string }
  | { readonly ok: false; readonly newerFormat: boolean };

/** The first line of the first segment follows on this. */
export const NO_PREVIOUS = '00000000';

// `{"crc":"xxxxxxxx",` — the checksum stands at a fixed place and covers every byte behind it but the newline.
const BEFORE_CRC = Buffer.from('{"crc":"');
const AFTER_CRC = Buffer.from('",');
const CRC_END = BEFORE_CRC.length + 8;
const BODY_START = CRC_END + AFTER_CRC.length;

/** One line of the ledger, newline included, and its checksum. */
export function encodeLine(line: LedgerLine): { readonly bytes: Buffer; readonly crc: string } {
  const body = JSON.stringify(line).slice(1);
  const crc = checksum(Buffer.from(body));
  return { bytes: Buffer.from(`{"crc":"${crc}",${body}\n`), crc };
}

/** Reads one line, without its newline; anything but a whole and undamaged line of this format is not `ok`. */
export function decodeLine(bytes: Buffer): DecodedLine {
  const damaged = { ok: false, newerFormat: false } as const;
  const head = bytes.subarray(0, BEFORE_CRC.length);
  if (!head.equals(BEFORE_CRC) || !bytes.subarray(CRC_END, BODY_START).equals(AFTER_CRC)) return damaged;
  const crc = bytes.toString('latin1', BEFORE_CRC.length, CRC_END);
  if (checksum(bytes.subarray(BODY_START)) !== crc) return damaged;
  let line: LedgerLine;
  try {
    line = JSON.parse(`{${bytes.toString('utf8', BODY_START)}`);
  } catch {
    return damaged;
  }
  if (typeof line.v !== 'number') return damaged;
  if (line.v > LEDGER_FORMAT) return { ok: false, newerFormat: true };
  return isCheckpoint(line) || line.changes?.length > 0 ? { ok: true, line, crc } : damaged;
}

/**
 * Where lines may start in bytes that are no single line, such as two whose newline was damaged:
 * within a line every quote is escaped, so its beginning occurs nowhere else.
 */
export function lineStarts(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = bytes.indexOf(BEFORE_CRC); at !== -1; at = bytes.indexOf(BEFORE_CRC, at + 1)) starts.push(at);
  return starts;
}

/** By which a state is known again that went out with it: its revision and the checksum of the line that made it. */
export function markOf(line: LedgerLine, crc: string): string {
  if (!isCheckpoint(line)) return `${line.changes.at(-1)!.revision}:${crc}`;
  if (line.mark !== undefined) return line.mark;
  // A segment of form 1 follows on the line that made its state.
  const made = line.v === 1 && line.previous !== NO_PREVIOUS ? line.previous : crc;
  return `${line.checkpoint.revision}:${made}`;
}

/** The revision in a mark; `undefined` for what no ledger gives. */
export function revisionIn(mark: string): number | undefined {
  const revision = /^(\d{1,16}):[0-9a-f]{8}$/.exec(mark)?.[1];
  return revision === undefined ? undefined : Number(revision);
}

/** True for the head of a segment. */
export function isCheckpoint(line: LedgerLine): line is CheckpointLine {
  return 'checkpoint' in line;
}

function checksum(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}
