import type { Change } from '../../../../protocol/methods.ts';

/** Hands changes on together, with a frame and at most some ten times a second; while the page is hidden they wait. */
export interface ChangeQueue {
  put(change: Change): void;
  stop(): void;
}

/** `hasGap` is true when more than the queue holds came at once, so that only the latest are handed on. */
export function createChangeQueue(take: (changes: readonly Change[], hasGap: boolean) => void): ChangeQueue {
  let waiting: Change[] = [];
  let hasGap = false;
  let earliestMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame: number | undefined;
  const hand = () => {
    frame = undefined;
    earliestMs = performance.now() + (waiting.length > MANY ? FLOOD_MS : LEAST_MS);
    const changes = waiting;
    const gap = hasGap;
    waiting = [];
    hasGap = false;
    take(changes, gap);
  };
  const put = (change: Change) => {
    if (waiting.length === MOST_WAITING) {
      waiting = waiting.slice(MOST_WAITING / 2);
      hasGap = true;
    }
    waiting.push(change);
    if (timer !== undefined || frame !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        frame = requestAnimationFrame(hand);
      },
      Math.max(0, earliestMs - performance.now()),
    );
  };
  const stop = () => {
    clearTimeout(timer);
    if (frame !== undefined) cancelAnimationFrame(frame);
  };
  return { put, stop };
}

/** More than a flood of a second. A page that was hidden for longer shows the latest and loads the rest. */
const MOST_WAITING = 1_000;

/** Between two repaints; nobody reads figures that change more often, still less so in a flood. */
const LEAST_MS = 90;
const FLOOD_MS = 300;
const MANY = 8;
