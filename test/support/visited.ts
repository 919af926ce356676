/** Array methods that look at, or move, up to all of an array each time they are called. */
const METHODS = [
  'indexOf',
  'lastIndexOf',
  'includes',
  'find',
  'findLast',
  'findIndex',
  'findLastIndex',
  'filter',
  'some',
  'every',
  'map',
  'flatMap',
  'slice',
  'splice',
  'toSpliced',
  'with',
] as const;

/**
 * The number of array elements that a work visits by the methods of arrays, and by making sets of them: what grows with the square
 * of a list shows here on any machine, however busy.
 */
export async function visited(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const prototype = Array.prototype as unknown as Record<string, unknown>;
  const originals = METHODS.map((name) => [name, prototype[name] as (...given: unknown[]) => unknown] as const);
  const OriginalSet = globalThis.Set;
  for (const [name, original] of originals) {
    prototype[name] = function (this: unknown[], ...given: unknown[]) {
      count += this.length;
      return original.apply(this, given);
    };
  }
  globalThis.Set = class<T> extends OriginalSet<T> {
    constructor(values?: Iterable<T> | null) {
      super(values);
      count += this.size;
    }
  } as SetConstructor;
  try {
    await work();
  } finally {
    for (const [name, original] of originals) prototype[name] = original;
    globalThis.Set = OriginalSet;
  }
  return count;
}
