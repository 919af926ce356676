import { spawnSync } from 'node:child_process';
import { accessSync, constants, globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join, relative } from 'node:path';
import TOOLS from './system-tools.json' with { type: 'json' };

/** Tools that a machine with Node, npm and git may lack; `python3:dbus` is a Python that has this module. */
export type Tool = { [Group in keyof typeof TOOLS]: keyof (typeof TOOLS)[Group] }[keyof typeof TOOLS];

/** Programs that every machine with Node, npm and git has: these, and those that POSIX asks of a system. */
const ALWAYS_THERE: ReadonlySet<string> = new Set([
  ...['node', 'npm', 'npx', 'git', 'sh'],
  ...['cat', 'chown', 'cp', 'du', 'mkfifo', 'true'],
]);

/**
 * Asks for tools by name and returns the path of the first. Where one is missing, the test that asks is skipped; in a
 * file or a `describe`, outside its hooks, all its tests are; where no tests run, it throws.
 */
export function needs(...tools: readonly [Tool, ...Tool[]]): string {
  const missing = tools.filter((tool) => !has(tool));
  if (missing.length > 0 && !skipping?.skipTest(missing) && !skipping?.skipSuite(missing)) {
    throw new Error(wordsFor(missing));
  }
  return pathOf(tools[0]) ?? tools[0];
}

/** Whether a tool is here, for what goes on without. */
export function has(tool: Tool): boolean {
  return pathOf(tool) !== undefined;
}

/** The path to start a program by; asks for one that may be missing, and throws at one that is in no table. */
export function locate(program: string): string {
  if (ALWAYS_THERE.has(program) || isOurs(program)) return program;
  if (!isTool(program)) throw new Error(`${program}: not every machine has it, and it is not in system-tools.json`);
  const path = pathOf(program);
  if (path === undefined && !skipping?.skipTest([program])) throw new Error(wordsFor([program]));
  return path ?? program;
}

/** The tools that a kind of run needs, in order. */
export function toolsOf(group: keyof typeof TOOLS): Tool[] {
  return (Object.keys(TOOLS[group]) as Tool[]).toSorted();
}

/** The Debian packages of tools, each once and in order. */
export function packagesOf(tools: Iterable<string>): string[] {
  return [...new Set(Array.from(tools, (tool) => ENTRIES.get(tool)!.package))].toSorted();
}

/** The report of missing tools. */
export function wordsFor(missing: readonly string[]): string {
  return `needs ${missing.join(', ')}, of Debian's ${packagesOf(missing).join(', ')}`;
}

/** The way in which the runner of the tests leaves some of them out. */
export interface Skipping {
  /** Ends the test that runs by an exception; false when none does. */
  skipTest(missing: readonly string[]): boolean;
  /** Leaves out the tests of the file or `describe` that is being read; false when none is. */
  skipSuite(missing: readonly string[]): boolean;
}

/** For what runs the tests of a file. */
export function skipBy(how: Skipping): void {
  skipping = how;
}

let skipping: Skipping | undefined;

interface Entry {
  readonly package: string;
  /** The files, one of which must be there, of what is no program; with `*` for a folder's name. */
  readonly files?: readonly string[];
}

const ENTRIES: ReadonlyMap<string, Entry> = new Map(Object.values(TOOLS).flatMap((group) => Object.entries(group)));

const found = new Map<string, string | undefined>();

function isTool(program: string): program is Tool {
  return ENTRIES.has(program);
}

/** Node, what lies in the checkout or was made by a test, and what has been asked for. */
function isOurs(program: string): boolean {
  if (!isAbsolute(program)) return false;
  const isBelow = (folder: string) => !relative(folder, program).startsWith('..');
  return (
    program === process.execPath || isBelow(CHECKOUT) || isBelow(tmpdir()) || [...found.values()].includes(program)
  );
}

const CHECKOUT = join(import.meta.dirname, '../..');

function pathOf(tool: Tool): string | undefined {
  if (!found.has(tool)) found.set(tool, search(tool));
  return found.get(tool);
}

function search(tool: Tool): string | undefined {
  const { files } = ENTRIES.get(tool)!;
  if (files) return globSync([...files]).at(0);
  const [program = '', module] = tool.split(':');
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program));
  return places.filter(isProgram).find((path) => module === undefined || hasModule(path, module));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first Python on the PATH need not be the one that the packages of the system are for. */
function hasModule(python: string, module: string): boolean {
  return spawnSync(python, ['-c', `import ${module}`]).status === 0;
}
