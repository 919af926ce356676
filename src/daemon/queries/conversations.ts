import type { Params, Result } from '../../protocol/methods.ts';
import { addExactly } from '../rules/exact-sum.ts';
import type { HistoryReader } from '../store/index/reading/reader.ts';
import { stretchOf } from './asked-time.ts';
import { eachConsumedIn } from './consumed.ts';

const DEFAULT_CONVERSATIONS = 20;

/** Consumption by conversation, of the same readings as `usage.stats` counts, the largest first and what names none last; what is beyond the limit is one sum. */
export function conversationsOf(
  reader: HistoryReader,
  { limit = DEFAULT_CONVERSATIONS, ...asked }: Params<'usage.conversations'>,
  nowMs: number,
): Result<'usage.conversations'> {
  const sums = new Map<number, Sum>();
  let last: Sum | undefined;
  eachConsumedIn(reader, stretchOf(asked, nowMs), (atMs, tokens, _setAside, number) => {
    const sum = last?.number === number ? last : sumOf(sums, number);
    last = sum;
    sum.tokens = addExactly(sum.tokens, tokens);
    sum.readings++;
    if (atMs > sum.lastMs) sum.lastMs = atMs;
  });
  // Of equal ones the latest first.
  const inOrder = [...sums.values()].sort((a, b) => b.tokens - a.tokens || b.lastMs - a.lastMs || a.number - b.number);
  const conversations = namelessLast(inOrder.slice(0, limit), reader).map(({ number, tokens, readings, lastMs }) => ({
    conversation_id: reader.conversationName(number),
    tokens,
    readings,
    last_at: new Date(lastMs).toISOString(),
  }));
  const rest = { conversations: 0, tokens: 0, readings: 0 };
  for (const { tokens, readings } of inOrder.slice(limit)) {
    rest.conversations++;
    rest.tokens = addExactly(rest.tokens, tokens);
    rest.readings += readings;
  }
  return { conversations, ...(rest.conversations > 0 && { others: rest }) };
}

/** Of the conversation with a number. */
interface Sum {
  readonly number: number;
  tokens: number;
  readings: number;
  lastMs: number;
}

function sumOf(sums: Map<number, Sum>, number: number): Sum {
  let sum = sums.get(number);
  if (!sum) {
    sum = { number, tokens: 0, readings: 0, lastMs: Number.NEGATIVE_INFINITY };
    sums.set(number, sum);
  }
  return sum;
}

/** Readings without a conversation stand last, however much they count: they would hide the one that a person looks for. */
function namelessLast(sums: readonly Sum[], reader: HistoryReader): Sum[] {
  const nameless = reader.conversationNumber('');
  return [...sums.filter(({ number }) => number !== nameless), ...sums.filter(({ number }) => number === nameless)];
}
