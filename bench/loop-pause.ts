// Preloaded into a daemon: the first SIGUSR2 begins, and the next writes the longest pause of the event loop since, in
// milliseconds, into the file that LOOP_PAUSE_FILE names, and ends, because looking costs processor time itself.
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delays = monitorEventLoopDelay({ resolution: 1 });
const file = process.env.LOOP_PAUSE_FILE!;

process.on('SIGUSR2', () => {
  if (delays.enable()) {
    delays.reset();
    return;
  }
  writeFileSync(`${file}.new`, String(delays.max / 1e6));
  renameSync(`${file}.new`, file);
  delays.disable();
});
