import { othersTurn } from '../process/turns.ts';
import type { HistoryReader } from '../store/index/reading/reader.ts';
import { type Chunk, chunkBehind, nextBehind, type TimePlace } from '../store/index/reading/time-walk.ts';

/** How somebody looks back, and when it is enough. */
export interface Look {
  readonly from: TimePlace;
  /** About so many sessions are looked at here. */
  readonly most: number;
  /** True when what is found by now is the answer. */
  readonly isOver: () => boolean;
  /** Throws when nobody waits for the answer any more. */
  readonly throwIfGone: () => void;
}

/** How it ended: at the last session, as it was asked to, with the end of patience, or too far back to go on here. */
export type LookedBack =
  | { readonly how: 'end' | 'asked' }
  | { readonly how: 'patience'; readonly next: string; readonly lookedBackTo: string }
  | { readonly how: 'far'; readonly from: TimePlace };

/** Between two instants, as times are told now. */
interface Between {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly nowMs: number;
}

/** The clock is looked at, and others have their turn, after so many sessions: few at first, 5 ms of looking at last. */
const FIRST_CHUNK = 256;
const GROWTH = 4;
const LONGEST_CHUNK = 16_384;

/** Hands sessions to `take` in chunks, newest first; it may ask to end, or tell that it came only to a place within the chunk. */
export async function lookBack(
  reader: HistoryReader,
  between: Between,
  look: Look,
  take: (place: TimePlace, chunk: Chunk) => 'asked' | TimePlace | undefined,
): Promise<LookedBack> {
  let place = look.from;
  let looked = 0;
  for (let rows = FIRST_CHUNK; ; rows = Math.min(rows * GROWTH, LONGEST_CHUNK)) {
    const next = nextBehind(reader, place);
    // The place in the order is never before the session's time, so all that follow are older too.
    if (!next || next.orderMs < between.sinceMs) return { how: 'end' };
    if (looked > 0 && look.isOver()) {
      return { how: 'patience', next: cursorOf(place), lookedBackTo: toldOf(reader, place, between) };
    }
    if (looked > 0 && looked >= look.most) return { how: 'far', from: place };
    const chunk = chunkBehind(reader, place, rows)!;
    const taken = take(place, chunk);
    if (taken === 'asked') return { how: 'asked' };
    place = taken ?? chunk.oldest;
    looked += chunk.rows;
    await othersTurn();
    look.throwIfGone();
  }
}

/** The `next` by which an answer goes on behind a session. */
export function cursorOf({ orderMs, ordinal }: TimePlace): string {
  return `${orderMs}.${ordinal}`;
}

/** Without a limit in time nobody asks what is believed of it. */
function toldOf(reader: HistoryReader, { ordinal }: TimePlace, { sinceMs, untilMs, nowMs }: Between): string {
  const { at_ms, told_ms, dated } = reader.session(ordinal)!;
  const isBounded = Number.isFinite(sinceMs) || Number.isFinite(untilMs);
  const toldMs = dated === 1 ? told_ms : Math.min(told_ms, nowMs);
  return new Date(isBounded ? toldMs : at_ms).toISOString();
}
