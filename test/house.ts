import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** Source files by their paths from the root, such as `src/daemon/main.ts`, with their texts; README.md files among them. */
export type House = ReadonlyMap<string, string>;

export const MOST_LINES = 250;
export const MOST_FILES = 16;

/** The contract's table is one table, however long it is. */
const CONTRACT = 'src/protocol/methods.ts';

const root = join(import.meta.dirname, '..');

/** The project's own sources. */
export function readHouse(): House {
  const files = globSync('src/**/*.*', { cwd: root }).map((file) => file.replaceAll('\\', '/'));
  return new Map(files.toSorted().map((file) => [file, readFileSync(join(root, file), 'utf8')]));
}

/** The code of a house, without declarations for others' packages. */
export function codeOf(house: House): string[] {
  return [...house.keys()].filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));
}

/** The files of the house that a file imports, types included. */
export function importsOf(house: House, file: string): string[] {
  return specifiersOf(house, file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(file), specifier))
    .filter((imported) => /\.tsx?$/.test(imported));
}

/** The packages, and modules of Node, that a file imports. */
export function packagesOf(house: House, file: string): string[] {
  return specifiersOf(house, file).filter((specifier) => !specifier.startsWith('.'));
}

/** Imports that no `May import:` of their folder allows, and permissions that nobody uses; a folder may always import itself. */
export function wrongImports(house: House): string[] {
  return foldersOf(house).flatMap((folder) => {
    const permissions = permissionsOf(house, folder);
    const unused = new Set(permissions);
    const wrong: string[] = [];
    for (const file of codeOf(house).filter((name) => dirname(name) === folder)) {
      for (const imported of importsOf(house, file)) {
        if (dirname(imported) === folder) continue;
        const names = [dirname(imported), imported].map((name) => name.replace('src/', ''));
        const used = permissions.filter((name) => names.includes(name));
        if (used.length === 0) wrong.push(`${file} → ${imported}`);
        for (const name of used) unused.delete(name);
      }
    }
    return [...wrong, ...[...unused].map((name) => `${folder} does not import ${name}`)];
  });
}

/** Folders that do not open with a README of a sentence, `May import:` and `Not here:`. */
export function unopenedFolders(house: House): string[] {
  return foldersOf(house).filter((folder) => {
    const readme = house.get(`${folder}/README.md`) ?? '';
    const opens = readme.startsWith(`# ${folder.replace('src/', '')}\n\n`);
    return !opens || !/^May import: .+\.$/m.test(readme) || !/^Not here: .+\.$/ms.test(readme);
  });
}

/** Groups of files that import one another in a circle, types included. */
export function importCircles(house: House): string[][] {
  const files = codeOf(house);
  const reached = new Map(files.map((file) => [file, reachable(house, file)]));
  const circles = new Map<string, string[]>();
  for (const file of files) {
    const circle = [...reached.get(file)!].filter((other) => reached.get(other)?.has(file)).toSorted();
    if (circle.length > 0) circles.set(circle.join(), circle);
  }
  return [...circles.values()];
}

export function longFiles(house: House): string[] {
  return codeOf(house).filter((file) => file !== CONTRACT && house.get(file)!.split('\n').length - 1 > MOST_LINES);
}

/** Folders with more files at one level than a glance takes in; their README is not counted. */
export function fullFolders(house: House): string[] {
  const files = [...house.keys()].filter((file) => !file.endsWith('/README.md'));
  return foldersOf(house).filter((folder) => files.filter((file) => dirname(file) === folder).length > MOST_FILES);
}

/** File names that stand for two things within the daemon. */
export function doubleNames(house: House): string[] {
  const names = codeOf(house)
    .filter((file) => file.startsWith('src/daemon/'))
    .map((file) => posix.basename(file));
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function foldersOf(house: House): string[] {
  return [...new Set(codeOf(house).map((file) => dirname(file)))];
}

function permissionsOf(house: House, folder: string): string[] {
  const [, line = ''] = /^May import: (.+)\.$/m.exec(house.get(`${folder}/README.md`) ?? '') ?? [];
  return [...line.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
}

function reachable(house: House, start: string): Set<string> {
  const found = new Set<string>();
  const waiting = importsOf(house, start);
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file) || !house.has(file)) continue;
    found.add(file);
    waiting.push(...importsOf(house, file));
  }
  return found;
}

function specifiersOf(house: House, file: string): string[] {
  return [...house.get(file)!.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, specifier]) => specifier!);
}
