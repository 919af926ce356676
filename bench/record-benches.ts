import { startDaemon } from './daemon-process.ts';
import { durableFloor, tcpEcho } from './floors.ts';
import { medians, timed } from './measure.ts';
import type { Row } from './row.ts';
import { connectRpc } from './rpc-client.ts';

const ROUNDS = 100;

/** As in the memory of a daemon that has run for some days, and with a state file of full size. */
const RECORDED_BEFORE = 10_000;
const TOGETHER = 100;

/** Durable records over WebSocket: one, and a hundred at once. */
export async function recordBenches(): Promise<Row[]> {
  const daemon = await startDaemon();
  const peer = await connectRpc(daemon.url);
  const echo = await tcpEcho();
  const durable = durableFloor(daemon.folder);
  const record = () => peer.call('usage.record', { tokens: 1, sync_type: 'auto', event: 'bench' });
  const recordTogether = () => Promise.all(Array.from({ length: TOGETHER }, record));
  for (let recorded = 0; recorded < RECORDED_BEFORE; recorded += TOGETHER) await recordTogether();
  const [one, hundred, floor] = (await medians(
    [
      { name: 'one', run: () => timed(record) },
      { name: 'hundred', run: () => timed(recordTogether) },
      {
        name: 'floor',
        run: () =>
          timed(async () => {
            await echo.ask('x'.repeat(120));
            durable();
          }),
      },
    ],
    ROUNDS,
  )) as [number, number, number];
  peer.close();
  echo.close();
  await daemon.stop();
  return [
    {
      what: 'one durable record over WebSocket',
      ours: one,
      floorName: 'echo + durable append + durable replace',
      floor,
      unit: 'ms',
      bar: { timesFloor: 1.5 },
    },
    {
      what: '100 concurrent durable records, to the last receipt',
      ours: hundred,
      floorName: 'one record',
      floor: one,
      unit: 'ms',
      bar: { timesFloor: 3 },
    },
  ];
}
