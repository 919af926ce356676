import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scratchFolder } from '../test/support/scratch.ts';
import { XServer } from '../test/support/x-server.ts';
import { type BenchDaemon, startDaemon } from './daemon-process.ts';
import { medians, timed } from './measure.ts';
import { busyMs, run } from './process-figures.ts';
import type { Row } from './row.ts';

const ROUNDS = 15;
const IDLE_MS = 10_000;
const CLI = join(import.meta.dirname, '..', 'dist', 'cli.js');

/** The clipboard: a command, a call, a watched copy until it is on disk, and what watching costs while nothing is copied. */
export async function clipboardBenches(): Promise<Row[]> {
  const server = await XServer.start();
  const env = { DISPLAY: server.display, WAYLAND_DISPLAY: '' };
  const plain = await startDaemon(scratchFolder(), env);
  const watching = await startDaemon(scratchFolder(), { ...env, TOKEN_SYNC_CLIPBOARD_WATCH: 'true' });
  await untilWatching(watching);
  let tokens = 100_000;
  await server.copy('350,000 tokens used');
  const [quick, sync, copied, bare, xsel] = (await medians(
    [
      { name: 'quick', run: () => timed(() => run(process.execPath, [CLI, 'quick', '--data', plain.folder], env)) },
      { name: 'sync', run: () => timed(() => post(`${plain.url}/api/clipboard`)) },
      {
        name: 'copy',
        run: async () => {
          await server.copy(`${++tokens} tokens used`);
          return await timed(() => untilRecorded(watching, tokens));
        },
      },
      { name: 'bare', run: () => timed(() => run(process.execPath, ['-e', '0'], env)) },
      {
        name: 'xsel',
        run: () => timed(() => promisify(execFile)('xsel', ['-b', '-o'], { env: { ...process.env, ...env } })),
      },
    ],
    ROUNDS,
  )) as [number, number, number, number, number];
  const [watched, unwatched] = await Promise.all([shareOfCore(watching.pid), shareOfCore(plain.pid)]);
  await Promise.all([plain.stop(), watching.stop()]);
  await server.end();
  return [
    { what: 'token-sync quick', ours: quick, floorName: 'node -e 0', floor: bare, unit: 'ms' },
    { what: 'POST /api/clipboard', ours: sync, floorName: 'xsel', floor: xsel, unit: 'ms' },
    { what: 'a watched copy until it is on disk', ours: copied, floorName: 'xsel', floor: xsel, unit: 'ms' },
    {
      what: 'a daemon that watches, idle',
      ours: watched,
      floorName: 'one that does not',
      floor: unwatched,
      unit: '% of a core',
    },
  ];
}

async function post(url: string): Promise<void> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' } });
  if (!answer.ok) throw new Error(await answer.text());
}

async function untilWatching({ folder }: BenchDaemon): Promise<void> {
  const log = join(folder, 'logs', 'daemon.log');
  await untilTrue(() => existsSync(log) && read(log).includes('watching the clipboard'));
}

async function untilRecorded({ folder }: BenchDaemon, tokens: number): Promise<void> {
  await untilTrue(() => read(join(folder, 'architect_monitor.json')).includes(`"used": ${tokens},`));
}

async function untilTrue(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The time on a core of a process, its threads and the children that it has or had. */
async function shareOfCore(pid: number): Promise<number> {
  const before = busyMs(pid);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return ((busyMs(pid) - before) / IDLE_MS) * 100;
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}
