/** A binary min-heap of numbers in one typed array. */
export interface NumberHeap {
  /** Adds without ordering; for filling the heap, before one `order`. */
  append(value: number): void;
  /** Makes a heap of what was appended, in O(n). */
  order(): void;
  push(value: number): void;
  /** Takes the lowest number out; `Infinity` when there is none. */
  pop(): number;
}

/** An empty heap for at most `capacity` numbers at a time. */
export function createNumberHeap(capacity: number): NumberHeap {
  const values = new Float64Array(capacity);
  let size = 0;

  return {
    append(value) {
      values[size++] = value;
    },
    order() {
      for (let at = (size >> 1) - 1; at >= 0; at--) sink(at, values[at]!);
    },
    push(value) {
      let at = size++;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (values[parent]! <= value) break;
        values[at] = values[parent]!;
        at = parent;
      }
      values[at] = value;
    },
    pop() {
      if (size === 0) return Infinity;
      const lowest = values[0]!;
      size--;
      if (size > 0) sink(0, values[size]!);
      return lowest;
    },
  };

  function sink(from: number, value: number): void {
    let at = from;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && values[child + 1]! < values[child]!) child++;
      if (values[child]! >= value) break;
      values[at] = values[child]!;
      at = child;
    }
    values[at] = value;
  }
}
