import { eachConsumed } from '../rules/consumption.ts';
import { DAY_MS, LONGEST_DAYS, type UsageAt } from '../rules/pace.ts';
import { BLOCK_ROWS } from '../store/index/database/schema.ts';
import type { BlockHead, HistoryReader } from '../store/index/reading/reader.ts';

/** What a forecast is made of: the usage of each of the last days, counted back from now, and when the first was seen. */
export function recentUsage(reader: HistoryReader, nowMs: number): UsageAt[] {
  const days = new Float64Array(LONGEST_DAYS);
  let firstMs = Number.POSITIVE_INFINITY;
  const take = (atMs: number, tokens: number) => {
    if (atMs > nowMs) return;
    firstMs = Math.min(firstMs, atMs);
    const day = Math.floor((nowMs - atMs) / DAY_MS);
    if (day < LONGEST_DAYS) days[day]! += tokens;
  };
  eachBlock(reader, 0, (number, head) => {
    // Of what is older only the beginning counts.
    if (head && (head.most_ms === null || head.most_ms <= nowMs - LONGEST_DAYS * DAY_MS))
      take(head.least_ms ?? Number.POSITIVE_INFINITY, 0);
    else eachConsumed(reader.sessionColumns(number), always(nowMs), take);
  });
  const usage = Array.from(days, (tokens, day) => ({ atMs: nowMs - day * DAY_MS, tokens })).filter(
    ({ tokens }) => tokens > 0,
  );
  return Number.isFinite(firstMs) ? [{ atMs: firstMs, tokens: 0 }, ...usage] : usage;
}

/** The earliest time, in milliseconds, of what was recorded since the counter began anew; infinite where nothing was. */
export function countingSince(reader: HistoryReader, nowMs: number): number {
  const first = Math.max(reader.firstCounted, reader.lastAnew ?? 0);
  let sinceMs = Number.POSITIVE_INFINITY;
  eachBlock(reader, Math.floor(first / BLOCK_ROWS), (number, head) => {
    const isWhole = number * BLOCK_ROWS >= first;
    if (isWhole && head && (head.least_ms === null || head.least_ms <= nowMs)) {
      sinceMs = Math.min(sinceMs, head.least_ms ?? Number.POSITIVE_INFINITY);
      return;
    }
    const { length, ...columns } = reader.sessionColumns(number);
    const behind = Math.max(0, first - number * BLOCK_ROWS);
    const sessions = {
      length: length - behind,
      toldMs: columns.toldMs.subarray(behind),
      counted: columns.counted.subarray(behind),
      setAside: columns.setAside.subarray(behind),
      conversation: columns.conversation.subarray(behind),
    };
    eachConsumed(sessions, always(nowMs), (atMs) => {
      sinceMs = Math.min(sinceMs, atMs);
    });
  });
  return sinceMs;
}

/** All blocks from one on, with what is known of each without reading it. */
function eachBlock(
  reader: HistoryReader,
  from: number,
  take: (number: number, head: BlockHead | undefined) => void,
): void {
  const { sessions } = reader;
  const heads = new Map(reader.blockHeads().map((head) => [head.number, head]));
  for (let number = from; number * BLOCK_ROWS < sessions; number++) take(number, heads.get(number));
}

function always(nowMs: number) {
  return { sinceMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY, nowMs };
}
