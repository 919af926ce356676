import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

// What V8 sets by itself is meant for pages and servers with large heaps. In ours, of 13 MB, it let the young generation grow
// to tens of megabytes, and that counts for more than what is left until the old one is full, so it marked the whole heap ten
// times a second for as long as anything was recorded: 10 to 15 ms, for which every hundredth record waited
// (docs/performance.md). These flags are looked at whenever they matter; those for sizes are read before a program is,
// whose command line is not ours to write. A V8 that does not know one says so and goes on as before.

/** Both halves of the young generation. With half as much a flood is a tenth slower, with more it is no faster. */
const ENOUGH_BYTES = 8_000_000;

/** To be called first thing, because the start makes more garbage than all that follows: what has grown in it would stay so. */
export function calmGarbageCollector(): void {
  // In percent of what is left until a collection must be: by a task of its own from the first on, at once from the second.
  setFlagsFromString('--incremental-marking-soft-trigger=80');
  setFlagsFromString('--incremental-marking-hard-trigger=95');
  keepYoungGeneration();
}

/**
 * Lets the young generation grow to what a flood of records has a use for, again after V8 has made it smaller in a quiet
 * hour; for after the start. It is looked at between turns, so that within a long one it may grow beyond.
 */
export function boundYoungGeneration(): void {
  new PerformanceObserver(() => {
    if (youngBytes() < ENOUGH_BYTES) letYoungGenerationGrow();
    else keepYoungGeneration();
  }).observe({ entryTypes: ['gc'] });
  letYoungGenerationGrow();
}

function letYoungGenerationGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
}

function keepYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}
