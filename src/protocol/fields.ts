import * as z from 'zod/mini';
import {
  MAX_CHANGES,
  MAX_CONVERSATION_LENGTH,
  MAX_EVENT_LENGTH,
  MAX_ID_LENGTH,
  MAX_PAGE,
  MAX_PATIENCE_MS,
  MAX_POINTS,
} from './limits.ts';
import { parseTimestamp } from './timestamp.ts';
import { formatTokens } from './token-value.ts';

/** The content of a text field: any Unicode but control characters other than tab and newline. */
const NO_CONTROL = /^[^\p{Cc}]*$/u;

/** The reason why a field's content was refused, with the limit that it breaks; the words for it are in `validate.ts`. */
export type ContentFault =
  | { readonly rule: 'empty' | 'control_character' | 'not_a_time' | 'not_a_total' }
  | { readonly rule: 'too_long'; readonly most: number }
  | { readonly rule: 'out_of_range'; readonly least: number; readonly most: number; readonly isMs?: true };

function text(maxLength: number, description: string, minLength = 0) {
  return z.string().check(
    rule({ rule: 'empty' }, (value) => value.length >= minLength),
    rule({ rule: 'too_long', most: maxLength }, (value) => value.length <= maxLength || codePoints(value) <= maxLength),
    rule({ rule: 'control_character' }, (value) => NO_CONTROL.test(value.replaceAll('\t', '').replaceAll('\n', ''))),
    z.meta({ description, maxLength, ...(minLength > 0 && { minLength }) }),
  );
}

function rule<T>(fault: ContentFault, holds: (value: T) => boolean) {
  return z.refine<T>(holds, { params: { fault }, abort: true });
}

function range(least: number, most: number, unit: { readonly isMs?: true } = {}) {
  return rule<number>(
    { rule: 'out_of_range', least, most, ...unit },
    (value) => Number.isInteger(value) && value >= least && value <= most,
  );
}

function codePoints(value: string): number {
  let count = 0;
  for (const _ of value) count++;
  return count;
}

/** Words for the document of the contract. */
export function describe(description: string) {
  return z.meta({ description });
}

export const tokens = z
  .union([z.number(), z.string()])
  .check(
    describe('A whole number of tokens from 0 to 2^53−1, or a text as people write it, such as "350,000 tokens used".'),
  );
export const event = text(MAX_EVENT_LENGTH, 'What the tokens were used for.');
export const conversationId = text(MAX_CONVERSATION_LENGTH, 'The conversation that the reading belongs to.');
export const readingId = text(
  MAX_ID_LENGTH,
  "The reading's id; the same id again returns the first receipt and changes nothing.",
  1,
);
export const requestId = text(MAX_ID_LENGTH, "The request's own id; the same id again takes nothing back twice.", 1);
export const expectedReading = text(
  MAX_ID_LENGTH,
  'The id of the reading to take back; refused when another is the last by now.',
  1,
);
export const timestamp = z.string().check(
  rule({ rule: 'not_a_time' }, (value) => parseTimestamp(value) !== undefined),
  describe('ISO 8601 or "2025-11-18 20:30:00"; local time where it names no zone.'),
);
export const syncType = z
  .enum(['manual', 'auto', 'estimate', 'import', 'correction'])
  .check(describe('What `tokens` means: the total (manual, correction) or an amount to add (auto, estimate, import).'));
/** Those that no client can offer stand in sessions alone. */
export const sessionType = z
  .enum([...syncType.options, 'live', 'period'])
  .check(
    describe(
      'As `sync_type` of a reading, or `live`, a gauge as the daemon itself has read it, or `period`, where the budget began anew.',
    ),
  );
export const ask = z
  .boolean()
  .check(
    describe(
      'Whether a person is there to be asked: an implausible value is then refused (`value_refused`) with a `question` in the error’s data, and recorded after a yes by the same call without this.',
    ),
  );
export const total = z.number().check(
  rule({ rule: 'not_a_total' }, (value) => Number.isSafeInteger(value) && value >= 1),
  describe('The budget: a whole number of tokens from 1.'),
);
export const period = z
  .union([z.string(), z.number()])
  .check(
    describe(
      'When the budget begins anew: `15` (a day of each month), `7d` (every seven days from today), `2026-01-31` (after that day), `2025-11-03/7d`, or `never`. The setting `budget.period`.',
    ),
  );
