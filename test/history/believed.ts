/**
 * When changes are believed to have been, whose clock jumped: the longest row of times that never falls is right, and of
 * two as long the one that is later in the ledger. What is not in it lies between its neighbours there, and nothing
 * lies in the future.
 */
export function believed(times: readonly number[], nowMs: number): number[] {
  const lengths: number[] = [];
  const before: number[] = [];
  let last = -1;
  for (const [index, time] of times.entries()) {
    lengths.push(0);
    before.push(-1);
    if (time > nowMs) continue;
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
  return times.map((time, index) => {
    const next = times.findIndex((_, other) => other >= index && right.has(other));
    const previous = times.findLastIndex((_, other) => other <= index && right.has(other));
    const atMost = next < 0 ? nowMs : times[next]!;
    const atLeast = previous < 0 ? Number.NEGATIVE_INFINITY : times[previous]!;
    return Math.max(atLeast, Math.min(time, atMost));
  });
}
