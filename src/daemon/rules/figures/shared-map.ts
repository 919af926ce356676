/** A map that is never changed: with one entry more or less it is another one, which shares all but a few nodes with it. */
export type SharedMap<V> = Leaf<V> | Branch<V>;

interface Leaf<V> {
  readonly entries: readonly (readonly [key: string, value: V])[];
}

interface Branch<V> {
  /** By the next bits of the key's hash. */
  readonly branches: readonly SharedMap<V>[];
}

const BITS = 4;
const FAN = 1 << BITS;

/** A leaf that is fuller is split, unless the hash has no bits left. */
const MOST_ENTRIES = 8;
const MOST_DEPTH = 32 / BITS;

/** The map without an entry. */
export const EMPTY_MAP: SharedMap<never> = { entries: [] };

/** The value under a key. */
export function valueAt<V>(map: SharedMap<V>, key: string): V | undefined {
  let node = map;
  for (let hash = hashOf(key); 'branches' in node; hash >>>= BITS) node = node.branches[hash & (FAN - 1)]!;
  return node.entries.find(([name]) => name === key)?.[1];
}

/** The map with another value under a key; `undefined` takes the key out. */
export function withValue<V>(map: SharedMap<V>, key: string, value: V | undefined): SharedMap<V> {
  return changed(map, key, value, hashOf(key), 0);
}

/** The entries of `after` that differ from `before`, with `undefined` for those that it lacks; quick where the two share most. */
export function* differences<V>(
  before: SharedMap<V>,
  after: SharedMap<V>,
): Generator<readonly [key: string, value: V | undefined]> {
  if (before === after) return;
  if ('branches' in before && 'branches' in after) {
    for (const [place, node] of after.branches.entries()) yield* differences(before.branches[place]!, node);
    return;
  }
  const was = new Map(entriesOf(before));
  for (const [key, value] of entriesOf(after)) {
    if (was.get(key) !== value) yield [key, value];
    was.delete(key);
  }
  for (const key of was.keys()) yield [key, undefined];
}

function changed<V>(map: SharedMap<V>, key: string, value: V | undefined, hash: number, depth: number): SharedMap<V> {
  if ('branches' in map) {
    const place = hash & (FAN - 1);
    return { branches: map.branches.with(place, changed(map.branches[place]!, key, value, hash >>> BITS, depth + 1)) };
  }
  const known = map.entries.findIndex(([name]) => name === key);
  if (value === undefined) return known === -1 ? map : { entries: map.entries.toSpliced(known, 1) };
  if (known !== -1) return { entries: map.entries.with(known, [key, value]) };
  // In order, so that the same few entries are the same leaf, however they came.
  const entries = [...map.entries, [key, value] as const].sort(([one], [other]) => (one < other ? -1 : 1));
  if (entries.length <= MOST_ENTRIES || depth === MOST_DEPTH) return { entries };
  const places = Array.from({ length: FAN }, (): (readonly [string, V])[] => []);
  for (const entry of entries) places[(hashOf(entry[0]) >>> (depth * BITS)) & (FAN - 1)]!.push(entry);
  return { branches: places.map((held) => ({ entries: held })) };
}

function* entriesOf<V>(map: SharedMap<V>): Generator<readonly [string, V]> {
  if ('branches' in map) for (const node of map.branches) yield* entriesOf(node);
  else yield* map.entries;
}

/** FNV-1a over the code units, its bits mixed once more so that the low ones tell short keys apart. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
