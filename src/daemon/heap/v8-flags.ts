import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's collector from getting in the way of a record; to be called first thing, because the young generation never
 * shrinks below the size to which the start has let it grow. V8's own defaults are meant for pages and servers with large
 * heaps: in ours, of 13 MB, it lets the young generation grow to tens of megabytes, counts that against the space left
 * until the old one is full, and marks the whole heap ten times a second while anything is recorded. Every hundredth
 * record waited 10 to 15 ms for that (docs/performance.md). A V8 that does not know a flag goes on without it.
 */
export function setV8Flags(): void {
  // In percent of the space left until a collection must be: by a task of its own from the first on, at once from the second.
  setFlagsFromString('--incremental-marking-soft-trigger=80');
  setFlagsFromString('--incremental-marking-hard-trigger=95');
  // Sizes are read before any program; the factor of growth is read whenever the young generation could grow.
  setFlagsFromString('--semi-space-growth-factor=1');
}
