import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '../test/support/scratch.ts';
import { type BenchDaemon, startDaemon } from './daemon-process.ts';
import { medians, timed } from './measure.ts';
import { residentMb } from './process-figures.ts';
import type { Row } from './row.ts';
import { connectRpc } from './rpc-client.ts';

/** As many readings as a team of programs makes in some years; `BENCH_ENTRIES` takes fewer. */
const ENTRIES = Number(process.env.BENCH_ENTRIES ?? 1_000_000);
const TOGETHER = 2_000;
const START_ROUNDS = 5;
const CALL_ROUNDS = 200;
const SETTLE_MS = 10_000;

/** A daemon behind a long history: its start, what everybody asks of it, and its memory. */
export async function longHistoryBenches(): Promise<Row[]> {
  const [folder, emptyFolder] = [scratchFolder(), scratchFolder()];
  await fill(folder, ENTRIES);
  await fill(emptyFolder, 150);
  const rows = [...(await starts(folder)), ...(await calls(folder, emptyFolder))];
  for (const one of [folder, emptyFolder]) rmSync(one, { recursive: true });
  return rows;
}

async function starts(folder: string): Promise<Row[]> {
  const ledger = join(folder, 'ledger');
  const start = async () => {
    let daemon: BenchDaemon | undefined;
    const ms = await timed(async () => (daemon = await startDaemon(folder, {}, false)));
    await daemon!.stop();
    return ms;
  };
  const [kept, anew, floor] = (await medians(
    [
      { name: 'kept', run: start },
      {
        name: 'anew',
        run: () => {
          for (const name of filesOf(ledger, '.index')) rmSync(join(ledger, name));
          return start();
        },
      },
      { name: 'floor', run: () => timed(async () => readAll(ledger)) },
    ],
    START_ROUNDS,
  )) as [number, number, number];
  const against = { floorName: 'readFile and JSON.parse of each line', floor, unit: 'ms' };
  return [
    { what: `start with ${count(ENTRIES)} readings`, ours: kept, ...against, bar: { timesFloor: 1 } },
    { what: `start with ${count(ENTRIES)} readings, without the kept indices`, ours: anew, ...against },
  ];
}

/** The same calls of a daemon behind the history and of one that has just begun, in turns. */
async function calls(folder: string, emptyFolder: string): Promise<Row[]> {
  const daemons = [await startDaemon(folder, {}, false), await startDaemon(emptyFolder, {}, false)] as const;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const [full, empty] = daemons.map(({ pid }) => residentMb(pid)) as [number, number];
  const clients = await Promise.all(daemons.map(({ url }) => connectRpc(url)));
  const rows: Row[] = [
    {
      what: `resident memory, idle, with ${count(ENTRIES)} readings`,
      ours: full,
      floorName: 'with none',
      floor: empty,
      unit: 'MiB',
      bar: { overFloor: 64 },
    },
  ];
  const asked: Readonly<Record<string, [string, object]>> = {
    'a record': ['usage.record', { tokens: 1, sync_type: 'auto', event: 'bench' }],
    'usage.get': ['usage.get', {}],
    'a page of history': ['usage.history', { limit: 50 }],
  };
  for (const [name, [method, params]] of Object.entries(asked)) {
    const probes = clients.map((client) => ({ name, run: () => timed(() => client.call(method, params)) }));
    await medians(probes, CALL_ROUNDS);
    const [ours, floor] = (await medians(probes, CALL_ROUNDS)) as [number, number];
    rows.push({
      what: `${name} with ${count(ENTRIES)} readings`,
      ours,
      floorName: 'with none',
      floor,
      unit: 'ms',
      bar: { timesFloor: 1.2 },
    });
  }
  for (const client of clients) client.close();
  for (const daemon of daemons) await daemon.stop();
  return rows;
}

async function fill(folder: string, entries: number): Promise<void> {
  const daemon = await startDaemon(folder, {}, false);
  const client = await connectRpc(daemon.url);
  for (let at = 0; at < entries; at += TOGETHER) {
    const readings = Array.from({ length: Math.min(TOGETHER, entries - at) }, (_, index) => ({
      tokens: 1,
      sync_type: 'auto',
      event: `完成架构设计 ${at + index}`,
      conversation_id: `chat-${(at + index) % 500}`,
    }));
    await Promise.all(readings.map((reading) => client.call('usage.record', reading)));
  }
  client.close();
  await daemon.stop();
}

function count(entries: number): string {
  return entries.toLocaleString('en');
}

function filesOf(folder: string, ending: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(ending));
}

function readAll(folder: string): void {
  for (const name of filesOf(folder, '.jsonl')) {
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) if (line !== '') JSON.parse(line);
  }
}
