import { startDaemon } from './daemon-process.ts';
import { durableFloor, tcpEcho } from './floors.ts';
import { medians, p99, timed } from './measure.ts';
import type { Row } from './row.ts';
import { connectRpc } from './rpc-client.ts';

const ROUNDS = 100;
const TAIL_ROUNDS = 1_500;

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
  const recordBarely = async () => {
    await echo.ask('x'.repeat(120));
    durable();
  };
  for (let recorded = 0; recorded < RECORDED_BEFORE; recorded += TOGETHER) await recordTogether();
  const [one, hundred, floor] = (await medians(
    [
      { name: 'one', run: () => timed(record) },
      { name: 'hundred', run: () => timed(recordTogether) },
      { name: 'floor', run: () => timed(recordBarely) },
    ],
    ROUNDS,
  )) as [number, number, number];
  const [tail, floorTail] = await tailsOf(record, recordBarely);
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
      what: 'one durable record over WebSocket, p99',
      ours: tail,
      floorName: 'p99 of the same',
      floor: floorTail,
      unit: 'ms',
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

/** The 99th percentiles of both, in turns. */
async function tailsOf(ours: () => Promise<unknown>, floor: () => Promise<unknown>): Promise<[number, number]> {
  const times = { ours: [] as number[], floor: [] as number[] };
  for (let round = 0; round < TAIL_ROUNDS; round++) {
    times.ours.push(await timed(ours));
    times.floor.push(await timed(floor));
  }
  return [p99(times.ours), p99(times.floor)];
}
