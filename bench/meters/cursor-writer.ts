import { setTimeout as wait } from 'node:timers/promises';
import { CursorDatabase, type CursorWrite } from './cursor-database.ts';
import { Dice } from './dice.ts';

/** The first argument, as JSON. */
export interface WriterOrder {
  readonly path: string;
  readonly seed: number;
  readonly commitsPerSecond: number;
  /** After so many it ends by itself. */
  readonly commits: number;
  readonly conversations: number;
  readonly speech?: number;
}

/** A line of standard output: a commit that is on disk, or at the end how all went. */
export type WriterLine =
  | (CursorWrite & { readonly committedAtMs: number; readonly tookMs: number })
  | { readonly summary: WriterSummary };

export interface WriterSummary {
  readonly commits: number;
  /** Commits that another connection kept from being made. */
  readonly refusedCommits: number;
  readonly checkpoints: number;
  /** Checkpoints that could not take in the whole log because somebody read. */
  readonly refusedCheckpoints: number;
}

const COMMITS_A_CHECKPOINT = 10;

/** Writes as a Cursor that works does, at a steady rate, until its standard input ends. */
async function write(order: WriterOrder): Promise<void> {
  const dice = new Dice(order.seed);
  const database = new CursorDatabase(order.path, order.seed + 1);
  const names = Array.from({ length: order.conversations }, () => dice.uuid());
  const summary = { commits: 0, refusedCommits: 0, checkpoints: 0, refusedCheckpoints: 0 };
  let isStopped = false;
  process.stdin.on('end', () => {
    isStopped = true;
  });
  process.stdin.resume();
  const startMs = performance.now();
  for (let count = 0; count < order.commits && !isStopped; count += 1) {
    await wait(Math.max(0, startMs + (count * 1000) / order.commitsPerSecond - performance.now()));
    const beganMs = performance.now();
    try {
      const written = database.write(dice.pick(names), Date.now(), dice.int(0, 3), order.speech);
      summary.commits += 1;
      say({ ...written, committedAtMs: Date.now(), tookMs: performance.now() - beganMs });
    } catch (error) {
      if (!/locked|busy/.test(String(error))) throw error;
      summary.refusedCommits += 1;
    }
    if (count % COMMITS_A_CHECKPOINT === COMMITS_A_CHECKPOINT - 1) {
      summary.checkpoints += 1;
      if (!database.checkpoint('PASSIVE')) summary.refusedCheckpoints += 1;
    }
  }
  say({ summary });
  database.close();
  process.stdin.destroy();
}

function say(line: WriterLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await write(JSON.parse(process.argv[2]!) as WriterOrder);
