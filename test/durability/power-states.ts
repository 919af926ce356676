import { sampleOf } from '../support/random.ts';
import {
  applyChange,
  type DataChange,
  type DiskModel,
  type FileNode,
  type FolderNode,
  isHistoryName,
  isOfHistory,
  type NameChange,
} from './disk-model.ts';
import { isFolder } from './disk-replay.ts';

/** The files of a disk: the content of each file by its path, `undefined` for a folder. */
export type Tree = ReadonlyMap<string, Buffer | undefined>;

/** The number of states tried after one cut. */
export interface Extent {
  readonly most: number;
  /** Random places at which each write is torn. */
  readonly tears: number;
}

const SECTOR = 512;

/** Up to this many changes of names are combined in every way; of more, the ends and a sample. */
const ALL_COMBINATIONS = 5;

/**
 * The states that may be found after a power cut at this moment, without the history's database: any of the names changed since
 * their folder's fsync, and of each file what was written since its own fsync kept, lost, torn or zeroed. At most `most` of them,
 * the extremes always.
 */
export function statesAfterCut(disk: DiskModel, { most, tears }: Extent, random: () => number): Tree[] {
  const states = new Map<string, Tree>();
  const add = (kept: readonly NameChange[], contents: ReadonlyMap<FileNode, Buffer>) => {
    const tree = treeOf(disk, kept, contents);
    states.set(keyOf(tree), tree);
  };
  const names = disk.names.filter((change) => !isOfHistory(change));
  const extremes = [names, []];
  for (const kept of extremes) {
    const files = dirtyFiles(disk, kept);
    add(kept, new Map());
    add(kept, new Map(files.map((file) => [file, file.durable])));
  }
  for (const kept of combinations(names, random)) {
    const files = dirtyFiles(disk, kept);
    const variants = files.map((file) =>
      sampleOf(contentsAfterCut(file, tears, random), Math.max(4, most / 2), random),
    );
    add(kept, new Map());
    for (const [index, file] of files.entries()) {
      for (const content of variants[index]!) {
        add(kept, new Map([[file, content]]));
        add(kept, new Map(files.map((other) => [other, other === file ? content : other.durable])));
      }
    }
    if (states.size > most * 4) break;
  }
  const all = [...states.values()];
  return [...all.slice(0, 4), ...sampleOf(all.slice(4), most - 4, random)];
}

/** Every way in which a file's content may have reached the disk. */
export function contentsAfterCut(file: FileNode, tears: number, random: () => number): Buffer[] {
  const { pending, durable } = file;
  const contents: Buffer[] = [];
  for (const [index, change] of pending.entries()) {
    const before = pending.slice(0, index).reduce(applyChange, durable);
    const after = pending.slice(index + 1);
    contents.push(before);
    if (change.kind !== 'write') continue;
    const zeroed: DataChange = { ...change, bytes: Buffer.alloc(change.bytes.length) };
    contents.push(applyChange(before, zeroed), after.reduce(applyChange, applyChange(before, zeroed)));
    for (const length of tearsOf(change.bytes.length, tears, random)) {
      const torn: DataChange = { ...change, bytes: change.bytes.subarray(0, length) };
      contents.push(applyChange(before, torn), applyChange(applyChange(before, zeroed), torn));
      // The beginning was lost and the end was kept.
      const tail: DataChange = { ...change, at: change.at + length, bytes: change.bytes.subarray(length) };
      contents.push(applyChange(before, tail));
    }
  }
  contents.push(pending.reduce(applyChange, durable));
  return contents;
}

/** The offsets at which a write is torn: around its ends, at sectors, and at some other places. */
function tearsOf(length: number, tears: number, random: () => number): number[] {
  const places = [1, length - 1, ...Array.from({ length: tears }, () => Math.floor(random() * length))];
  for (let at = SECTOR; at < length; at += SECTOR) places.push(at);
  return [...new Set(places)].filter((at) => at > 0 && at < length);
}

function combinations(names: readonly NameChange[], random: () => number): (readonly NameChange[])[] {
  const masks: number[] = [];
  if (names.length <= ALL_COMBINATIONS) for (let mask = 0; mask < 2 ** names.length; mask++) masks.push(mask);
  else for (let count = 0; count < 2 ** ALL_COMBINATIONS; count++) masks.push(Math.floor(random() * 2 ** names.length));
  masks.sort(() => random() - 0.5);
  return masks.map((mask) => names.filter((_, index) => (mask >> index) & 1));
}

function dirtyFiles(disk: DiskModel, kept: readonly NameChange[]): FileNode[] {
  const files = new Set<FileNode>();
  const visit = (folder: FolderNode) => {
    for (const node of disk.namesOf(folder, kept).values()) {
      if (isFolder(node)) visit(node);
      else if (node.pending.length > 0 && !node.isHistory) files.add(node);
    }
  };
  visit(disk.root);
  return [...files];
}

function treeOf(disk: DiskModel, kept: readonly NameChange[], contents: ReadonlyMap<FileNode, Buffer>): Tree {
  const tree = new Map<string, Buffer | undefined>();
  const visit = (folder: FolderNode, path: string) => {
    for (const [name, node] of disk.namesOf(folder, kept)) {
      if (isHistoryName(name)) continue;
      const inner = path === '' ? name : `${path}/${name}`;
      if (isFolder(node)) {
        tree.set(inner, undefined);
        visit(node, inner);
      } else tree.set(inner, contents.get(node) ?? node.content());
    }
  };
  visit(disk.root, '');
  return tree;
}

/** The same text for the same tree, and another one for another. */
export function keyOf(tree: Tree): string {
  const parts = [...tree].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return parts.map(([path, content]) => `${path}\n${content?.toString('latin1') ?? '/'}`).join('\0');
}
