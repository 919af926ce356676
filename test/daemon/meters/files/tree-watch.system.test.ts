import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type FileList, listFiles } from '../../../../src/daemon/meters/files/file-list.ts';
import type { WatchedRoot } from '../../../../src/daemon/meters/files/hints-of-turn.ts';
import { TreeWatch } from '../../../../src/daemon/meters/files/tree-watch.ts';
import { atOnce } from '../../../../src/daemon/process/turns.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { until, untilOwnTime } from '../../../support/until.ts';

function rootAt(path: string, isWsl = false): WatchedRoot {
  return { path, depth: 4, files: /\.jsonl$/, isWsl };
}

/** A watch of some roots, and what it hinted at. */
async function watching(roots: readonly WatchedRoot[], platform = 'linux') {
  const hinted = new Set<string>();
  const failures: { path: string; code: string }[] = [];
  const watch = new TreeWatch({
    roots,
    platform,
    onHints: (hints) => {
      for (const { path } of hints) hinted.add(path);
    },
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(() => watch.close());
  await watch.start();
  return { watch, hinted, failures };
}

function write(path: string, content = 'x\n'): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function list(root: WatchedRoot, options = {}): FileList {
  return atOnce(listFiles(root, options));
}

function watchesHere(): number {
  const infos = readdirSync('/proc/self/fdinfo').map((fd) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
    } catch {
      return '';
    }
  });
  return infos.join('').match(/^inotify wd:/gm)?.length ?? 0;
}

/** How a root is watched: events of folders, one recursive watch, and looks alone. */
const WAYS: readonly (readonly [string, string, boolean])[] = [
  ['by watches of folders', 'linux', false],
  ['by one recursive watch', 'darwin', false],
  ['by looks alone', 'linux', true],
];

const CHANGES: readonly (readonly [string, (root: string) => string])[] = [
  [
    'a line that is appended',
    (root) => {
      appendFileSync(join(root, 'p/a.jsonl'), 'y\n');
      return join(root, 'p/a.jsonl');
    },
  ],
  [
    'a deleted file',
    (root) => {
      rmSync(join(root, 'p/a.jsonl'));
      return join(root, 'p/a.jsonl');
    },
  ],
  [
    'a replaced file',
    (root) => {
      renameSync(write(join(root, 'p/a.new')), join(root, 'p/a.jsonl'));
      return join(root, 'p/a.jsonl');
    },
  ],
];

for (const [way, platform, isWsl] of WAYS) {
  test.each(CHANGES)(`%s is hinted at, ${way}`, async (_, change) => {
    const path = temporaryFolder();
    write(join(path, 'p/a.jsonl'));
    const { hinted } = await watching([rootAt(path, isWsl)], platform);
    await until(() => hinted.has(path), 'the root is hinted at');
    hinted.clear();
    const changed = change(path);
    await until(() => hinted.has(changed) || hinted.has(join(changed, '..')), 'the change is hinted at');
  });

  test(`a file in folders made while watching is hinted at, and its next line too, ${way}`, async () => {
    const path = temporaryFolder();
    const { hinted } = await watching([rootAt(path, isWsl)], platform);
    await until(() => hinted.has(path), 'the root is hinted at');
    hinted.clear();
    const made = write(join(path, 'a/b/c/new.jsonl'));
    await until(() => [...hinted].some((hint) => made.startsWith(hint)), 'the new folder is hinted at');
    hinted.clear();
    appendFileSync(made, 'more\n');
    await until(() => hinted.has(made), 'the next line is hinted at');
  });

  test(`a folder that is replaced is hinted at, and lines in the new one too, ${way}`, async () => {
    const path = temporaryFolder();
    write(join(path, 'p/a.jsonl'));
    const { hinted } = await watching([rootAt(path, isWsl)], platform);
    await until(() => hinted.has(path), 'the root is hinted at');
    hinted.clear();
    renameSync(join(path, 'p'), join(temporaryFolder(), 'old'));
    const made = write(join(path, 'p/a.jsonl'), 'other\n');
    await until(() => hinted.has(join(path, 'p')) || hinted.has(made), 'the new folder is hinted at');
    hinted.clear();
    appendFileSync(made, 'more\n');
    await until(() => hinted.has(made), 'a line in the new folder is hinted at');
  });

  test(`a root that comes to be there is hinted at, goes, and comes again, ${way}`, async () => {
    const path = join(temporaryFolder(), 'not/yet');
    const { hinted } = await watching([rootAt(path, isWsl)], platform);
    for (let round = 0; round < 2; round += 1) {
      const made = write(join(path, 'p/a.jsonl'));
      await until(() => hinted.has(path), 'the root is hinted at');
      hinted.clear();
      appendFileSync(made, 'more\n');
      await until(() => hinted.has(made), 'a line below it is hinted at');
      rmSync(path, { recursive: true });
      await until(() => hinted.has(path), 'its end is hinted at');
      hinted.clear();
    }
  });
}

/** Far less than the time between two looks, and far more than an event takes. */
const BY_EVENT_MS = 350;

