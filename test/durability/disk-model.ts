/** A file as the model knows it: what is durable, and what was done to it since. */
export class FileNode {
  readonly id: number;
  /** True for a file of the history's database. */
  readonly isHistory: boolean;
  durable: Buffer;
  pending: DataChange[] = [];
  constructor(id: number, isHistory: boolean, durable: Buffer) {
    this.id = id;
    this.isHistory = isHistory;
    this.durable = durable;
  }

  /** The content as a running program sees it. */
  content(): Buffer {
    return afterChanges(this.durable, this.pending);
  }
}

/** A folder: its durable names; changes of names are kept by the disk, because one may concern two folders. */
export class FolderNode {
  readonly id: number;
  readonly durable = new Map<string, Node>();
  constructor(id: number) {
    this.id = id;
  }
}

export type Node = FileNode | FolderNode;

export type DataChange =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'size'; readonly size: number };

/** The changes of one call to names; a disk keeps all of them or none. */
export type NameChange = readonly {
  readonly folder: FolderNode;
  readonly name: string;
  readonly node: Node | undefined;
}[];

/** A disk with a cache in front of it: tells what may be found after a power cut at this moment. */
export class DiskModel {
  readonly root: FolderNode;
  /** The changes to names that are not durable yet. */
  names: NameChange[] = [];
  readonly #prefix: string;
  #nextId = 1;
  #changes = 0;
  #historyChanges = 0;

  /** `path` is the folder whose own name is durable. */
  constructor(path: string) {
    this.root = new FolderNode(0);
    this.#prefix = `${path}/`;
  }

  /** Changes when what a power cut may leave changes, but for the history's database. */
  get changes(): number {
    return this.#changes;
  }

  /** Changes when what a power cut may leave of the history's database changes. */
  get historyChanges(): number {
    return this.#historyChanges;
  }

  /** Something was done to the disk, or made durable. */
  touch(isHistory: boolean): void {
    if (isHistory) this.#historyChanges++;
    else this.#changes++;
  }

  newFile(name: string, durable = Buffer.alloc(0)): FileNode {
    return new FileNode(this.#nextId++, isHistoryName(name), durable);
  }

  newFolder(): FolderNode {
    return new FolderNode(this.#nextId++);
  }

  /** True for a path that the model keeps. */
  holds(path: string): boolean {
    return path.startsWith(this.#prefix) || `${path}/` === this.#prefix;
  }

  /** The folder and the name of a path. */
  placeOf(path: string): { folder: FolderNode; name: string } {
    const parts = path.slice(this.#prefix.length).split('/').filter(Boolean);
    const name = parts.pop() ?? '';
    let folder = this.root;
    for (const part of parts) {
      const next = this.namesOf(folder).get(part);
      if (!(next instanceof FolderNode)) throw new Error(`no such folder: ${path}`);
      folder = next;
    }
    return { folder, name };
  }

  nodeAt(path: string): Node | undefined {
    const { folder, name } = this.placeOf(path);
    return name === '' ? folder : this.namesOf(folder).get(name);
  }

  /** The names in a folder as a running program sees them, or with only the given changes kept. */
  namesOf(folder: FolderNode, kept: readonly NameChange[] = this.names): Map<string, Node> {
    const names = new Map(folder.durable);
    for (const change of kept) {
      for (const one of change) {
        if (one.folder !== folder) continue;
        if (one.node) names.set(one.name, one.node);
        else names.delete(one.name);
      }
    }
    return names;
  }

  /** Makes durable what a folder held when its fsync began: the changes among the first `count`. */
  settleNames(folder: FolderNode, settled: readonly NameChange[]): void {
    const done = new Set(settled.filter((change) => change.some((one) => one.folder === folder)));
    for (const change of this.names) {
      if (!done.has(change)) continue;
      this.touch(isOfHistory(change));
      for (const { folder: where, name, node } of change) {
        if (node) where.durable.set(name, node);
        else where.durable.delete(name);
      }
    }
    this.names = this.names.filter((change) => !done.has(change));
  }

  /** Makes durable what a file held when its fsync began: its first `count` changes. */
  settleData(file: FileNode, settled: readonly DataChange[]): void {
    this.touch(file.isHistory);
    const last = settled.at(-1);
    const count = last ? file.pending.lastIndexOf(last) + 1 : 0;
    file.durable = afterChanges(file.durable, file.pending.slice(0, count));
    file.pending = file.pending.slice(count);
  }
}

/** True for the name of a file of the history's database, or of one that was set aside. */
export function isHistoryName(name: string): boolean {
  return name.startsWith('history.');
}

/** True for a change of such names. */
export function isOfHistory(change: NameChange): boolean {
  return change.some(({ name }) => isHistoryName(name));
}

/** A file after one more change. */
export function applyChange(content: Buffer, change: DataChange): Buffer {
  return afterChanges(content, [change]);
}

/** A file after more changes, made in one piece of memory: a database is written in hundreds of them. */
export function afterChanges(content: Buffer, changes: readonly DataChange[]): Buffer {
  const most = changes.reduce((size, change) => Math.max(size, endOf(change)), content.length);
  const room = Buffer.alloc(most);
  let size = content.copy(room);
  for (const change of changes) {
    if (change.kind === 'write') {
      change.bytes.copy(room, change.at);
      size = Math.max(size, endOf(change));
    } else {
      if (change.size < size) room.fill(0, change.size, size);
      size = change.size;
    }
  }
  return room.subarray(0, size);
}

function endOf(change: DataChange): number {
  return change.kind === 'write' ? change.at + change.bytes.length : change.size;
}
