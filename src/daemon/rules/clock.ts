/** Times in milliseconds, in the order in which they were recorded. */
export interface RecordedTimes {
  readonly length: number;
  atMs(place: number): number;
}

/**
 * When each of them was, where the machine's clock was wrong for a while: as many times as possible are believed that agree
 * with the order of recording and with the clock of now; of the others each becomes the nearest time that does. So what a
 * clock dated that ran ahead lies before what came after it, one that fell behind moves nothing else, and nothing lies in
 * the future. In time linear in their number as long as few are wrong.
 */
export function believedTimes({ length, atMs }: RecordedTimes, nowMs: number): Float64Array {
  const times = Float64Array.from({ length }, (_, place) => atMs(place));
  const isBelieved = longestRise(times, nowMs);
  let latest = nowMs;
  for (let place = length - 1; place >= 0; place--) {
    if (isBelieved[place]) latest = times[place]!;
    else times[place] = Math.min(times[place]!, latest);
  }
  let earliest = Number.NEGATIVE_INFINITY;
  for (let place = 0; place < length; place++) {
    if (isBelieved[place]) earliest = times[place]!;
    else times[place] = earliest = Math.max(times[place]!, earliest);
  }
  return times;
}

/** Marks the longest of the rows that never fall and end by now; of two as long the one that ends earlier, which a clock set right has dated. */
function longestRise(times: Float64Array, nowMs: number): Uint8Array {
  const before = new Int32Array(times.length);
  // The place at which the lowest row of each length ends.
  const ends = new Int32Array(times.length);
  let longest = 0;
  for (let place = 0; place < times.length; place++) {
    const time = times[place]!;
    if (!(time <= nowMs)) continue;
    let low = 0;
    let high = longest;
    if (longest > 0 && times[ends[longest - 1]!]! <= time) low = longest;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (times[ends[middle]!]! <= time) low = middle + 1;
      else high = middle;
    }
    before[place] = low > 0 ? ends[low - 1]! : -1;
    ends[low] = place;
    if (low === longest) longest++;
  }
  const marks = new Uint8Array(times.length);
  for (let place = longest > 0 ? ends[longest - 1]! : -1; place !== -1; place = before[place]!) marks[place] = 1;
  return marks;
}
