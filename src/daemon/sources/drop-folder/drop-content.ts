import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import type { Params } from '../../../protocol/methods.ts';
import { endsLine, splitJsonLines, splitLines, splitValueLine, unquoted } from '../../../protocol/token-value.ts';
import { validateParams } from '../../../protocol/validate.ts';
import { nameConversation } from '../../../shared/conversation-name.ts';
import { decodeText, ENCODING_FAULTS } from '../../../shared/text-encoding.ts';
import { toReading } from '../../offered-reading.ts';
import type { Reading } from '../../rules/record.ts';

/** One reading of a drop-file, and the text that offered it. */
export interface DroppedReading {
  readonly offered: Params<'usage.record'>;
  readonly text: string;
}

/** What a drop-file offers. */
export interface DropContent {
  readonly readings: readonly DroppedReading[];
  /** True when nothing suggests that its writer has more to say: the last line is ended, or the JSON is whole. */
  readonly isFinished: boolean;
}

/**
 * Reads a drop-file: lines of a value and an event, one JSON reading, an array of them, or JSON Lines. Throws a
 * `TokenSyncError` that names the line at fault; then nothing of the file is recorded.
 */
export function readDropContent(bytes: Uint8Array): DropContent {
  const text = decode(bytes);
  const whole = unquoted(text);
  if (whole === '') throw emptyFile();
  const json = /^[[{]/.test(whole) ? parseReadings(whole) : undefined;
  if (json) {
    const readings = json.map((item, at) => checked(item, JSON.stringify(item), at, json.length));
    return { readings, isFinished: true };
  }
  // Read as lines, what is cut off would tell its first value, and keep quiet about the rest.
  if (ARRAY.test(whole)) throw invalidJson();
  const readings = splitJsonLines(text)
    .flatMap((line, at) => {
      const lines = unquoted(line).startsWith('{') ? [line] : splitLines(line);
      return lines.map((part) => ({ line: unquoted(part), at }));
    })
    .filter(({ line }) => line !== '')
    .map(({ line, at }) => readLine(line, at));
  return { readings, isFinished: endsLine(text) };
}

/** The reading as it is recorded; `id` is used where the file names none. */
export function toDroppedReading({ offered }: DroppedReading, id: string, datedMs: number | undefined): Reading {
  const { sync_type = 'manual', ...fields } = offered;
  const reading = toReading({ ...fields, id: offered.id ?? id }, sync_type);
  return datedMs === undefined || reading.datedMs !== undefined ? reading : { ...reading, datedMs };
}

function decode(bytes: Uint8Array): string {
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  const { text, hint } = ENCODING_FAULTS[decoded.fault];
  throw new TokenSyncError('value_refused', text, { hint });
}

/** The items of a JSON object or array of objects; `undefined` for anything else. */
function parseReadings(text: string): Record<string, unknown>[] | undefined {
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

function readLine(line: string, at: number): DroppedReading {
  if (ARRAY.test(line)) throw atLine(at, invalidJson());
  if (!line.startsWith('{')) {
    const { value, event, conversation } = readNamedLine(line);
    const item = { tokens: value, ...(event && { event }), ...(conversation && { conversation_id: conversation }) };
    return checked(item, line, at, undefined);
  }
  const items = parseReadings(line);
  if (!items) throw atLine(at, invalidJson());
  // As where it is the only one yet: a reading's id comes from this text, and must not change when a line is appended.
  return checked(items[0]!, JSON.stringify(items[0]), at, undefined);
}

/** A line of a value and an event, at whose end a conversation may be named. */
function readNamedLine(line: string) {
  const { conversation, ...entry } = nameConversation(splitValueLine(line));
  if (conversation === undefined || entry.event !== '') return { ...entry, conversation };
  // Without the name the line may be divided at last.
  return { ...splitValueLine(entry.value), conversation };
}

/** `count` is given where items are counted rather than lines. */
function checked(item: unknown, text: string, at: number, count: number | undefined): DroppedReading {
  try {
    const offered = validateParams('usage.record', item);
    // Refuses what cannot be understood before anything of the file is recorded.
    toReading(offered, 'manual');
    return { offered, text };
  } catch (error) {
    if (!(error instanceof TokenSyncError)) throw error;
    if (count === undefined) throw atLine(at, error);
    throw count === 1 ? error : atItem(at, error);
  }
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
