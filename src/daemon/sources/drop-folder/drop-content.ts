import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import type { Params } from '../../../protocol/methods.ts';
import { endsLine, splitJsonLines, splitLines, splitValueLine, unquoted } from '../../../protocol/token-value.ts';
import { validateParams } from '../../../protocol/validate.ts';
import { nameConversation } from '../../../shared/conversation-name.ts';
import { decodeText, ENCODING_FAULTS } from '../../../shared/text-encoding.ts';
import { toReading } from '../../offered-reading.ts';
import type { Reading } from '../../rules/record.ts';

/** The text of a drop-file, cut into its readings before any of them is understood. */
export interface DropText {
  readonly entries: readonly Entry[];
  /** True when nothing suggests that its writer has more to say: the last line is ended, or the JSON is whole. */
  readonly isFinished: boolean;
}

/** One reading as the file has it: an item of JSON, or a line, which may be JSON that is cut off. */
interface Entry {
  readonly at: number;
  /** The text by which the reading is known again after a crash, or when a line is appended. */
  readonly text: string;
  /** Absent for a plain line. */
  readonly item?: Record<string, unknown> | 'broken';
  /** The number of items in the file, where they are counted rather than lines. */
  readonly count?: number;
}

/** One reading of a drop-file as it was offered and as it is understood, and the text that offered it. */
export interface DroppedReading {
  readonly offered: Params<'usage.record'>;
  readonly reading: Reading;
  readonly text: string;
}

/** Decodes a drop-file and cuts it into readings; throws a `TokenSyncError` where it is no text, empty, or an array that is cut off. */
export function splitDropText(bytes: Uint8Array): DropText {
  const text = decode(bytes);
  const whole = unquoted(text);
  if (whole === '') throw emptyFile();
  const items = /^[[{]/.test(whole) ? parseItems(whole) : undefined;
  if (items) {
    const entries = items.map((item, at) => ({ at, text: JSON.stringify(item), item, count: items.length }));
    return { entries, isFinished: true };
  }
  // Read as lines, a cut-off array would tell its first value, and keep quiet about the rest.
  if (ARRAY.test(whole)) throw invalidJson();
  const entries = splitJsonLines(text)
    .flatMap((line, at) => {
      const lines = unquoted(line).startsWith('{') ? [line] : splitLines(line);
      return lines.map((part) => ({ line: unquoted(part), at }));
    })
    .filter(({ line }) => line !== '')
    .map(({ line, at }) => entryOf(line, at));
  // An array may be written line by line, and a bracket alone is its begin.
  return { entries, isFinished: endsLine(text) && whole !== '[' && entries.every(({ item }) => item !== 'broken') };
}

/**
 * Understands the readings of a drop-file: lines of a value and an event, one JSON reading, an array of them, or JSON
 * Lines. Throws a `TokenSyncError` that names the first line at fault; then nothing of the file is recorded.
 */
export function understandDropText({ entries }: DropText): DroppedReading[] {
  return entries.map((entry) => {
    try {
      return understood(entry);
    } catch (error) {
      if (!(error instanceof TokenSyncError)) throw error;
      if (entry.count === undefined) throw atLine(entry.at, error);
      throw entry.count === 1 ? error : atItem(entry.at, error);
    }
  });
}

/** The reading as it is recorded; `id` and `datedMs` are used where the file names none. */
export function toDroppedReading(
  { offered, reading }: DroppedReading,
  id: string,
  datedMs: number | undefined,
): Reading {
  const identified = { ...reading, id: offered.id ?? id };
  return datedMs === undefined || reading.datedMs !== undefined ? identified : { ...identified, datedMs };
}

function decode(bytes: Uint8Array): string {
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  const { text, hint } = ENCODING_FAULTS[decoded.fault];
  throw new TokenSyncError('value_refused', text, { hint });
}

/** The items of a JSON object or array of objects; `undefined` for anything else. */
function parseItems(text: string): Record<string, unknown>[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const items = Array.isArray(value) ? value : [value];
  return items.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item)) && items.length > 0
    ? items
    : undefined;
}

function entryOf(line: string, at: number): Entry {
  if (ARRAY.test(line)) return { at, text: line, item: 'broken' };
  if (!line.startsWith('{')) return { at, text: line };
  const item = parseItems(line)?.[0];
  // As where it is the only one yet: a reading's id comes from this text, and must not change when a line is appended.
  return item ? { at, text: JSON.stringify(item), item } : { at, text: line, item: 'broken' };
}

function understood({ text, item }: Entry): DroppedReading {
  if (item === 'broken') throw invalidJson();
  const offered = validateParams('usage.record', item ?? offeredBy(text));
  const { sync_type = 'manual', id = '', ...fields } = offered;
  return { offered, reading: toReading({ ...fields, id }, sync_type), text };
}

function offeredBy(line: string) {
  const { value, event, conversation } = readNamedLine(line);
  return { tokens: value, ...(event && { event }), ...(conversation && { conversation_id: conversation }) };
}

/** A line of a value and an event, at whose end a conversation may be named. */
function readNamedLine(line: string) {
  const { conversation, ...entry } = nameConversation(splitValueLine(line));
  if (conversation === undefined || entry.event !== '') return { ...entry, conversation };
  // Without the name the line may be divided at last.
  return { ...splitValueLine(entry.value), conversation };
}

/** The beginning of an array of readings; `[350000]` is a value in brackets. */
const ARRAY = /^\[\s*\{/;

function invalidJson(): TokenSyncError {
  return refused({ zh: 'JSON 不完整或无效', en: 'the JSON is cut off or not valid' });
}

function emptyFile(): TokenSyncError {
  return refused({ zh: '文件是空的', en: 'the file is empty' });
}

function refused(text: Bilingual): TokenSyncError {
  return new TokenSyncError('value_refused', text, { hint: ACCEPTED });
}

function atLine(at: number, error: TokenSyncError): TokenSyncError {
  return placed({ zh: `第 ${at + 1} 行：`, en: `line ${at + 1}: ` }, error);
}

function atItem(at: number, error: TokenSyncError): TokenSyncError {
  return placed({ zh: `第 ${at + 1} 项：`, en: `item ${at + 1}: ` }, error);
}

function placed(place: Bilingual, { kind, text, hint, field }: TokenSyncError): TokenSyncError {
  return new TokenSyncError(
    kind,
    { zh: place.zh + text.zh, en: place.en + text.en },
    { ...(hint && { hint }), ...(field !== undefined && { field }) },
  );
}

const ACCEPTED: Bilingual = {
  zh: '请写成 350000 完成架构设计，或 {"tokens": 350000, "event": "完成架构设计"}，可以有多行',
  en: 'write 350000 design done, or {"tokens": 350000, "event": "design done"}; several lines are fine',
};
