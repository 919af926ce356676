import { afterChanges, type DataChange, type DiskModel, type FileNode, isOfHistory } from './disk-model.ts';
import { isFolder } from './disk-replay.ts';
import type { Tree } from './power-states.ts';

/**
 * One of the states in which a power cut at this moment may leave the history's database: any of its names changed since the
 * folder's fsync, and of each of its files what was written since its own fsync kept or lost from some write on, write by write
 * or within one. `folder` is where it lies.
 */
export function historyAfterCut(disk: DiskModel, folder: string, random: () => number): Tree {
  const tree = new Map<string, Buffer>();
  const others = disk.names.filter((change) => !isOfHistory(change));
  const named = disk.namesOf(disk.root, others).get(folder);
  if (!named || !isFolder(named)) return tree;
  const ofHistory = disk.names.filter(isOfHistory);
  for (const [name, node] of disk.namesOf(named, keptOf(ofHistory, random))) {
    if (!isFolder(node) && node.isHistory) tree.set(`${folder}/${name}`, contentAfterCut(node, random));
  }
  return tree;
}

/** All of it, none, its beginning, or any part of it. */
function keptOf<T>(changes: readonly T[], random: () => number): readonly T[] {
  const way = random();
  if (way < 0.25) return changes;
  if (way < 0.35) return [];
  if (way < 0.7) return changes.slice(0, Math.floor(random() * (changes.length + 1)));
  return changes.filter(() => random() < 0.7);
}

function contentAfterCut({ durable, pending }: FileNode, random: () => number): Buffer {
  const kept = keptOf(pending, random);
  const last = kept.at(-1);
  if (last?.kind !== 'write' || random() < 0.5) return afterChanges(durable, kept);
  const length = Math.floor(random() * last.bytes.length);
  const torn: DataChange = { ...last, bytes: last.bytes.subarray(0, length) };
  const zeroed: DataChange = { ...last, bytes: Buffer.alloc(last.bytes.length) };
  return afterChanges(durable, [...kept.slice(0, -1), ...(random() < 0.5 ? [zeroed] : []), torn]);
}
