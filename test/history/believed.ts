/**
 * When changes are believed to have been, whose clock jumped. The texts say only that the order of recording and the
 * present must agree; so the daemon believes a clock that was set back, until it has come past all that it ever said.
 * From then on the majority decides.
 */
export function believed(times: readonly number[], nowMs: number): number[] {
  const setBack = times.findLastIndex((time, index) => index > 0 && time < times[index - 1]!);
  const highest = Math.max(...times);
  const isPast = Math.max(nowMs, times.at(-1) ?? nowMs) >= highest;
  const judged = setBack < 0 ? 0 : isPast ? times.length : setBack + 1;
  const told = agreeing(times.slice(0, judged), isPast ? highest : times[setBack]!);
  return [...told, ...times.slice(judged)].map((time) => Math.min(time, nowMs));
}

/**
 * The longest row of times that never falls is right, and of two as long the one that is later in the ledger. What is not
 * in it becomes the nearest time at which none falls, and none lies after the last instant.
 */
function agreeing(times: readonly number[], lastMs: number): number[] {
  const lengths: number[] = [];
  const before: number[] = [];
  let last = -1;
  for (const [index, time] of times.entries()) {
    lengths.push(0);
    before.push(-1);
    if (time > lastMs) continue;
    lengths[index] = 1;
    for (let other = 0; other < index; other++) {
      const isRow = lengths[other]! > 0 && times[other]! <= time;
      if (isRow && lengths[other]! + 1 >= lengths[index]!) {
        lengths[index] = lengths[other]! + 1;
        before[index] = other;
      }
    }
    if (last < 0 || lengths[index]! >= lengths[last]!) last = index;
  }
  const right = new Set<number>();
  for (let index = last; index >= 0; index = before[index]!) right.add(index);
  const atMost = times.map((time, index) => {
    const next = times.findIndex((_, other) => other >= index && right.has(other));
    return Math.min(time, next < 0 ? lastMs : times[next]!);
  });
  return atMost.map((_, index) => Math.max(...atMost.slice(0, index + 1)));
}
