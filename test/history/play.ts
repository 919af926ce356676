import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Act } from './acts.ts';
import { generatedHistory } from './generated-history.ts';
import { PlayedDaemon, ZONE } from './played-daemon.ts';
import { Trial } from './trial.ts';

export interface PlayOptions {
  readonly seed: number;
  readonly length: number;
  /** All is asked after so many acts, after each restart, and at the end. */
  readonly every: number;
}

/** Plays a generated history to a daemon and to the model, up to the first difference; says what was done and what differs. */
export async function problemsOf({ seed, length, every }: PlayOptions): Promise<string[]> {
  const done: Act[] = [];
  return onDaemon(seed, length, async (daemon, acts) => {
    const trial = new Trial(daemon);
    for (const [index, act] of acts.entries()) {
      done.push(act);
      const problems = await trial.play(act);
      const isChecked = index % every === 0 || act.kind === 'restart';
      if (isChecked && problems.length === 0) problems.push(...(await trial.check()));
      if (problems.length > 0) return [...problems, tellOf(seed, done)];
    }
    const problems = await trial.checkLists();
    await daemon.restart(true);
    problems.push(...(await trial.check()), ...(await trial.checkLists()));
    return problems.length > 0 ? [...problems, tellOf(seed, done)] : [];
  });
}

/** Does something with a daemon of its own, which ends with it, and the acts that the seed decides. */
export async function onDaemon<T>(
  seed: number,
  length: number,
  use: (daemon: PlayedDaemon, acts: readonly Act[]) => Promise<T>,
): Promise<T> {
  // What names no zone is told of the machine's, here as in the daemon.
  process.env.TZ = ZONE;
  const scratch = mkdtempSync(join(tmpdir(), 'token-sync-history-'));
  const [first, ...acts] = generatedHistory(seed, length);
  if (first?.kind !== 'clock') throw new Error('a history begins with a clock');
  const daemon = await PlayedDaemon.start(scratch, first.nowMs);
  try {
    return await use(daemon, [first, ...acts]);
  } finally {
    await daemon.end();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function tellOf(seed: number, acts: readonly Act[]): string {
  return [`seed ${seed}, after`, ...acts.map((act) => JSON.stringify(act))].join('\n  ');
}
