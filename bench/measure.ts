/** One figure of a bench: how long `run` took, in milliseconds, or whatever else it returns. */
export interface Probe {
  readonly name: string;
  run(): Promise<number>;
}

/** The median of each probe over interleaved rounds, so that a noisy moment of the machine hits all alike. */
export async function medians(probes: readonly Probe[], rounds: number): Promise<number[]> {
  const samples = probes.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, probe] of probes.entries()) samples[index]!.push(await probe.run());
  }
  return samples.map(median);
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The 99th percentile. */
export function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? Number.NaN;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
