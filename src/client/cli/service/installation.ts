import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ServicePlan, withoutSettings } from './plan.ts';

/** How a service stands: not there, as it should be, or made for another place or version. */
export type ServiceState = 'absent' | 'installed' | 'outdated';

export function stateOf(plan: ServicePlan): ServiceState {
  const { content, link } = plan;
  const found = contentOf(plan);
  if (found === undefined && (link === undefined || targetOf(link) === undefined)) return 'absent';
  return found !== undefined && withoutSettings(found) === withoutSettings(content) && isLinked(plan)
    ? 'installed'
    : 'outdated';
}

/** The present content of its file. */
export function contentOf({ file }: ServicePlan): string | undefined {
  return readIfThere(() => readFileSync(file, 'utf8'));
}

/** Writes what is not there yet. */
export function writeService(plan: ServicePlan): void {
  const { file, content, link } = plan;
  if (contentOf(plan) === content && isLinked(plan)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  if (link === undefined) return;
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(file, link);
}

/** Removes all that `writeService` wrote. */
export function removeService({ file, link }: ServicePlan): void {
  if (link !== undefined) rmSync(link, { force: true });
  rmSync(file, { force: true });
}

/** Runs the system's own commands; returns the last that it refused, as where there is no session. */
export function runAll(commands: ServicePlan['load']): string | undefined {
  let refused: string | undefined;
  for (const [program = '', ...args] of commands) {
    const { status } = spawnSync(program, args, { stdio: 'ignore', windowsHide: true, timeout: 20_000 });
    refused = status === 0 ? undefined : [program, ...args].join(' ');
  }
  return refused;
}

function isLinked({ file, link }: ServicePlan): boolean {
  return link === undefined || targetOf(link) === file;
}

function targetOf(link: string): string | undefined {
  return readIfThere(() => (lstatSync(link).isSymbolicLink() ? readlinkSync(link) : ''));
}

function readIfThere(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
