import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptied } from '../support/scratch.ts';
import type { Programs } from './build.ts';
import type { DiskModel, FolderNode } from './disk-model.ts';
import type { Scenario, Told } from './scenarios.ts';
import { bytesOf, type Call, callsOf, FILE_CALLS, runTraced } from './strace.ts';

/** A scenario that was run once and traced: its calls by life, and what it told. */
export interface Recording {
  readonly lives: readonly (readonly Call[])[];
  readonly told: readonly Told[];
}

/** The folder that stands for the disk; the data folder is in it. */
export function dataFolderIn(world: string): string {
  return join(world, 'data');
}

/** Prepares the world of a scenario as it lies on disk before the first life; returns the revision that stands there. */
export async function prepare(scenario: Scenario, world: string): Promise<number> {
  emptied(world);
  if (!scenario.prepare) return 0;
  emptied(dataFolderIn(world));
  return await scenario.prepare(dataFolderIn(world));
}

/** Every path in the world that a traced process named, and the world's own folder. */
export function pathsOf(calls: readonly Call[], world: string): string[] {
  const paths = new Set<string>();
  for (const { args } of calls) {
    for (const arg of args) {
      const path = arg.startsWith('"') && !arg.endsWith('...') ? bytesOf(arg).toString() : '';
      if (path.startsWith(`${world}/`) && !path.includes('\n')) paths.add(path);
    }
  }
  return [world, ...paths];
}

/** Runs a scenario to its end under strace. */
export async function record(
  scenario: Scenario,
  world: string,
  programs: Programs,
  scratch: string,
): Promise<Recording> {
  const told = join(scratch, 'told');
  writeFileSync(told, '');
  const lives: Call[][] = [];
  for (const [life, { killedAt }] of scenario.lives.entries()) {
    const log = join(scratch, `life-${life}.strace`);
    const kill = killedAt ? ['-e', `inject=${killedAt.call}:signal=SIGKILL:when=${killedAt.nth}`] : [];
    const args = [programs.actor, scenario.name, String(life), dataFolderIn(world)];
    const flags = ['-xx', '-s', '4000000', '-e', `trace=${FILE_CALLS.join(',')}`, ...kill];
    const { code, signal, stderr } = await runTraced({ log, told, args, flags });
    const isAsMeant = killedAt ? signal === 'SIGKILL' : code === 0;
    if (!isAsMeant) throw new Error(`${scenario.name} ended with ${signal ?? code}: ${stderr}`);
    lives.push(callsOf(log));
  }
  return { lives, told: toldIn(told) };
}

/** The messages that were told, whole lines only. */
export function toldIn(path: string): Told[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** True for the call that tells something. */
export function isTelling({ name, args }: Call): boolean {
  return name === 'write' && args[0] === '3';
}

/** Puts what lies in a folder into the model, as durable. */
export function load(disk: DiskModel, folder: FolderNode, path: string): void {
  for (const name of readdirSync(path)) {
    const inner = join(path, name);
    if (statSync(inner).isDirectory()) {
      const node = disk.newFolder();
      folder.durable.set(name, node);
      load(disk, node, inner);
    } else folder.durable.set(name, disk.newFile(name, readFileSync(inner)));
  }
}
