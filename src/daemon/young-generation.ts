import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

// Grown to its default of tens of megabytes, V8's young generation counts for more than what is left until the old one is
// full, and V8 marks the whole heap again and again, ten times a second for as long as anything is recorded: 10 to 15 ms,
// for which every hundredth record waits (docs/performance.md). The flag for its greatest size is read before a program
// is, whose command line is not ours to write; the factor by which it grows is read at each growth.

/** Both halves of it. With half as much a flood is a tenth slower, with twice as much the marking begins. */
const ENOUGH_BYTES = 8_000_000;

/** Keeps the young generation at the megabyte or two that it begins with; for the start, which would let it grow without bounds. */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Lets the young generation grow to what a flood of records has a use for. */
export function boundYoungGeneration(): void {
  const observer = new PerformanceObserver(() => {
    if (youngBytes() < ENOUGH_BYTES) return;
    keepYoungGenerationSmall();
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
  setFlagsFromString('--semi-space-growth-factor=2');
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}
