import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startDaemon } from '../../support/daemon.ts';
import { execFileSync } from '../../support/programs.ts';

const MODULE = fileURLToPath(new URL('../../../src/daemon/heap/v8-flags.ts', import.meta.url));

/** The flag is not one that `NODE_OPTIONS` may hold. */
const TRACING = `data:text/javascript,process.getBuiltinModule('node:v8').setFlagsFromString('--trace-gc')`;

/** The megabytes of the young generation of a process that begins so and then makes much garbage, some of which lives for a while. */
function youngMegabytesAfter(beginning: string): number {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { setV8Flags } from ${JSON.stringify(MODULE)};
    ${beginning}
    let kept = [];
    for (let made = 0; made < 3_000_000; made++) {
      kept.push({ made, text: 'x' + made });
      if (kept.length > 100_000) kept = [];
      if (made % 1_000 === 0) await new Promise(setImmediate);
    }
    console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 1e6);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
}

test('the young generation stays small under the flags of the daemon, and grows if left alone', () => {
  const kept = youngMegabytesAfter('setV8Flags();');
  expect(kept).toBeLessThan(5);
  expect(youngMegabytesAfter('')).toBeGreaterThan(kept);
});

test('the heap of a daemon that records is marked now and then, and not all the time', async () => {
  const daemon = await startDaemon({ env: { NODE_OPTIONS: `--import=${TRACING}` } });
  const socket = await daemon.connect();
  const record = { jsonrpc: '2.0', id: 1, method: 'usage.record', params: { tokens: 1, sync_type: 'auto' } };
  const flood = JSON.stringify(Array(1_000).fill(record));
  for (let times = 0; times < 15; times++) {
    socket.send(flood);
    await socket.nextFrame();
  }
  const before = daemon.stdout.length;
  for (let recorded = 0; recorded < 1_000; recorded++) await socket.call('usage.record', record.params);

  const marked = daemon.stdout.slice(before).match(/Mark-Compact \d/g) ?? [];
  expect(daemon.stdout).toContain('Scavenge');
  // Left alone V8 does it six to nine times.
  expect(marked.length).toBeLessThan(3);
});
