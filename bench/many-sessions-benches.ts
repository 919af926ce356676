import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon } from './daemon-process.ts';
import { median, timed } from './measure.ts';
import type { Row } from './row.ts';
import { connectRpc } from './rpc-client.ts';

/** As many as a program of another kind may have kept in the file. */
const FEW = 16_000;
const MANY = 100_000;
const ROUNDS = 3;
/** A client that looks while they are taken over asks so often. */
const ASK_MS = 20;

/** Sessions of another program that are put into the state file: how long it takes, and whom it keeps waiting. */
export async function manySessionsBenches(): Promise<Row[]> {
  return [
    ...(await adoption(FEW, { within: 1_000, wait: 250 })),
    ...(await adoption(MANY, { within: 5_000, wait: 1_500 })),
  ];
}

async function adoption(count: number, bar: { readonly within: number; readonly wait: number }): Promise<Row[]> {
  const rounds: { took: number; longest: number; floor: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await adopted(count));
  const what = `${count.toLocaleString('en')} sessions of another program`;
  const against = { floorName: 'JSON.parse of the file', floor: median(rounds.map(({ floor }) => floor)), unit: 'ms' };
  return [
    {
      what: `${what} are taken over`,
      ours: median(rounds.map(({ took }) => took)),
      ...against,
      bar: { atMost: bar.within },
    },
    {
      what: `the longest that usage.get waits for ${what}`,
      ours: median(rounds.map(({ longest }) => longest)),
      ...against,
      bar: { atMost: bar.wait },
    },
  ];
}

async function adopted(count: number): Promise<{ took: number; longest: number; floor: number }> {
  const daemon = await startDaemon();
  const client = await connectRpc(daemon.url);
  const path = join(daemon.folder, 'architect_monitor.json');
  const state = JSON.parse(readFileSync(path, 'utf8'));
  state.token_usage.sessions = sessions(count);
  const text = JSON.stringify(state, undefined, 2);
  writeFileSync(`${path}.edit`, text);
  const floor = await timed(async () => JSON.parse(text));
  renameSync(`${path}.edit`, path);
  let longest = 0;
  const took = await timed(async () => {
    for (let isDone = false; !isDone; ) {
      const waited = await timed(async () => (isDone = await hasAll(client, count)));
      longest = Math.max(longest, waited);
      if (!isDone) await new Promise((resolve) => setTimeout(resolve, Math.max(0, ASK_MS - waited)));
    }
  });
  client.close();
  await daemon.stop();
  return { took, longest, floor };
}

async function hasAll(client: Awaited<ReturnType<typeof connectRpc>>, count: number): Promise<boolean> {
  const answer = (await client.call('usage.get', {})) as { readonly result: { readonly sessions_count: number } };
  return answer.result.sessions_count === count;
}

/** In the shapes that occur. */
function sessions(count: number): object[] {
  return Array.from({ length: count }, (_, at) => {
    const time = new Date(Date.UTC(2025, 0, 1) + (count - at) * 60_000).toISOString().slice(0, 19);
    const shapes = [
      { timestamp: time, tokens: at, event: `event ${at}`, method: 'manual' },
      { session_id: `s-${at}`, start_time: time, task: `task ${at}`, achievements: ['one', 'two'] },
      { tokens: at, event: `only ${at}` },
      { id: `theirs-${at}`, timestamp: time, tokens: 5 },
    ];
    return shapes[at % shapes.length]!;
  });
}
