import { allTokens, outweighs } from '../../../../src/daemon/meters/forms/token-counts.ts';
import type { CountSeen, Observation, TokenCounts } from '../../../../src/daemon/meters/observation.ts';

/** What the store makes of counts: under each key the largest. */
export type Cells = ReadonlyMap<string, TokenCounts>;

export function cellsOf(observations: Iterable<Observation>): Cells {
  const cells = new Map<string, TokenCounts>();
  for (const { key, tokens } of countsOf(observations)) {
    const before = cells.get(key);
    if (before === undefined || outweighs(tokens, before)) cells.set(key, tokens);
  }
  return cells;
}

export function countsOf(observations: Iterable<Observation>): CountSeen[] {
  return [...observations].filter((seen) => seen.kind === 'count');
}

export function totalOf(cells: Cells): number {
  return [...cells.values()].reduce((sum, tokens) => sum + allTokens(tokens), 0);
}

/** The items in an order that `random` decides. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const drawn = items.map((item) => ({ item, place: random() }));
  return drawn.sort((one, other) => one.place - other.place).map(({ item }) => item);
}
