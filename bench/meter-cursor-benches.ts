import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type CursorState, lookAtCursor } from '../src/daemon/meters/cursor/cursor-reader.ts';
import { CursorSignal } from '../src/daemon/meters/cursor/cursor-signal.ts';
import { scratchFolder } from '../test/support/scratch.ts';
import { median, p99 } from './measure.ts';
import { CURSOR_DATABASE, makeCursorHome } from './meters/cursor-database.ts';
import { startCursorWriter } from './meters/cursor-live.ts';
import type { Row } from './row.ts';

const COMMITS_PER_SECOND = 7;
const COMMITS = 400;
const IDLE_MS = 20_000;

/** Some 300 MB, in a twentieth of the time that the largest known ones take to make. */
const SIZE = { conversations: 2_000, rows: 75_000, speech: 1_700 };

/** A commit in Cursor's database until its figure is there, with signal and look in one process. */
export async function meterCursorBenches(): Promise<Row[]> {
  const root = scratchFolder();
  makeCursorHome(root, 1, { ...SIZE, nowMs: Date.now() }).close();
  try {
    return await cursorRows(join(root, CURSOR_DATABASE));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The same of a database that is there; a writer adds to it. */
export async function cursorRows(path: string): Promise<Row[]> {
  let state: CursorState | undefined;
  let lookMs = 0;
  const looks: number[] = [];
  const arrived = new Map<string, number>();
  const look = () => {
    const beganMs = performance.now();
    const seen = lookAtCursor({ path, isWsl: false }, state, Date.now());
    state = seen.state;
    lookMs = performance.now() - beganMs;
    looks.push(lookMs);
    for (const { conversation, used } of seen.observations) arrived.set(`${conversation} ${used}`, nowMs());
  };
  look();
  const firstLookMs = lookMs;
  const signal = new CursorSignal({ folder: dirname(path), platform: process.platform, onSignal: look });
  signal.start();
  const order = { path, seed: 2, commitsPerSecond: COMMITS_PER_SECOND, commits: COMMITS, conversations: 20 };
  const writer = startCursorWriter(order);
  while (writer.commits.length === 0) await wait(5);
  looks.length = 0;
  const working = await cpuShare(writer.ended);
  await wait(500);
  const delays = writer.commits.flatMap(({ conversation, gauge, committedAtMs }) => {
    const at = gauge && arrived.get(`${conversation} ${gauge.used}`);
    return at === undefined ? [] : [Math.max(0, at - committedAtMs)];
  });
  const { refusedCommits, refusedCheckpoints } = await writer.ended;
  const idle = await cpuShare(wait(IDLE_MS));
  signal.close();
  return [
    { what: 'commit in Cursor’s database to its figure, p50', ours: median(delays), unit: 'ms', bar: { atMost: 15 } },
    { what: 'commit in Cursor’s database to its figure, p99', ours: p99(delays), unit: 'ms', bar: { atMost: 150 } },
    { what: 'figures of Cursor that a later commit overtook', ours: COMMITS - delays.length, unit: '' },
    { what: 'one look at Cursor’s database, p50', ours: median(looks), unit: 'ms' },
    { what: 'the first look at it', ours: firstLookMs, unit: 'ms' },
    { what: 'of a core, at 7 commits a second', ours: working, unit: '%', bar: { atMost: 0.5 } },
    { what: 'of a core, with a Cursor that rests', ours: idle, unit: '%', bar: { atMost: 0.1 } },
    {
      what: 'commits and checkpoints of Cursor refused',
      ours: refusedCommits + refusedCheckpoints,
      unit: '',
      bar: { atMost: 0 },
    },
  ];
}

/** In finer steps than `Date.now`, on the same clock. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** What this process takes meanwhile, in percent of a core. */
async function cpuShare(work: Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  const beganMs = performance.now();
  await work;
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 10 / (performance.now() - beganMs);
}
