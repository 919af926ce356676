import type { Params, Result } from '../../protocol/methods.ts';
import { parseTimestamp } from '../../protocol/timestamp.ts';
import { type Consumed, consumptionOf } from '../rules/consumption.ts';
import { addExactly } from '../rules/exact-sum.ts';
import type { SessionIndex } from '../store/index/session-index.ts';

const DEFAULT_CONVERSATIONS = 20;

/** Consumption by conversation, of the same readings as `usage.stats` counts, the largest first and what names none last; what is beyond the limit is one sum. */
export function conversationsOf(
  sessions: SessionIndex,
  { since, until, limit = DEFAULT_CONVERSATIONS }: Params<'usage.conversations'>,
  nowMs: number,
): Result<'usage.conversations'> {
  const bound = (text: string | undefined) => (text === undefined ? undefined : parseTimestamp(text));
  const sums = sumsOf(sessions, consumptionOf(sessions, bound(since), bound(until), sessions.times(nowMs)));
  const found = namelessLast(largest(sums, limit), sessions);
  const conversations = found.map((number) => ({
    conversation_id: sessions.conversations.textOf(number),
    tokens: sums.tokens[number]!,
    readings: sums.readings[number]!,
    last_at: new Date(sums.lastMs[number]!).toISOString(),
  }));
  const isNamed = new Set(found);
  const rest = { conversations: 0, tokens: 0, readings: 0 };
  for (const [number, readings] of sums.readings.entries()) {
    if (readings === 0 || isNamed.has(number)) continue;
    rest.conversations++;
    rest.tokens = addExactly(rest.tokens, sums.tokens[number]!);
    rest.readings += readings;
  }
  return { conversations, ...(rest.conversations > 0 && { others: rest }) };
}

/** By the conversation's number in the index. */
interface Sums {
  readonly tokens: Float64Array;
  readonly readings: Uint32Array;
  readonly lastMs: Float64Array;
}

function sumsOf(sessions: SessionIndex, usage: Iterable<Consumed>): Sums {
  const count = sessions.conversations.length;
  const tokens = new Float64Array(count);
  const readings = new Uint32Array(count);
  const lastMs = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  for (const { ordinal, atMs, tokens: counted } of usage) {
    const number = sessions.conversationOf(ordinal);
    tokens[number] = addExactly(tokens[number]!, counted);
    readings[number]!++;
    lastMs[number] = Math.max(lastMs[number]!, atMs);
  }
  return { tokens, readings, lastMs };
}

/** Readings without a conversation stand last, however much they count: they would hide the one that a person looks for. */
function namelessLast(numbers: readonly number[], { conversations }: SessionIndex): number[] {
  const isNameless = (number: number) => conversations.textOf(number) === '';
  return [...numbers.filter((number) => !isNameless(number)), ...numbers.filter(isNameless)];
}

/** The numbers of the largest sums in order; of equal ones the latest first. */
function largest({ tokens, readings, lastMs }: Sums, limit: number): number[] {
  const compare = (a: number, b: number) => tokens[b]! - tokens[a]! || lastMs[b]! - lastMs[a]! || a - b;
  const found: number[] = [];
  for (let number = 0; number < tokens.length; number++) {
    if (readings[number] === 0) continue;
    if (found.length === limit) {
      if (compare(number, found[limit - 1]!) > 0) continue;
      found.pop();
    }
    found.splice(placeOf(found, number, compare), 0, number);
  }
  return found;
}

function placeOf(found: readonly number[], number: number, compare: (a: number, b: number) => number): number {
  let low = 0;
  let high = found.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(found[middle]!, number) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
