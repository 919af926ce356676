import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '../test/support/scratch.ts';
import type { Row } from './row.ts';

const ROOT = join(import.meta.dirname, '..');

/** The size of an installation on the disk, dependencies included. */
export async function packageBenches(): Promise<Row[]> {
  const folder = scratchFolder();
  const npm = (args: string[], cwd: string) => execFileSync('npm', [...args, '--silent'], { cwd, encoding: 'utf8' });
  const tarball = npm(['pack', '--pack-destination', folder], ROOT).trim().split('\n').at(-1)!;
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  npm(['install', '--no-audit', '--no-fund', join(folder, tarball)], folder);
  const megabytes = bytesOf(join(folder, 'node_modules')) / 1e6;
  rmSync(folder, { recursive: true });
  return [{ what: 'the installed package with its dependencies', ours: megabytes, unit: 'MB', bar: { atMost: 40 } }];
}

/** The sum of the files, which is what does not depend on the file system. */
function bytesOf(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => lstatSync(join(folder, name)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}
