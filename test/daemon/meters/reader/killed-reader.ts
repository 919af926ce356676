import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { makeClaudeHome } from '../../../../bench/meters/claude-home.ts';
import { makeCodexHome } from '../../../../bench/meters/codex-home.ts';
import { CONTENT_CANARY, TOKEN_CANARY } from '../../../../bench/meters/dice.ts';
import type { Home } from '../../../../bench/meters/home.ts';
import { Truth } from '../../../../bench/meters/truth.ts';
import { toolRoots } from '../../../../src/daemon/meters/files/tool-roots.ts';
import type { FromReader, ReaderOrder } from '../../../../src/daemon/meters/reader/reader-words.ts';
import { PLAIN_METERS } from '../../../../src/shared/settings.ts';
import { spawn } from '../../../support/programs.ts';
import { randomOf } from '../../../support/random.ts';
import { metersIn } from '../store/meters-at.ts';
import { countedIn, GROUPS, truthOf } from './counted.ts';

export interface KillsOrder {
  /** The reader's program. */
  readonly program: string;
  /** `instants`: at any moment; `commits`: after each transaction, of which every file has its own. */
  readonly at: 'instants' | 'commits';
  readonly kills: number;
  readonly seed: number;
  /** An empty folder. */
  readonly scratch: string;
}

export interface KillsOutcome {
  readonly kills: number;
  /** How often everything was compared with the truth. */
  readonly compared: number;
  readonly failures: readonly string[];
}

/** Longer than the reading of a home takes. */
const MOST_MS = 400;

/** Reads homes that change, and kills the reading process time and again before it is let come to its end. */
export async function readUnderKills({ program, at, kills: most, seed, scratch }: KillsOrder): Promise<KillsOutcome> {
  const random = randomOf(seed);
  const failures: string[] = [];
  let [kills, compared] = [0, 0];
  for (let number = 0; kills < most && failures.length === 0; number++) {
    const root = join(scratch, `home-${number}`);
    const path = metersIn(scratch);
    const homes = [makeClaudeHome(root, seed + number), makeCodexHome(root, seed + number)];
    const order = orderFor(root, path, at === 'commits' ? 1 : 1 + Math.floor(random() * 200));
    for (const stage of [undefined, ...homes.flatMap(({ stages }) => stages)]) {
      stage?.apply();
      for (let more = at === 'commits' || random() < 0.7; more && kills < most; kills++) {
        const isKilled = await run(
          program,
          order,
          at === 'commits' ? { afterMeters: 2 } : { afterMs: random() * MOST_MS },
        );
        if (at === 'commits' ? !isKilled : random() < 0.4) more = false;
      }
      await run(program, order, {});
      failures.push(...differences(path, homes, `seed ${seed + number}, ${stage?.name ?? 'at first'}`));
      compared++;
    }
    failures.push(...leaksIn(scratch, 'meters.db'));
    rmSync(root, { recursive: true });
    for (const name of readdirSync(scratch)) if (name.startsWith('meters.db')) rmSync(join(scratch, name));
  }
  return { kills, compared, failures };
}

function orderFor(root: string, path: string, together: number): ReaderOrder {
  const roots = toolRoots({ platform: 'linux', env: {}, home: root })
    .filter(({ tool }) => tool === 'claude' || tool === 'codex')
    .map((each) => ({ ...each, files: each.files.source }));
  return { path, settings: { ...PLAIN_METERS, backfill_days: 'all' }, roots, together };
}

/** Starts the process and kills it, or lets it read everything; tells whether it was killed before that. */
async function run(
  program: string,
  order: ReaderOrder,
  kill: { readonly afterMs?: number; readonly afterMeters?: number },
): Promise<boolean> {
  const child = spawn(process.execPath, [program, JSON.stringify(order)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { afterMs, afterMeters = Number.POSITIVE_INFINITY } = kill;
  let isKilled = false;
  const end = () => {
    isKilled = child.kill('SIGKILL');
  };
  const timer = afterMs === undefined ? undefined : setTimeout(end, afterMs);
  const closed = once(child, 'close');
  const at = order.roots.map(({ tool, path }) => ({ tool, path, isFolder: true }));
  child.stdin!.on('error', () => undefined).write(`${JSON.stringify({ tell: 'look', at })}\n`);
  let told = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.includes(CONTENT_CANARY) || line.includes(TOKEN_CANARY)) throw new Error(`it says ${line}`);
    // What was cut off by the kill is no word.
    const word = wordIn(line);
    if (word && 'says' in word && word.says === 'meters' && ++told >= afterMeters) end();
    if (word && 'says' in word && word.says === 'done') child.stdin!.end();
  }
  clearTimeout(timer);
  const [code] = await closed;
  if (!isKilled && code !== 0) throw new Error(`it ended with ${code}`);
  return isKilled;
}

function wordIn(line: string): FromReader | undefined {
  try {
    return JSON.parse(line) as FromReader;
  } catch {
    return undefined;
  }
}

function differences(path: string, homes: readonly Home[], at: string): string[] {
  const truth = new Truth();
  for (const home of homes) truth.add(home.truth);
  const [counted, expected] = [countedIn(path), truthOf({ truth })];
  const wrong = [
    ...GROUPS.filter((group) => !isDeepStrictEqual(sorted(counted.sums[group]), sorted(expected.sums[group]))),
    ...(['gauges', 'windows'] as const).filter(
      (kind) => !isDeepStrictEqual(sorted(counted[kind]), sorted(expected[kind])),
    ),
  ];
  return wrong.map((what) => `${at}: ${what} is not what the truth says`);
}

/** Members in one order, those that are undefined left out. */
function sorted(map: ReadonlyMap<string, unknown>): unknown {
  return [...map]
    .map(([key, value]) => [key, JSON.stringify(Object.entries(value as object).sort())])
    .sort(([one], [other]) => (one! < other! ? -1 : 1));
}

/** What people said, or their tokens, in a file of ours. */
function leaksIn(folder: string, start: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(start))
    .filter((name) => {
      const bytes = readFileSync(join(folder, name));
      return bytes.includes(CONTENT_CANARY) || bytes.includes(TOKEN_CANARY);
    })
    .map((name) => `${name} holds what was said in private`);
}
