import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder, startDaemon } from './daemon-process.ts';
import type { Row } from './main.ts';
import { medians, timed } from './measure.ts';
import { connectRpc } from './record-benches.ts';

/** As many readings as one person makes in some decades. */
const ENTRIES = Number(process.env.BENCH_ENTRIES ?? 100_000);
const TOGETHER = 2_000;
const ROUNDS = 5;

/** The start of a daemon behind a long history, with what was kept of closed segments and without it. */
export async function longHistoryBenches(): Promise<Row[]> {
  const folder = freshFolder();
  await fill(folder);
  const ledger = join(folder, 'ledger');
  const start = () =>
    timed(async () => {
      const daemon = await startDaemon(folder, {}, false);
      stop = () => daemon.stop();
    });
  let stop = async (): Promise<void> => undefined;
  const stopped = async (ms: number) => {
    await stop();
    return ms;
  };
  const [kept, anew, floor] = (await medians(
    [
      { name: 'kept', run: async () => stopped(await start()) },
      {
        name: 'anew',
        run: async () => {
          for (const name of filesOf(ledger, '.index')) rmSync(join(ledger, name));
          return stopped(await start());
        },
      },
      { name: 'floor', run: () => timed(async () => readAll(ledger)) },
    ],
    ROUNDS,
  )) as [number, number, number];
  rmSync(folder, { recursive: true });
  const against = { floorName: 'readFile and JSON.parse of each line', floor, unit: 'ms' };
  return [
    { what: `start behind ${ENTRIES} readings`, ours: kept, ...against },
    { what: `start behind ${ENTRIES} readings, without the kept indices`, ours: anew, ...against },
  ];
}

async function fill(folder: string): Promise<void> {
  const daemon = await startDaemon(folder, {}, false);
  const peer = await connectRpc(daemon.url);
  for (let at = 0; at < ENTRIES; at += TOGETHER) {
    const readings = Array.from({ length: TOGETHER }, (_, index) => ({
      tokens: 1,
      sync_type: 'auto',
      event: `完成架构设计 ${at + index}`,
      conversation_id: `chat-${(at + index) % 500}`,
    }));
    await Promise.all(readings.map((reading) => peer.call('usage.record', reading)));
  }
  peer.close();
  await daemon.stop();
}

function filesOf(folder: string, ending: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(ending));
}

function readAll(folder: string): void {
  for (const name of filesOf(folder, '.jsonl')) {
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) if (line !== '') JSON.parse(line);
  }
}
