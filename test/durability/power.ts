import { hash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { programsOf } from './build.ts';
import { DiskModel } from './disk-model.ts';
import { DiskReplay } from './disk-replay.ts';
import type { Harness, Outcome, Task } from './harness.ts';
import { problemsOf, promisedAfter } from './oracle.ts';
import { keyOf, statesAfterCut, type Tree } from './power-states.ts';
import { randomOf } from './random.ts';
import { dataFolderIn, isTelling, load, prepare, record } from './recording.ts';
import { SCENARIOS, scenarioOf } from './scenarios.ts';
import { emptied } from './scratch.ts';

/** States that are tried after each cut: enough for 10,000 distinct ones in all, and as many as there are, nearly. */
const STATES_A_CUT = { short: 160, long: 4_000 };

/** Cuts the power between any two calls, and starts on everything that a disk with a cache may have kept. */
export const POWER: Harness = {
  name: 'power',
  about: 'power cut at every call, on a model of the disk',
  tasks: () => SCENARIOS.map(({ name }) => ({ harness: 'power', part: name })),
  run: cutEverywhere,
};

async function cutEverywhere({ part }: Task, { mutant, isLong, seed, scratch, stopAtFirst }: Parameters<Harness['run']>[1]): Promise<Outcome> {
  const scenario = scenarioOf(part);
  const programs = programsOf(mutant);
  const module = await import(programs.subject);
  const world = join(scratch, 'world');
  const prepared = await prepare(scenario, world);
  const disk = new DiskModel(world);
  load(disk, disk.root, world);
  const { lives, told } = await record(scenario, world, programs, scratch);
  const random = randomOf(seed);
  const most = isLong ? STATES_A_CUT.long : STATES_A_CUT.short;
  const seen = new Set<string>();
  const trees = new Set<string>();
  const failures: string[] = [];
  let cuts = 0;
  let toldCount = 0;
  let looked = '';
  for (const calls of lives) {
    const replay = new DiskReplay(disk);
    const events = calls.flatMap((call) => [
      { at: call.entered, call, isEnd: false },
      { at: call.left + 0.5, call, isEnd: true },
    ]);
    for (const { call, isEnd } of events.toSorted((a, b) => a.at - b.at)) {
      if (isTelling(call)) {
        if (isEnd) continue;
        toldCount++;
      } else if (isEnd) replay.leave(call);
      else replay.enter(call);
      const now = `${disk.changes} ${toldCount}`;
      if (now === looked) continue;
      looked = now;
      cuts++;
      const promised = promisedAfter(told, toldCount, prepared);
      for (const tree of statesAfterCut(disk, most, random)) {
        const key = hash('sha1', keyOf(tree));
        const whole = `${key} ${promised.least} ${promised.most} ${promised.offered.size}`;
        if (seen.has(whole)) continue;
        seen.add(whole);
        trees.add(key);
        const folder = materialize(tree, join(scratch, 'state'));
        const problems = await problemsOf(folder, { scenario, promised, module, mayWarn: ['ledger_damaged'] });
        if (problems.length === 0) continue;
        failures.push(`${scenario.name}, after ${call.name} (line ${call.left + 1}): ${problems.join('; ')}\n${shown(tree)}`);
        if (stopAtFirst || failures.length >= 5) return { failures, counts: { cuts, states: trees.size, starts: seen.size } };
      }
    }
  }
  return { failures, counts: { cuts, states: trees.size, starts: seen.size } };
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
  return [...tree].map(([path, content]) => `    ${path}: ${content === undefined ? 'folder' : excerpt(content)}`).join('\n');
}

function excerpt(content: Buffer): string {
  const zeros = content.filter((byte) => byte === 0).length;
  const text = content.toString('utf8').replaceAll('\0', '·').replaceAll('\n', '⏎');
  return `${content.length} bytes, ${zeros} of them zero: ${text.slice(0, 60)} … ${text.slice(-60)}`;
}
