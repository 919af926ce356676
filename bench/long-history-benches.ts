import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { scratchFolder } from '../test/support/scratch.ts';
import { type BenchDaemon, startDaemon } from './daemon-process.ts';
import { medians, timed } from './measure.ts';
import { residentMb } from './process-figures.ts';
import type { Row } from './row.ts';
import { connectRpc } from './rpc-client.ts';

/** As many readings as a team of programs makes in some years; `BENCH_ENTRIES` takes fewer, or ten times as many. */
const ENTRIES = Number(process.env.BENCH_ENTRIES ?? 1_000_000);
const TOGETHER = 2_000;
/** As the command line sends them. */
const IMPORTED_TOGETHER = 1_000;
const START_ROUNDS = 7;
const CALL_ROUNDS = 200;
const HEAVY_ROUNDS = 7;
const SETTLE_MS = 10_000;

/** A daemon behind a long history: its start, what everybody asks of it, what looks far back, and its memory. */
export async function longHistoryBenches(): Promise<Row[]> {
  const [folder, emptyFolder] = [scratchFolder(), scratchFolder()];
  await fill(folder, ENTRIES);
  await fill(emptyFolder, 150);
  const rows = [
    ...(await starts(folder, emptyFolder)),
    ...(await calls(folder, emptyFolder)),
    await rebuild(folder),
    ...(await imports()),
  ];
  for (const one of [folder, emptyFolder]) rmSync(one, { recursive: true });
  return rows;
}

async function starts(folder: string, emptyFolder: string): Promise<Row[]> {
  const startOf = (name: string, path: string) => ({ name, run: () => startMs(path) });
  const [ours, floor] = (await medians([startOf('full', folder), startOf('empty', emptyFolder)], START_ROUNDS)) as [
    number,
    number,
  ];
  const timesFloor = ENTRIES > 1_000_000 ? 1.5 : 1.2;
  return [
    row(`start with ${count(ENTRIES)} readings`, ours, 'ms', { floorName: 'with 150', floor, bar: { timesFloor } }),
  ];
}

async function startMs(folder: string): Promise<number> {
  let daemon: BenchDaemon | undefined;
  const ms = await timed(async () => (daemon = await startDaemon(folder, {}, false)));
  await daemon!.stop();
  return ms;
}

/** The same calls of a daemon behind the history and of one that has just begun, in turns. */
async function calls(folder: string, emptyFolder: string): Promise<Row[]> {
  const daemons = [await startDaemon(folder, {}, false), await startDaemon(emptyFolder, {}, false)] as const;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const [full, empty] = daemons.map(({ pid }) => residentMb(pid)) as [number, number];
  const clients = await Promise.all(daemons.map(({ url }) => connectRpc(url)));
  const rows: Row[] = [
    row(`resident memory, idle, with ${count(ENTRIES)} readings`, full, 'MiB', {
      ...{ floorName: 'with none', floor: empty, bar: { overFloor: 16 } },
    }),
  ];
  const asked: Readonly<Record<string, [string, object]>> = {
    'a record': ['usage.record', { tokens: 1, sync_type: 'auto', event: 'bench' }],
    'a known id': ['usage.record', { tokens: 1, sync_type: 'auto', event: 'bench', id: 'known' }],
    'usage.get': ['usage.get', {}],
    'a page of history': ['usage.history', { limit: 50 }],
  };
  for (const [name, [method, params]] of Object.entries(asked)) {
    const probes = clients.map((client) => ({ name, run: () => timed(() => client.call(method, params)) }));
    await medians(probes, CALL_ROUNDS);
    const [ours, floor] = (await medians(probes, CALL_ROUNDS)) as [number, number];
    const against = { floorName: 'with none', floor, bar: { timesFloor: 1.2 } };
    rows.push(row(`${name} with ${count(ENTRIES)} readings`, ours, 'ms', against));
  }
  rows.push(...(await lookingBack(clients[0]!, folder)));
  for (const client of clients) client.close();
  for (const daemon of daemons) await daemon.stop();
  return rows;
}

/** What looks far back, against the plainest query of the same table. */
async function lookingBack(client: Awaited<ReturnType<typeof connectRpc>>, folder: string): Promise<Row[]> {
  const db = new DatabaseSync(join(folder, 'history.db'), { readOnly: true });
  const everything = { since: '1970-01-01T00:00:00Z' };
  const asked: readonly (readonly [string, string, object, string, number])[] = [
    ['a search that finds nothing', 'usage.history', { query: 'nowhere', limit: 50 }, MISS, 300],
    ['stats by day over everything', 'usage.stats', { bucket: 'day', ...everything }, BY_DAY, 50],
    ['conversations over everything', 'usage.conversations', {}, BY_CONVERSATION, 50],
    ['the line over everything', 'usage.series', { points: 500 }, LINE, 50],
  ];
  const rows: Row[] = [];
  for (const [what, method, params, sql, atMost] of asked) {
    const [ours, peer] = (await medians(
      [
        { name: what, run: () => timed(() => client.call(method, params)) },
        { name: 'plain', run: () => timed(async () => db.prepare(sql).all()) },
      ],
      HEAVY_ROUNDS,
    )) as [number, number];
    rows.push(
      row(`${what}, ${count(ENTRIES)}`, ours, 'ms', { peerName: 'one plain query of SQLite', peer, bar: { atMost } }),
    );
  }
  db.close();
  return rows;
}

