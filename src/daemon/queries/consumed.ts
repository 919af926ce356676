import type { Params, Result } from '../../protocol/methods.ts';
import { eachConsumed, type Stretch, type TakeConsumed } from '../rules/consumption.ts';
import { addExactly } from '../rules/exact-sum.ts';
import { createBucketing } from '../rules/stats.ts';
import { BLOCK_ROWS } from '../store/index/database/schema.ts';
import type { HistoryReader } from '../store/index/reading/reader.ts';
import { stretchOf } from './asked-time.ts';

/** Hands on the consumption of a stretch of time, by ordinal. */
export function eachConsumedIn(reader: HistoryReader, stretch: Stretch, take: TakeConsumed): void {
  for (const number of blocksIn(reader, stretch)) eachConsumed(reader.sessionColumns(number), stretch, take);
}

/** How many sessions are looked at for that, which is what it costs. */
export function sessionsIn(reader: HistoryReader, stretch: Stretch): number {
  return blocksIn(reader, stretch).length * BLOCK_ROWS;
}

/** Consumption by bucket. */
export function statsOf(
  reader: HistoryReader,
  { bucket, time_zone, ...asked }: Params<'usage.stats'>,
  nowMs: number,
): Result<'usage.stats'> {
  const bucketing = createBucketing(bucket, time_zone);
  eachConsumedIn(reader, stretchOf(asked, nowMs), bucketing.add);
  return { buckets: bucketing.buckets() };
}

/** The sum of the counts in a stretch of time, of one conversation or of all. */
export function sumOver(
  reader: HistoryReader,
  params: Pick<Params<'usage.sum'>, 'since' | 'until' | 'conversation_id'>,
  nowMs: number,
): Result<'usage.sum'> {
  const { conversation_id } = params;
  const asked = conversation_id === undefined ? undefined : (reader.conversationNumber(conversation_id) ?? NOBODY);
  let readings = 0;
  let tokens = 0;
  eachConsumedIn(reader, stretchOf(params, nowMs), (_atMs, counted, _setAside, conversation) => {
    if (asked !== undefined && conversation !== asked) return;
    readings++;
    tokens = addExactly(tokens, counted);
  });
  return { readings, tokens };
}

/** Consumption since the beginning, which is kept with the rows. */
export function recordedTokens(reader: HistoryReader): number {
  return reader.countedTokens;
}

const NOBODY = -1;

/** The blocks that may hold some of it. */
function blocksIn(reader: HistoryReader, { sinceMs, untilMs, nowMs }: Stretch): number[] {
  const count = Math.ceil(reader.sessions / BLOCK_ROWS);
  const others = new Set<number>();
  for (const { number, least_ms, most_ms } of reader.blockHeads()) {
    // What is told of the time behind now is told as of now.
    const isWithin = least_ms !== null && most_ms! >= sinceMs && Math.min(least_ms, nowMs) < untilMs;
    if (!isWithin) others.add(number);
  }
  return Array.from({ length: count }, (_, number) => number).filter((number) => !others.has(number));
}
