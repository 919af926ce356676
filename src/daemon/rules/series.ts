/** The figures after changes, by rank from the oldest; instants never fall. */
export interface Levels {
  readonly atMs: (rank: number) => number;
  readonly used: (rank: number) => number;
  readonly total: (rank: number) => number;
}

/**
 * At most `limit` of the ranks from `from` up to `to`, in order, so that a line through them shows what the line through
 * all of them shows: time is cut into slots, and of each the first and last, the lowest and highest `used`, and the
 * lowest and highest new `total` stand. The slots are as many as the limit allows; the first and the last always stand.
 */
export function sampleLevels(levels: Levels, from: number, to: number, limit: number): number[] {
  if (to - from <= limit) return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  let slots = fineSlots(levels, from, to, limit);
  while (slots.length > 1 && countOf(slots) > limit) slots = merged(levels, slots);
  const ranks = slots.flatMap((slot) => ranksOf(slot).slice(0, limit));
  return ranks.sort((a, b) => a - b);
}

/** The first, last, lowest and highest changes in a stretch of time, as ranks. */
interface Slot {
  /** Its place in time among the slots of its length. */
  readonly place: number;
  readonly first: number;
  last: number;
  low: number;
  high: number;
  lowTotal: number;
  highTotal: number;
}

/** Slots without a change cost nothing, so where usage comes in bursts, finer ones than the limit have room. */
const SLOTS_A_POINT = 16;

function fineSlots({ atMs, used, total }: Levels, from: number, to: number, limit: number): Slot[] {
  const startMs = atMs(from);
  const slotMs = (atMs(to - 1) - startMs + 1) / (limit * SLOTS_A_POINT);
  const slots: Slot[] = [];
  let slot: Slot | undefined;
  let endMs = Number.NEGATIVE_INFINITY;
  let [lowest, highest, budget] = [0, 0, total(from)];
  for (let rank = from; rank < to; rank++) {
    const level = used(rank);
    if (slot === undefined || atMs(rank) >= endMs) {
      const place = Math.floor((atMs(rank) - startMs) / slotMs);
      endMs = startMs + (place + 1) * slotMs;
      slot = { place, first: rank, last: rank, low: rank, high: rank, lowTotal: -1, highTotal: -1 };
      slots.push(slot);
      lowest = highest = level;
    } else if (level < lowest) {
      slot.low = rank;
      lowest = level;
    } else if (level > highest) {
      slot.high = rank;
      highest = level;
    }
    slot.last = rank;
    if (total(rank) === budget) continue;
    budget = total(rank);
    if (slot.lowTotal === -1 || budget < total(slot.lowTotal)) slot.lowTotal = rank;
    if (slot.highTotal === -1 || budget > total(slot.highTotal)) slot.highTotal = rank;
  }
  return slots;
}

/** Slots of twice the length. */
function merged({ used, total }: Levels, slots: readonly Slot[]): Slot[] {
  const longer: Slot[] = [];
  for (const slot of slots) {
    const place = slot.place >>> 1;
    const before = longer.at(-1);
    if (before?.place !== place) {
      longer.push({ ...slot, place });
      continue;
    }
    before.last = slot.last;
    if (used(slot.low) < used(before.low)) before.low = slot.low;
    if (used(slot.high) > used(before.high)) before.high = slot.high;
    if (slot.lowTotal === -1) continue;
    const hasNone = before.lowTotal === -1;
    if (hasNone || total(slot.lowTotal) < total(before.lowTotal)) before.lowTotal = slot.lowTotal;
    if (hasNone || total(slot.highTotal) > total(before.highTotal)) before.highTotal = slot.highTotal;
  }
  return longer;
}

function countOf(slots: readonly Slot[]): number {
  return slots.reduce((sum, slot) => sum + ranksOf(slot).length, 0);
}

/** The most telling first. */
function ranksOf({ first, last, low, high, lowTotal, highTotal }: Slot): number[] {
  const ranks = [last];
  for (const rank of [first, high, low, lowTotal, highTotal]) {
    if (rank !== -1 && !ranks.includes(rank)) ranks.push(rank);
  }
  return ranks;
}
