// `npm run limits`: what one daemon holds on this machine when it is asked for as much as it can, with more and more
// subscribers; `npm run limits -- 10 20` with so many.
import { startDaemon } from './daemon-process.ts';
import { busyMs, residentMb } from './process-figures.ts';
import { connectCrowd } from './raw-socket.ts';
import { connectRpc } from './rpc-client.ts';

const CROWDS = [0, 10, 100, 1_000, 5_000, 9_900];
const WINDOW_MS = 5_000;
/** The number of records under way at any time: from one program that does not wait, or from many that do. */
const UNDER_WAY = 64;
const SUBSCRIBE = '{"jsonrpc":"2.0","id":1,"method":"usage.subscribe"}';

console.log(
  '| subscribers | records a second | changes told a second | the last subscriber is behind by | processor | memory |',
);
console.log('| --- | --- | --- | --- | --- | --- |');
const asked = process.argv.slice(2).map(Number);
for (const size of asked.length > 0 ? asked : CROWDS) console.log(`| ${(await hold(size)).join(' | ')} |`);
process.exit();

async function hold(size: number): Promise<string[]> {
  const daemon = await startDaemon();
  const recorder = await connectRpc(daemon.url);
  let heardMs = 0;
  const hear = () => (heardMs = performance.now());
  const peers = await connectCrowd(size, daemon.url, SUBSCRIBE, hear);
  const busyBefore = busyMs(daemon.pid);
  const begunMs = performance.now();
  const endsMs = begunMs + WINDOW_MS;
  let recorded = 0;
  await Promise.all(
    Array.from({ length: UNDER_WAY }, async () => {
      for (; performance.now() < endsMs; recorded++) {
        await recorder.call('usage.record', { tokens: 1, sync_type: 'auto', event: 'limits' });
      }
    }),
  );
  const tookMs = performance.now() - begunMs;
  const lastReceiptMs = performance.now();
  await quiet(() => heardMs);
  const behindMs = Math.max(0, heardMs - lastReceiptMs);
  const core = (busyMs(daemon.pid) - busyBefore) / (tookMs + behindMs);
  const memory = residentMb(daemon.pid);
  for (const socket of peers) socket.destroy();
  recorder.close();
  await daemon.stop();
  const aSecond = Math.round(recorded / (tookMs / 1_000));
  return [
    ...[size, aSecond, aSecond * size].map((count) => count.toLocaleString('en')),
    size === 0 ? '–' : `${Math.round(behindMs)} ms`,
    `${Math.round(core * 100)} % of a core`,
    `${Math.round(memory)} MiB`,
  ];
}

/** Until nothing has been heard for half a second. */
async function quiet(heardMs: () => number): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, 100));
  while (performance.now() - heardMs() < 500);
}