test.each(WAYS.filter(([, , isWsl]) => !isWsl))('a line is hinted at before the next look, %s', async (_, platform) => {
  const path = temporaryFolder();
  const made = write(join(path, 'p/a.jsonl'));
  const { hinted } = await watching([rootAt(path)], platform);
  await until(() => hinted.has(path), 'the root is hinted at');
  appendFileSync(made, 'more\n');
  await untilOwnTime(() => hinted.has(made), 'the line is hinted at', BY_EVENT_MS);
});

test.runIf(process.platform === 'linux')(
  'three thousand files in hundreds of folders take at most 100 watches, and a line in any of them is hinted at',
  async () => {
    const path = temporaryFolder();
    for (let index = 0; index < 3_000; index += 1) write(join(path, `p${index % 300}`, `${index}.jsonl`));
    const before = watchesHere();
    const { hinted, watch } = await watching([rootAt(path)]);
    await until(() => hinted.has(path), 'the root is hinted at');
    const taken = watchesHere() - before;
    expect(taken).toBeGreaterThan(20);
    expect(taken).toBeLessThanOrEqual(100);
    for (let index = 0; index < 300; index += 60) {
      const made = join(path, `p${index}`, `${index}.jsonl`);
      appendFileSync(made, 'more\n');
      await until(() => {
        watch.look();
        return hinted.has(made) || hinted.has(join(made, '..'));
      }, 'the line is hinted at');
    }
    expect(watchesHere() - before).toBeLessThanOrEqual(100);
    watch.close();
    await until(() => watchesHere() === before, 'no watch is left');
  },
);

test('a root without permission is told once, and hinted at when it may be read', async () => {
  const path = join(temporaryFolder(), 'root');
  write(join(path, 'a.jsonl'));
  chmodSync(path, 0);
  // Root may read everything.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) chmodSync(join(path, '..'), 0o755);
  if (isRoot) process.seteuid!(65_534);
  let isOver = false;
  const over = () => {
    if (isRoot && !isOver) process.seteuid!(0);
    isOver = true;
  };
  onTestFinished(over);
  const { watch, hinted, failures } = await watching([rootAt(path)]);
  watch.look();
  watch.look();
  expect(failures).toEqual([{ path, code: 'EACCES' }]);
  expect(list(rootAt(path))).toEqual({ files: [], folders: [], failures });
  expect(hinted).toEqual(new Set());
  over();
  chmodSync(path, 0o700);
  await until(() => hinted.has(path), 'the root is hinted at');
});

test('links are followed, and loops and double ways are walked once', async () => {
  const path = temporaryFolder();
  const elsewhere = temporaryFolder();
  const linked = write(join(elsewhere, 'b.jsonl'));
  write(join(path, 'p/a.jsonl'));
  symlinkSync(elsewhere, join(path, 'link'));
  symlinkSync(elsewhere, join(path, 'p/other-link'));
  symlinkSync(path, join(path, 'p/loop'));
  symlinkSync('itself', join(path, 'p/itself'));
  symlinkSync('/nowhere', join(path, 'p/gone.jsonl'));
  symlinkSync('/dev/zero', join(path, 'p/zero.jsonl'));
  symlinkSync(linked, join(path, 'p/linked.jsonl'));
  const { files, folders, failures } = list(rootAt(path));
  expect(files.map((file) => file.path.slice(path.length)).toSorted()).toEqual(
    ['/p/a.jsonl', '/p/linked.jsonl', '/p/other-link/b.jsonl'].toSorted(),
  );
  expect(folders).toHaveLength(3);
  expect(failures).toEqual([]);
  const { hinted } = await watching([rootAt(path)]);
  await until(() => hinted.has(path), 'the root is hinted at');
  appendFileSync(linked, 'more\n');
  await until(() => hinted.has(join(path, 'p/other-link/b.jsonl')), 'the line behind a link is hinted at');
});

test('files are listed with the one written last first, without those that are too old, too deep, or in work of a project', () => {
  const path = temporaryFolder();
  const days = [3, 1, 2, 40].map((age) => {
    const file = write(join(path, `${age}.jsonl`));
    utimesSync(file, Date.now() / 1000 - age * 86_400, Date.now() / 1000 - age * 86_400);
    return file;
  });
  write(join(path, '1/2/3/4/5/deep.jsonl'));
  write(join(path, 'node_modules/x.jsonl'));
  const { files } = list(rootAt(path), { sinceMs: Date.now() - 35 * 86_400_000 });
  expect(files.map((file) => file.path)).toEqual([days[1], days[2], days[0]]);
});

test('a tree of too many folders is cut, and says so', () => {
  const path = temporaryFolder();
  for (const day of ['01', '02', '03']) write(join(path, day, 'a.jsonl'));
  const { files, failures } = list(rootAt(path), { mostFolders: 3 });
  expect(files.map((file) => file.path).toSorted()).toEqual(['02', '03'].map((day) => join(path, day, 'a.jsonl')));
  expect(failures).toEqual([{ path: join(path, '01'), code: 'TOO_MANY' }]);
});
