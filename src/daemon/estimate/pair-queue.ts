/** Pairs waiting to be merged, kept by rank: a long run of one character is one list, not a million heap entries. */
export interface PairQueue {
  /** Adds the pair at a position. */
  add(rank: number, position: number): void;
  /** The lowest rank that waits; `Infinity` when none does. */
  lowestRank(): number;
  /** Takes out all positions of the lowest rank, ascending. */
  takeLowest(): ArrayLike<number>;
}

/** An empty queue. */
export function createPairQueue(): PairQueue {
  const lists = new Map<number, List>();
  /** A binary heap of the ranks that have a list, each once. */
  const heap: number[] = [];
  let recent: List | undefined;
  let recentRank = -1;

  return {
    add(rank, position) {
      if (rank !== recentRank) {
        recent = lists.get(rank);
        if (!recent) {
          recent = { positions: [], isAscending: true };
          lists.set(rank, recent);
          pushNumber(heap, rank);
        }
        recentRank = rank;
      }
      const { positions } = recent!;
      if (positions.length > 0 && positions[positions.length - 1]! > position) recent!.isAscending = false;
      positions.push(position);
    },
    lowestRank: () => heap[0] ?? Infinity,
    takeLowest() {
      const rank = popLowest(heap);
      const { positions, isAscending } = lists.get(rank)!;
      lists.delete(rank);
      if (rank === recentRank) recentRank = -1;
      return isAscending ? positions : Int32Array.from(positions).sort();
    },
  };
}

interface List {
  positions: number[];
  isAscending: boolean;
}

function pushNumber(heap: number[], value: number): void {
  let at = heap.length;
  heap.push(value);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]! <= value) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = value;
}

function popLowest(heap: number[]): number {
  const lowest = heap[0]!;
  const value = heap.pop()!;
  if (heap.length === 0) return lowest;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= value) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = value;
  return lowest;
}