export const limit = z
  .number()
  .check(
    range(1, MAX_PAGE),
    describe(`How many sessions a page holds, from 1 to ${formatTokens(MAX_PAGE)}; 100 by default.`),
  );
export const conversationLimit = z
  .number()
  .check(
    range(1, MAX_PAGE),
    describe(`How many conversations are named, from 1 to ${formatTokens(MAX_PAGE)}; 20 by default.`),
  );
export const patience = z
  .number()
  .check(
    range(1, MAX_PATIENCE_MS, { isMs: true }),
    describe(
      `After so many milliseconds of looking, up to ${formatTokens(MAX_PATIENCE_MS)}, what was found by then is the answer, with \`next\` to go on from and the time that was come to.`,
    ),
  );
export const changeLimit = z
  .number()
  .check(
    range(1, MAX_CHANGES),
    describe(`How many changes are told at most, from 1 to ${formatTokens(MAX_CHANGES)}; 60 by default.`),
  );
export const points = z
  .number()
  .check(
    range(2, MAX_POINTS),
    describe(`How many points the line has at most, from 2 to ${formatTokens(MAX_POINTS)}; 500 by default.`),
  );
export const encoding = z.enum(['o200k_base', 'cl100k_base']).check(describe('`o200k_base` by default.'));
export const revision = z
  .number()
  .check(z.int(), z.nonnegative(), describe('Grows by one with every committed change and survives restarts.'));
export const mark = z
  .string()
  .check(
    describe('`<revision>:<8 hex digits>`: a revision of this very ledger, told from the same one of another past.'),
  );
export const since = z
  .string()
  .check(
    describe('The `mark` that was told last; `changes` are those after it, if it is of this ledger and still held.'),
  );
export const counted = z
  .number()
  .check(
    z.int(),
    z.nonnegative(),
    describe('What it counts as consumption, where that is not the increment; of a session, what it counts by now.'),
  );
export const setAside = z
  .number()
  .check(
    describe(
      'How far `used` moved in this time without consumption, where it did: a first figure, which was used nobody knows when, or a correction; below 0 where it fell.',
    ),
  );
export const readingFlag = z
  .enum(['first', 'late', 'replaces', 'gave_way', 'new', 'restates', 'calibrated'])
  .check(
    describe(
      '`first`: the first figure of a counter, which counts nothing · `late`: older than what its counter said last, which changes nothing · `replaces`: the reading before it was a slip · `gave_way`: estimates were too high and count less · `new`: a conversation not known before · `restates`: a correction puts an earlier reading right · `calibrated`: a live meter counts what is used, so this sets the figure and counts nothing.',
    ),
  );
export const instants = z
  .boolean()
  .check(
    describe(
      'Whether to tell of each reading when it was, as `at`; its `timestamp` is in the local time of its recording.',
    ),
  );
export const at = z.string().check(describe('An instant, ISO 8601 in UTC.'));
export const behind = z
  .literal('behind')
  .check(describe('The state file could not be written just then; what is acknowledged is durable all the same.'));
export const count = z.number().check(z.int(), z.nonnegative());
export const unreadable = z
  .number()
  .check(
    z.int(),
    z.nonnegative(),
    describe(
      'How many entries of the ledger cannot be read, as far as is known by this answer, so that it lacks what they held, but for sessions that the state file has brought back; there where any are.',
    ),
  );
export const percent = z.number().check(describe('To two decimals.'));
export const message = z.string().check(describe('A text whose tokens are counted.'));
export const copy = z.string().check(describe('The text of an older copy of the state file.'));
export const query = text(MAX_EVENT_LENGTH, 'Looked for in the event, whatever its case.');
export const before = z.string().check(describe('The `next` of the page before.'));
export const bucket = z.enum(['hour', 'day', 'week', 'month']).check(describe('How long a bucket is.'));
export const timeZone = z
  .string()
  .check(describe('Where days begin, such as `Europe/Berlin`; the time zone of the machine by default.'));
