import { parseTokenValue } from './token-value.ts';
import { isLabelWord } from './token-value-words.ts';

/** A line as it is put into a file: the text of the value, and what it was used for. */
export interface ValueLine {
  readonly value: string;
  readonly event: string;
}

/**
 * Divides `350000 完成架构设计` into the value and the event that follows it after a space. What belongs to the value stays
 * with it: `350 000`, `1.5 万`, `350,000 / 1,000,000 tokens used`. Where no part is a value, the whole line is offered as one.
 */
export function splitValueLine(line: string): ValueLine {
  const text = line.trim();
  const words = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], end: match.index + match[0].length }));
  for (const [at, { end }] of words.slice(0, MAX_LEADING_WORDS).entries()) {
    if (!parseTokenValue(text.slice(0, end)).ok) continue;
    // A figure in an event is no second value, but `between 300000 and 350000` has two.
    if (at > 0 && !parseTokenValue(text).ok) break;
    let last = at;
    while (belongsToValue(words[last]!.text, words[last + 1]?.text, words[last + 2]?.text)) last++;
    const value = text.slice(0, words[last]!.end);
    if (!parseTokenValue(value).ok) break;
    return last === 0 ? splitJoined(value, text.slice(end)) : { value, event: text.slice(words[last]!.end).trim() };
  }
  return { value: text, event: '' };
}

/** Further on than this stands no value that is not the whole line's. */
const MAX_LEADING_WORDS = 6;

const GROUP = /^[0-9０-９]{3}(?:[KkMm千万亿萬億])?$/;
const UNIT = /^[KkMm千万亿萬億]$/;
const SLASH = /^(?:\/|of)$/i;
/** With a unit or five digits at least, as a budget has them. */
const BUDGET = /^[0-9０-９][0-9０-９,._']*[KkMm千万亿萬億]|^(?:[0-9０-９][,._']?){5}/;
/** What ends the value after its last word, as in `"350,000 tokens used" 完成`. */
const CLOSING = /[\p{Pe}\p{Pf}"',;:.，；：。]+$/u;

function belongsToValue(last: string, next: string | undefined, afterNext: string | undefined): boolean {
  if (next === undefined) return false;
  if (SLASH.test(last)) return true;
  if (GROUP.test(next)) return /(?:^|[^0-9０-９,.])[0-9０-９]{1,3}$/.test(last);
  if (UNIT.test(next)) return /[0-9０-９]$/.test(last);
  if (next === '/') return /^[0-9０-９]/.test(afterNext ?? '');
  // `350000 of 12 files` tells an event, as `350000 50% done` does.
  if (SLASH.test(next)) return BUDGET.test(afterNext ?? '');
  if (/^\([0-9.]+ ?%\)$/.test(next)) return true;
  if (/^[0-9.]+%$/.test(next)) return afterNext === undefined;
  const word = next.replace(CLOSING, '');
  if (!isLabelWord(word)) return false;
  // `350000 used` is a label, `350000 used it for tests` is an event.
  return /^tokens?$/i.test(word) || isLabelWord(last) || afterNext === undefined;
}

/** `350000：完成`, `350000,完成`: no space, but plainly the same. */
function splitJoined(word: string, rest: string): ValueLine {
  const joined = /^([^\p{L}:：;；|]*[0-9０-９](?:[KkMm千万亿萬億](?!\p{L}))?)\s?[:：,，;；|](?=\p{L})(.*)$/u.exec(word);
  if (!joined) return { value: word, event: rest.trim() };
  return { value: joined[1]!, event: (joined[2]! + rest).trim() };
}
