// Counts what is lost when others write: quick writes into the drop folder, and edits of the state file while clients record.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { type BenchDaemon, startDaemon } from './daemon-process.ts';

const DROPS = 1_000;
const EDITS = 2_000;
const EDITOR = join(import.meta.dirname, 'state-file-editor.ts');

const daemon = await startDaemon();
const call = await connect(daemon.url);
console.log(`two writes 0–60 ms apart, ${DROPS} trials: ${await quickWrites(daemon)} last values lost`);
for (const way of ['in place', 'by rename'] as const) {
  const { edits, records, recorded } = await editRace(daemon, way);
  console.log(
    `${EDITS} edits ${way} while ${recorded} readings were recorded: ${edits} edits lost, ${records} readings lost`,
  );
}
await daemon.stop();
process.exit(0);

/** Each trial writes a value, and soon after it another over it; the second must be among what was recorded. */
async function quickWrites({ folder }: BenchDaemon): Promise<number> {
  for (let trial = 1; trial <= DROPS; trial++) {
    const path = join(folder, 'drop', `token${trial}`);
    writeFileSync(path, reading(`first ${trial}`));
    await pause((trial % 61) * 1);
    writeFileSync(path, reading(`last ${trial}`));
  }
  const wanted = new Set(Array.from({ length: DROPS }, (_, at) => `last ${at + 1}`));
  for (let waited = 0; waited < 100 && wanted.size > 0; waited++) {
    for (const event of await events()) wanted.delete(event);
    await pause(50);
  }
  return wanted.size;
}

/** A program loads, changes and saves the file without a pause, each time with a member of its own, while another records. */
async function editRace({ folder }: BenchDaemon, way: 'in place' | 'by rename') {
  const path = join(folder, 'architect_monitor.json');
  const isOver = { value: false };
  const acknowledged: string[] = [];
  const recorder = (async () => {
    while (!isOver.value) {
      const event = `${way} ${acknowledged.length}`;
      await call('usage.record', { tokens: 1, sync_type: 'auto', event });
      acknowledged.push(event);
    }
  })();
  const editor = spawn(process.execPath, [EDITOR, way, String(EDITS), path], { stdio: 'inherit' });
  const [code] = await once(editor, 'exit');
  if (code !== 0) throw new Error(`the editor ended with ${code}`);
  await pause(1_500);
  isOver.value = true;
  await recorder;
  const state = JSON.parse(readFileSync(path, 'utf8'));
  let edits = 0;
  for (let edit = 0; edit < EDITS; edit++) if (state[`${way} ${edit}`] !== edit) edits++;
  const kept = new Set(await events());
  return { edits, records: acknowledged.filter((event) => !kept.has(event)).length, recorded: acknowledged.length };
}

function reading(event: string): string {
  return `${JSON.stringify({ tokens: 1, sync_type: 'auto', event })}\n`;
}

async function events(): Promise<string[]> {
  const all: string[] = [];
  for (let before: string | undefined; ; ) {
    const page = (await call('usage.history', { limit: 1_000, ...(before !== undefined && { before }) })) as {
      sessions: { event: string }[];
      next?: string;
    };
    all.push(...page.sessions.map(({ event }) => event));
    if (page.next === undefined) return all;
    before = page.next;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function connect(url: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`);
  await new Promise((resolve) => socket.once('open', resolve));
  const waiting = new Map<number, (result: unknown) => void>();
  let id = 0;
  socket.on('message', (data) => {
    const answer = JSON.parse(String(data)) as { id: number; result: unknown };
    waiting.get(answer.id)?.(answer.result);
    waiting.delete(answer.id);
  });
  return (method: string, params: object) =>
    new Promise<unknown>((resolve) => {
      waiting.set(++id, resolve);
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
}