const MISS = "select ordinal from session where event like '%nowhere%'";
const BY_DAY =
  "select date(told_ms / 1000, 'unixepoch') as day, sum(counted) from session where undone = 0 group by day";
const BY_CONVERSATION = 'select conversation, sum(counted) from session where undone = 0 group by conversation';
const LINE = 'select told_ms, used, total from change order by place';

/** The history from nothing, in the background. */
async function rebuild(folder: string): Promise<Row> {
  for (const name of filesOf(folder, 'history.db')) rmSync(join(folder, name));
  const floor = await timed(async () => readAll(join(folder, 'ledger')));
  const daemon = await startDaemon(folder, {}, false);
  const client = await connectRpc(daemon.url);
  // A question about the past waits for it.
  const ours = await timed(() => client.call('usage.history', { limit: 1 }));
  client.close();
  await daemon.stop();
  const against = { floorName: 'readFile and JSON.parse of each line', floor, bar: { atMost: (12 * ENTRIES) / 1_000 } };
  return row(`the history of ${count(ENTRIES)} made anew`, ours, 'ms', against);
}

/** An import of as many, in parts, beside somebody who asks all the time. */
async function imports(): Promise<Row[]> {
  const daemon = await startDaemon();
  const [client, other] = [await connectRpc(daemon.url), await connectRpc(daemon.url)];
  await client.call('usage.record', { tokens: 1, sync_type: 'auto' });
  const before = residentMb(daemon.pid);
  let isOver = false;
  let longest = 0;
  const asking = (async () => {
    while (!isOver) longest = Math.max(longest, await timed(() => other.call('usage.get', {})));
  })();
  const ours = await timed(async () => {
    for (let at = 0; at < ENTRIES; at += IMPORTED_TOGETHER) {
      const sessions = Array.from({ length: Math.min(IMPORTED_TOGETHER, ENTRIES - at) }, (_, index) => ({
        ...{ tokens: 1, event: `imported ${at + index}`, id: `import-${at + index}` },
        timestamp: new Date(Date.UTC(2024, 0, 1) + (at + index) * 30_000).toISOString(),
      }));
      await client.call('usage.import', { sessions });
    }
  });
  isOver = true;
  await asking;
  await client.call('usage.history', { limit: 1 });
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  const after = residentMb(daemon.pid);
  for (const each of [client, other]) each.close();
  await daemon.stop();
  return [
    row(`an import of ${count(ENTRIES)}`, ours, 'ms', { bar: { atMost: (40 * ENTRIES) / 1_000 } }),
    row('… the longest that another waits meanwhile for `usage.get`', longest, 'ms', { bar: { atMost: 50 } }),
    row('… resident memory a minute later', after, 'MiB', {
      floorName: 'before',
      floor: before,
      bar: { overFloor: 64 },
    }),
  ];
}

async function fill(folder: string, entries: number): Promise<void> {
  const daemon = await startDaemon(folder, {}, false);
  const client = await connectRpc(daemon.url);
  await client.call('usage.record', { tokens: 1, sync_type: 'auto', id: 'known' });
  for (let at = 0; at < entries; at += TOGETHER) {
    const readings = Array.from({ length: Math.min(TOGETHER, entries - at) }, (_, index) => ({
      tokens: 1,
      sync_type: 'auto',
      event: `完成架构设计 ${at + index}`,
      conversation_id: `chat-${(at + index) % 500}`,
    }));
    await Promise.all(readings.map((reading) => client.call('usage.record', reading)));
  }
  await client.call('usage.history', { limit: 1 });
  client.close();
  await daemon.stop();
}

function row(what: string, ours: number, unit: string, against: Omit<Row, 'what' | 'ours' | 'unit'>): Row {
  return { what, ours, unit, ...against };
}

function count(entries: number): string {
  return entries.toLocaleString('en');
}

function filesOf(folder: string, part: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.includes(part)) : [];
}

function readAll(folder: string): void {
  for (const name of filesOf(folder, '.jsonl')) {
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) if (line !== '') JSON.parse(line);
  }
}
