import { allOf, type Counts } from './counts.ts';

/** What was seen of a counted thing. */
export interface Sight {
  readonly counter: number;
  readonly atMs: number;
  readonly model: number;
  readonly project: number;
  readonly conversation: number;
  readonly estimated: number;
  readonly counts: Counts;
}

/** The sight that a cell holds. */
export function sightFrom(row: CellRow): Sight {
  const { counter, at_ms: atMs, model, project, conversation, estimated } = row;
  const counts: Counts = [row.input, row.cache_read, row.cache_write, row.output, row.reasoning];
  return { counter, atMs, model, project, conversation, estimated, counts };
}

/** What decides before names do, by the first difference: the larger one is better. */
export function rankOf({ counts, estimated, atMs }: Sight): readonly number[] {
  return [allOf(counts), -estimated, -atMs];
}

/** True for a time that a date can be. */
export function isInstant(atMs: number): boolean {
  return Number.isSafeInteger(atMs) && atMs >= 0 && atMs <= 8.64e15;
}

/** A row of `cell`, whose columns `meters-schema.ts` explains. */
export interface CellRow {
  readonly id: number;
  readonly counter: number;
  readonly at_ms: number;
  readonly model: number;
  readonly project: number;
  readonly conversation: number;
  readonly estimated: number;
  readonly input: number;
  readonly cache_read: number;
  readonly cache_write: number;
  readonly output: number;
  readonly reasoning: number;
  readonly most_fresh: number;
  readonly fed: number;
}
