import { hash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { randomOf } from '../support/random.ts';
import { emptied } from '../support/scratch.ts';
import { programsOf } from './build.ts';
import { DiskModel } from './disk-model.ts';
import { DiskReplay } from './disk-replay.ts';
import type { Harness, Outcome, RunOptions, Task } from './harness.ts';
import { historyAfterCut } from './history-states.ts';
import { type Promised, problemsOf, promisedAfter } from './oracle.ts';
import { keyOf, statesAfterCut, type Tree } from './power-states.ts';
import { dataFolderIn, isTelling, load, prepare, record } from './recording.ts';
import { SCENARIOS, type Scenario, scenarioOf } from './scenarios.ts';
import type { Call } from './strace.ts';

/** States that are tried after each cut: enough for 10,000 distinct ones in all, and as many as there are, nearly. */
const EXTENT = {
  short: { most: 40, tears: 24, history: 20 },
  slow: { most: 8, tears: 4, history: 20 },
  long: { most: 4_000, tears: 120, history: 2_000 },
};

/** The number of starts side by side, because some wait for an editor that will not come back. */
const AT_ONCE = 12;

const MOST_FAILURES = 5;

/** Cuts the power between any two calls, and starts on everything that a disk with a cache may have kept. */
export const POWER: Harness = {
  name: 'power',
  about: 'power cut at every call, on a model of the disk',
  tasks: () => SCENARIOS.map(({ name }) => ({ harness: 'power', part: name })),
  run: cutEverywhere,
};

async function cutEverywhere({ part }: Task, options: RunOptions): Promise<Outcome> {
  const scenario = scenarioOf(part);
  const states = cutStates(scenario, options);
  const counts = { cuts: 0, states: 0, starts: 0 };
  const failures: string[] = [];
  const trees = new Set<string>();
  const module = await import(programsOf(options.mutant).subject);
  const most = options.stopAtFirst ? 1 : MOST_FAILURES;
  const start = async (lane: number) => {
    for await (const { tree, key, promised, where, isNewCut } of states) {
      if (isNewCut) counts.cuts++;
      trees.add(key);
      counts.starts++;
      const folder = materialize(tree, join(options.scratch, `state-${lane}`));
      const problems = await problemsOf(folder, { scenario, promised, module, mayWarn: ['ledger_damaged'] });
      if (problems.length > 0) failures.push(`${part}, after ${where}: ${problems.join('; ')}\n${shown(tree)}`);
      if (failures.length >= most) break;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => start(lane)));
  return { failures: failures.slice(0, most), counts: { ...counts, states: trees.size } };
}

interface CutState {
  readonly tree: Tree;
  readonly key: string;
  readonly promised: Promised;
  readonly where: string;
  readonly isNewCut: boolean;
}

/** Every distinct state, with what had been promised by then. */
async function* cutStates(scenario: Scenario, { mutant, isLong, seed, scratch }: RunOptions): AsyncGenerator<CutState> {
  const world = join(scratch, 'world');
  const prepared = await prepare(scenario, world);
  const disk = new DiskModel(world);
  load(disk, disk.root, world);
  const { lives, told } = await record(scenario, world, programsOf(mutant), scratch);
  const random = randomOf(seed);
  // To take a drop-file takes a while, because its writers are looked for.
  const extent = EXTENT[isLong ? 'long' : scenario.hasDrop ? 'slow' : 'short'];
  const data = basename(dataFolderIn(world));
  const seen = new Set<string>();
  let toldCount = 0;
  let looked = '';
  let lookedAtHistory = 0;
  const historyShare = extent.history / lives.flat().filter(({ name }) => name === 'pwrite64').length;
  for (const calls of lives) {
    const replay = new DiskReplay(disk);
    for (const { call, isEnd } of inOrder(calls)) {
      if (isTelling(call)) toldCount += isEnd ? 0 : 1;
      else if (isEnd) replay.leave(call);
      else replay.enter(call);
      const isOfHistoryOnly = looked === `${disk.changes} ${toldCount}`;
      // The database is written in hundreds of calls.
      if (isOfHistoryOnly && (lookedAtHistory === disk.historyChanges || random() > historyShare)) continue;
      looked = `${disk.changes} ${toldCount}`;
      lookedAtHistory = disk.historyChanges;
      const promised = promisedAfter(told, toldCount, prepared);
      const where = `${call.name} (line ${call.left + 1})`;
      let isNewCut = true;
      const trees = statesAfterCut(disk, isOfHistoryOnly ? ONE : extent, random);
      for (const tree of trees) {
        const rest = hash('sha1', keyOf(tree));
        const whole = `${rest} ${promised.least} ${promised.most} ${promised.offered.size}`;
        if (seen.has(whole) && !isOfHistoryOnly) continue;
        seen.add(whole);
        const history = historyAfterCut(disk, data, random);
        const key = `${rest} ${hash('sha1', keyOf(history))}`;
        yield { tree: new Map([...tree, ...(tree.has(data) ? history : [])]), key, promised, where, isNewCut };
        isNewCut = false;
      }
    }
  }
}

/** All that was written, where nothing but the history has changed. */
const ONE = { most: 1, tears: 0 };

/** The beginnings and ends of calls, as they followed one another. */
function inOrder(calls: readonly Call[]): { readonly call: Call; readonly isEnd: boolean }[] {
  const events = calls.flatMap((call) => [
    { at: call.entered, call, isEnd: false },
    { at: call.left + 0.5, call, isEnd: true },
  ]);
  return events.toSorted((a, b) => a.at - b.at);
}

function materialize(tree: Tree, path: string): string {
  emptied(path);
  for (const [name, content] of tree) {
    const inner = join(path, name);
    if (content === undefined) mkdirSync(inner, { recursive: true });
    else {
      mkdirSync(dirname(inner), { recursive: true });
      writeFileSync(inner, content);
    }
  }
  const folder = dataFolderIn(path);
  rmSync(join(folder, 'daemon.json'), { force: true });
  return folder;
}

function shown(tree: Tree): string {
  return [...tree]
    .map(([path, content]) => `    ${path}: ${content === undefined ? 'folder' : excerpt(content)}`)
    .join('\n');
}

function excerpt(content: Buffer): string {
  const zeros = content.filter((byte) => byte === 0).length;
  const text = content.toString('utf8').replaceAll('\0', '·').replaceAll('\n', '⏎');
  return `${content.length} bytes, ${zeros} of them zero: ${text.slice(0, 60)} … ${text.slice(-60)}`;
}
