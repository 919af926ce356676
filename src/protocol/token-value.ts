import type { Bilingual } from './language.ts';
import { type Candidate, findCandidates } from './token-value-candidates.ts';
import { foldCharacters } from './token-value-characters.ts';
import { ACCEPTED_FORMS, REFUSAL_TEXTS, type RefusalReason } from './token-value-refusals.ts';

export type { RefusalReason } from './token-value-refusals.ts';

/** What a text says the counter shows, in whole tokens, or why it is refused; a refusal never quotes the text. */
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
  const folded = foldCharacters(text);
  if (folded.trim() === '') return refuse('empty');
  let found: Candidate | undefined;
  let allowance = MAX_NUMBERS;
  for (let start = 0; start <= folded.length; ) {
    const newline = folded.indexOf('\n', start);
    const end = newline < 0 ? folded.length : newline;
    const { candidates, numbers } = findCandidates(folded.slice(start, end), allowance);
    allowance -= numbers;
    if (allowance < 0) return refuse('ambiguous');
    for (const candidate of candidates) {
      found = found ? merge(found, candidate) : candidate;
      if (found.reading === 'ambiguous') return refuse('ambiguous');
    }
    start = end + 1;
  }
  return found ? toParsed(found) : refuse('no_value');
}

/** Writes whole tokens with a comma between groups of three, as in `350,000`; a negative figure keeps its sign. */
export function formatTokens(tokens: number): string {
  const digits = String(Math.abs(tokens));
  let grouped = digits.slice(-3);
  for (let end = digits.length - 3; end > 0; end -= 3)
    grouped = `${digits.slice(Math.max(0, end - 3), end)},${grouped}`;
  return tokens < 0 ? `-${grouped}` : grouped;
}

/** A text with more numbers is a table or a dump: none of them can be told to be the value, and reading on costs time. */
const MAX_NUMBERS = 1000;

/** The same figure twice is one figure, taken as finely as it was written. */
function merge(one: Candidate, other: Candidate): Candidate {
  const labelled = one.labelled || other.labelled;
  const total = one.total ?? other.total;
  if (!isSame(one, other)) return { reading: 'ambiguous', labelled };
  return { reading: finer(one, other), labelled, ...(total !== undefined && { total }) };
}

function isSame(one: Candidate, other: Candidate): boolean {
  if (one.total !== undefined && other.total !== undefined && one.total !== other.total) return false;
  if (typeof one.reading === 'string' || typeof other.reading === 'string') return one.reading === other.reading;
  return one.reading.tokens === other.reading.tokens;
}

function finer(one: Candidate, other: Candidate): Candidate['reading'] {
  if (typeof one.reading === 'string' || typeof other.reading === 'string') return one.reading;
  return one.reading.unit <= other.reading.unit ? one.reading : other.reading;
}

function toParsed({ reading, labelled, total }: Candidate): ParsedTokenValue {
  if (typeof reading === 'string') return refuse(reading);
  return { ok: true, ...reading, labelled, ...(total !== undefined && { total }) };
}

function refuse(reason: RefusalReason): ParsedTokenValue {
  return { ok: false, reason, text: REFUSAL_TEXTS[reason], hint: ACCEPTED_FORMS };
}
