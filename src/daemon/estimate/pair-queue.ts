/**
 * Pairs waiting to be merged, one at a position: the lowest rank first, of equal ones the leftmost. The positions of one rank
 * are a linked list and not heap entries, so that in a run of one character a pair takes constant time.
 */
export interface PairQueue {
  /** Adds the pair at a position that has none. */
  add(rank: number, position: number): void;
  /** Takes out the pair at a position, which was added with this rank. */
  remove(rank: number, position: number): void;
  /** Takes the first pair out and answers its position; -1 when none waits. */
  takeFirst(): number;
}

/** An empty queue for positions below `capacity`. */
export function createPairQueue(capacity: number): PairQueue {
  const before = new Int32Array(capacity);
  const after = new Int32Array(capacity);
  const lists = new Map<number, PositionList>();
  /** A binary heap of the ranks that have a list, though it may be empty by now. */
  const heap: number[] = [];
  // A run asks for the same list again and again.
  let recent: PositionList | undefined;

  return {
    add(rank, position) {
      const list = listOf(rank);
      if (list.last > position) list.isAscending = false;
      append(list, position);
    },

    remove,

    takeFirst() {
      while (heap.length > 0) {
        const rank = heap[0]!;
        const list = listOf(rank);
        if (!list.isAscending) sort(list);
        const { first } = list;
        if (first !== NONE) {
          remove(rank, first);
          return first;
        }
        lists.delete(popLowest(heap));
        recent = undefined;
      }
      return NONE;
    },
  };

  function listOf(rank: number): PositionList {
    if (recent?.rank === rank) return recent;
    recent = lists.get(rank);
    if (!recent) {
      recent = { rank, first: NONE, last: NONE, isAscending: true };
      lists.set(rank, recent);
      pushNumber(heap, rank);
    }
    return recent;
  }

  function append(list: PositionList, position: number): void {
    before[position] = list.last;
    after[position] = NONE;
    if (list.last === NONE) list.first = position;
    else after[list.last] = position;
    list.last = position;
  }

  function remove(rank: number, position: number): void {
    const left = before[position]!;
    const right = after[position]!;
    if (left === NONE) listOf(rank).first = right;
    else after[left] = right;
    if (right === NONE) listOf(rank).last = left;
    else before[right] = left;
  }

  function sort(list: PositionList): void {
    const positions: number[] = [];
    for (let position = list.first; position !== NONE; position = after[position]!) positions.push(position);
    list.first = NONE;
    list.last = NONE;
    list.isAscending = true;
    for (const position of Int32Array.from(positions).sort()) append(list, position);
  }
}

const NONE = -1;

interface PositionList {
  readonly rank: number;
  first: number;
  last: number;
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
