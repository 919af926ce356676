import type { GaugeSeen } from '../observation.ts';
import { type Finding, NOT_UNDERSTOOD, NOTHING } from './finding.ts';
import { type Fields, fieldsOf, known, readId, readName, readObject } from './json-line.ts';
import { readCount } from './token-counts.ts';

/** When a row was read. */
export interface RowSeen {
  readonly nowMs: number;
  /** Whether it was seen being written just now; otherwise the time that the row itself tells is the better one. */
  readonly isFresh: boolean;
}

/** What Cursor calls the model of its own choice. */
const NO_MODEL = 'default';

/**
 * Reads the value under `composerData:<id>` of Cursor's database: how full the context of that conversation is, as the editor
 * shows it. Sub-conversations of a tool, whose ids hold a newline, and conversations without figures have none.
 */
export function readCursorConversation(id: string, value: unknown, seen: RowSeen): Finding {
  const conversation = readId(id);
  if (conversation === undefined || id.includes('\n') || value === null || value === undefined) return NOTHING;
  const row = readObject(bytesOf(value));
  if (row === undefined) return NOT_UNDERSTOOD;
  const told = [fieldsOf(row.promptTokenBreakdown)?.totalUsedTokens, row.contextTokensUsed];
  const counts = told.map(readCount);
  if (told.some((figure, index) => isThere(figure) && counts[index] === undefined)) return NOT_UNDERSTOOD;
  // A 0 of the breakdown means that it was not made yet.
  const used = counts[0] || counts[1];
  return used === undefined ? NOTHING : { outcome: 'counted', observations: [gaugeOf(row, conversation, used, seen)] };
}

function gaugeOf(row: Fields, conversation: string, used: number, seen: RowSeen): GaugeSeen {
  const model = readName(fieldsOf(row.modelConfig)?.modelName);
  return {
    kind: 'gauge',
    meter: 'cursor.context',
    conversation,
    used,
    ...known({
      limit: readCount(row.contextTokenLimit) || undefined,
      model: model === NO_MODEL ? undefined : model,
    }),
    atMs: timeOf(row, seen),
    provenance: 'exact',
  };
}

/** The time of a row that was written before we came: Cursor's own mark, where it has one that lies in the past. */
function timeOf(row: Fields, { nowMs, isFresh }: RowSeen): number {
  if (isFresh) return nowMs;
  return Math.min(readCount(row.lastUpdatedAt) ?? readCount(row.createdAt) ?? nowMs, nowMs);
}

/** A column holds a text or a blob. */
function bytesOf(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.alloc(0);
}

function isThere(figure: unknown): boolean {
  return figure !== null && figure !== undefined;
}
