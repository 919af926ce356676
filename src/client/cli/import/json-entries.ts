import { splitJsonLines } from '../../../protocol/token-value.ts';
import { badFile, line } from './bad-file.ts';
import type { Entry } from './entry.ts';
import { reportEntries } from './reports.ts';

/**
 * The sessions of JSON Lines, or of a JSON document: an array, `{"sessions": […]}`, a whole state file, or another tool's
 * report, which was written at `writtenMs`.
 */
export function readJson(text: string, areLines: boolean, writtenMs: number): Entry[] {
  if (areLines) return readLines(text);
  const whole = tryParse(text);
  if (whole) return readDocument(whole.value, writtenMs);
  const [first = ''] = splitJsonLines(text.trim());
  if (isObject(tryParse(first)?.value)) return readLines(text);
  throw badFile({ zh: '不是有效的 JSON', en: 'not valid JSON' }, line(firstWrongLine(text)));
}

function readLines(text: string): Entry[] {
  return splitJsonLines(text).flatMap((content, index): Entry[] => {
    if (content.trim() === '') return [];
    const place = line(index + 1);
    const parsed = tryParse(content);
    if (!parsed) throw badFile({ zh: '不是有效的 JSON', en: 'not valid JSON' }, place);
    if (!isObject(parsed.value)) throw badFile({ zh: '不是一个 JSON 对象', en: 'not a JSON object' }, place);
    return [{ fields: parsed.value, place, number: index + 1 }];
  });
}

function readDocument(document: unknown, writtenMs: number): Entry[] {
  const report = isObject(document) ? reportEntries(document, writtenMs) : undefined;
  if (report) return report;
  const sessions = sessionsOf(document);
  if (!sessions) throw badFile({ zh: '没有找到 sessions 列表', en: 'no list of sessions was found' });
  return sessions.map((fields, index) => {
    const place = { zh: `第 ${index + 1} 条`, en: `entry ${index + 1}` };
    if (!isObject(fields)) throw badFile({ zh: '不是一个 JSON 对象', en: 'not a JSON object' }, place);
    return { fields, place, number: index + 1 };
  });
}

function sessionsOf(document: unknown): readonly unknown[] | undefined {
  if (Array.isArray(document)) return document;
  if (!isObject(document)) return undefined;
  const { sessions, token_usage } = document;
  if (Array.isArray(sessions)) return sessions;
  if (isObject(token_usage)) return sessionsOf(token_usage);
  return Object.hasOwn(document, 'tokens') ? [document] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tryParse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The first line with which the text is wrong for another reason than that it ends there. */
function firstWrongLine(text: string): number {
  const lines = splitJsonLines(text);
  let right = 0;
  let wrong = lines.length;
  while (wrong - right > 1) {
    const middle = (right + wrong) >> 1;
    if (isMerelyCut(`${lines.slice(0, middle).join('\n')}\n`)) right = middle;
    else wrong = middle;
  }
  return wrong;
}

function isMerelyCut(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as SyntaxError;
    const position = /position (\d+)/.exec(message)?.[1];
    return position === undefined ? message.includes('end of JSON') : Number(position) >= text.length;
  }
}
