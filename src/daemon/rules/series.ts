/** The figures after changes, by rank from the oldest; instants never fall. */
export interface Levels {
  atMs(rank: number): number;
  used(rank: number): number;
  total(rank: number): number;
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

/** What stands of the changes in a stretch of time, as ranks. */
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

function fineSlots(levels: Levels, from: number, to: number, limit: number): Slot[] {
  const startMs = levels.atMs(from);
  const count = limit * SLOTS_A_POINT;
  const perMs = count / (levels.atMs(to - 1) - startMs + 1);
  const slots: Slot[] = [];
  let slot: Slot | undefined;
  let [lowUsed, highUsed, total] = [0, 0, levels.total(from)];
  for (let rank = from; rank < to; rank++) {
    const place = Math.floor((levels.atMs(rank) - startMs) * perMs);
    const used = levels.used(rank);
    if (slot?.place !== place) {
      slot = { place, first: rank, last: rank, low: rank, high: rank, lowTotal: -1, highTotal: -1 };
      slots.push(slot);
      lowUsed = highUsed = used;
    } else {
      slot.last = rank;
      if (used < lowUsed) {
        slot.low = rank;
        lowUsed = used;
      }
      if (used > highUsed) {
        slot.high = rank;
        highUsed = used;
      }
    }
    const next = levels.total(rank);
    if (next !== total) {
      total = next;
      if (slot.lowTotal === -1 || total < levels.total(slot.lowTotal)) slot.lowTotal = rank;
      if (slot.highTotal === -1 || total > levels.total(slot.highTotal)) slot.highTotal = rank;
    }
  }
  return slots;
}

/** Slots of twice the length. */
function merged(levels: Levels, slots: readonly Slot[]): Slot[] {
  const longer: Slot[] = [];
  for (const slot of slots) {
    const place = slot.place >>> 1;
    const before = longer.at(-1);
    if (before?.place !== place) {
      longer.push({ ...slot, place });
      continue;
    }
    before.last = slot.last;
    if (levels.used(slot.low) < levels.used(before.low)) before.low = slot.low;
    if (levels.used(slot.high) > levels.used(before.high)) before.high = slot.high;
    if (slot.lowTotal === -1) continue;
    const hasNone = before.lowTotal === -1;
    if (hasNone || levels.total(slot.lowTotal) < levels.total(before.lowTotal)) before.lowTotal = slot.lowTotal;
    if (hasNone || levels.total(slot.highTotal) > levels.total(before.highTotal)) before.highTotal = slot.highTotal;
  }
  return longer;
}

function countOf(slots: readonly Slot[]): number {
  return slots.reduce((sum, slot) => sum + ranksOf(slot).length, 0);
}

/** The most telling first. */
function ranksOf({ first, last, low, high, lowTotal, highTotal }: Slot): number[] {
  return [...new Set([last, first, high, low, lowTotal, highTotal])].filter((rank) => rank !== -1);
}
