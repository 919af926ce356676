/**
 * The front of the folder `token-value/`, which reads what people write: it cleans the text, cuts each line into pieces,
 * joins those that belong together, judges every number by the words beside it, and decides.
 */
import type { Bilingual } from './language.ts';
import { ACCEPTED_FORMS, REFUSAL_TEXTS, type RefusalReason } from './token-value/refusals.ts';
import { readVerdict } from './token-value/verdict.ts';

export { cleanText, endsLine, splitJsonLines, splitLines } from './token-value/clean-text.ts';
export { REFUSAL_TEXTS, type RefusalReason } from './token-value/refusals.ts';
export { writeAmount } from './token-value/units.ts';
export { splitValueLine, unquoted } from './token-value/value-line.ts';
export { readVerdict } from './token-value/verdict.ts';

/** The counter’s value that a text tells, in whole tokens, or the reason of its refusal, which never quotes the text. */
export type ParsedTokenValue =
  | {
      readonly ok: true;
      readonly tokens: number;
      /** One unit of the last shown digit, in tokens: 1 for `350,000`, 1000 for `350K`, 100_000 for `1.2M`. */
      readonly unit: number;
      /** It carries its own label, such as `tokens used` or `Token:`. */
      readonly labelled: boolean;
      /** The budget written beside it, as in `350,000 / 1,000,000`; not to be taken without being asked. */
      readonly total?: number;
    }
  | { readonly ok: false; readonly reason: RefusalReason; readonly text: Bilingual; readonly hint: Bilingual };

/** Reads the one token value of any text in linear time, without throwing; a text with none or several is refused. */
export function parseTokenValue(text: string): ParsedTokenValue {
  const verdict = readVerdict(text);
  if ('reason' in verdict) {
    return { ok: false, reason: verdict.reason, text: REFUSAL_TEXTS[verdict.reason], hint: ACCEPTED_FORMS };
  }
  const { tokens, unit, isLabelled, total } = verdict;
  return { ok: true, tokens, unit, labelled: isLabelled, ...(total !== undefined && { total }) };
}

/** The reason of a refusal with the word at fault: for the eyes of the text’s author, and for no log. */
export function explainRefusal(text: string): Bilingual {
  const verdict = readVerdict(text);
  if (!('reason' in verdict)) throw new Error('the text is no refused one');
  const { zh, en } = REFUSAL_TEXTS[verdict.reason];
  return verdict.found === undefined
    ? { zh, en }
    : { zh: `${zh}：“${verdict.found}”`, en: `${en}: "${verdict.found}"` };
}

/** Writes whole tokens with a comma between groups of three, as in `350,000`; a negative figure keeps its sign. */
export function formatTokens(tokens: number): string {
  const digits = String(Math.abs(tokens));
  let grouped = digits.slice(-3);
  for (let end = digits.length - 3; end > 0; end -= 3)
    grouped = `${digits.slice(Math.max(0, end - 3), end)},${grouped}`;
  return tokens < 0 ? `-${grouped}` : grouped;
}
