/** The kernel counts a thread's time in ticks of 4 ms, so shorter runs are repeated for as long as this. */
const LEAST_MS = 20;

/** The processor time of a run on its own thread, in milliseconds: what other programs do meanwhile does not count. */
export function threadMs(run: () => unknown): number {
  run();
  const before = process.threadCpuUsage();
  for (let runs = 1; ; runs++) {
    run();
    const { user, system } = process.threadCpuUsage(before);
    const totalMs = (user + system) / 1_000;
    if (totalMs >= LEAST_MS) return totalMs / runs;
  }
}
