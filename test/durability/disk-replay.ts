import {
  type DataChange,
  type DiskModel,
  FileNode,
  FolderNode,
  isOfHistory,
  type NameChange,
  type Node,
} from './disk-model.ts';
import { bytesOf, type Call } from './strace.ts';

interface OpenFile {
  readonly node: Node;
  readonly isAppending: boolean;
  at: number;
}

/** Does to the model what a traced process did to the disk, call by call. */
export class DiskReplay {
  readonly #disk: DiskModel;
  readonly #open = new Map<number, OpenFile>();
  /** The writes that each fsync under way will have made durable. */
  readonly #syncs = new Map<Call, { node: Node; data: readonly DataChange[]; names: readonly NameChange[] }>();

  constructor(disk: DiskModel) {
    this.#disk = disk;
  }

  /** The call has begun: what it changes may reach the disk from now on. */
  enter(call: Call): void {
    if (call.name === 'fsync' || call.name === 'fdatasync') {
      const node = this.#open.get(Number(call.args[0]))?.node;
      if (!node) return;
      const data = node instanceof FileNode ? [...node.pending] : [];
      this.#syncs.set(call, { node, data, names: [...this.#disk.names] });
    } else if (call.result >= 0) {
      const before = this.#disk.names.length;
      this.#apply(call);
      for (const change of this.#disk.names.slice(before)) this.#disk.touch(isOfHistory(change));
    }
  }

  /** The call has come back: what it promised holds. */
  leave(call: Call): void {
    const sync = this.#syncs.get(call);
    this.#syncs.delete(call);
    if (!sync || call.result < 0) return;
    if (sync.node instanceof FileNode) this.#disk.settleData(sync.node, sync.data);
    else this.#disk.settleNames(sync.node, sync.names);
  }

  #apply({ name, args, result }: Call): void {
    switch (name) {
      case 'open':
        this.#openFile(pathOf(args[0]!), args[1]!, result);
        break;
      case 'openat':
        this.#openFile(pathOf(args[1]!), args[2]!, result);
        break;
      case 'close':
        this.#open.delete(Number(args[0]));
        break;
      case 'write':
        this.#write(Number(args[0]), bytesOf(args[1]!).subarray(0, result), undefined);
        break;
      case 'pwrite64':
        this.#write(Number(args[0]), bytesOf(args[1]!).subarray(0, result), Number(args[3]));
        break;
      case 'ftruncate': {
        const file = this.#open.get(Number(args[0]));
        if (file?.node instanceof FileNode) this.#change(file.node, { kind: 'size', size: Number(args[1]) });
        break;
      }
      case 'copy_file_range':
        this.#copy(Number(args[2]), Number(args[0]), result);
        break;
      case 'sendfile':
        this.#copy(Number(args[0]), Number(args[1]), result);
        break;
      case 'rename':
        this.#rename(pathOf(args[0]!), pathOf(args[1]!), false);
        break;
      case 'renameat':
      case 'renameat2':
        this.#rename(pathOf(args[1]!), pathOf(args[3]!), args[4]?.includes('RENAME_EXCHANGE') === true);
        break;
      case 'link':
        this.#link(pathOf(args[0]!), pathOf(args[1]!));
        break;
      case 'linkat':
        this.#link(pathOf(args[1]!), pathOf(args[3]!));
        break;
      case 'unlink':
      case 'rmdir':
        this.#remove(pathOf(args[0]!));
        break;
      case 'unlinkat':
        this.#remove(pathOf(args[1]!));
        break;
      case 'mkdir':
        this.#makeFolder(pathOf(args[0]!));
        break;
      case 'mkdirat':
        this.#makeFolder(pathOf(args[1]!));
        break;
      case 'lseek': {
        const file = this.#open.get(Number(args[0]));
        if (file) file.at = result;
        break;
      }
      case 'fchmod':
      case 'chmod':
      case 'fchmodat':
        break;
      default:
        this.#refuseUnknown(name, args);
        break;
    }
  }

  #change(file: FileNode, change: DataChange): void {
    file.pending.push(change);
    this.#disk.touch(file.isHistory);
  }

  #openFile(path: string, flags: string, fd: number): void {
    if (!this.#disk.holds(path)) return;
    let node = this.#disk.nodeAt(path);
    if (!node) {
      const place = this.#disk.placeOf(path);
      node = this.#disk.newFile(place.name);
      this.#disk.names.push([{ ...place, node }]);
    }
    if (flags.includes('O_TRUNC') && node instanceof FileNode && node.content().length > 0) {
      this.#change(node, { kind: 'size', size: 0 });
    }
    this.#open.set(fd, { node, isAppending: flags.includes('O_APPEND'), at: 0 });
  }

  #write(fd: number, bytes: Buffer, position: number | undefined): void {
    const file = this.#open.get(fd);
    if (!(file?.node instanceof FileNode)) return;
    const at = position ?? (file.isAppending ? file.node.content().length : file.at);
    this.#change(file.node, { kind: 'write', at, bytes });
    if (position === undefined) file.at = at + bytes.length;
  }

  #copy(to: number, from: number, count: number): void {
    const source = this.#open.get(from);
    if (!(source?.node instanceof FileNode) || count === 0) return;
    const bytes = source.node.content().subarray(source.at, source.at + count);
    source.at += count;
    this.#write(to, bytes, undefined);
  }

  #link(from: string, to: string): void {
    if (!this.#disk.holds(to)) return;
    this.#disk.names.push([{ ...this.#disk.placeOf(to), node: this.#disk.nodeAt(from)! }]);
  }

  #rename(from: string, to: string, isExchange: boolean): void {
    if (!this.#disk.holds(from)) return;
    const node = this.#disk.nodeAt(from)!;
    const other = isExchange ? this.#disk.nodeAt(to) : undefined;
    this.#disk.names.push([
      { ...this.#disk.placeOf(from), node: other },
      { ...this.#disk.placeOf(to), node },
    ]);
  }

  #remove(path: string): void {
    if (this.#disk.holds(path)) this.#disk.names.push([{ ...this.#disk.placeOf(path), node: undefined }]);
  }

  #makeFolder(path: string): void {
    if (this.#disk.holds(path)) this.#disk.names.push([{ ...this.#disk.placeOf(path), node: this.#disk.newFolder() }]);
  }

  /** A call that the model does not know must not pass as one that changes nothing. */
  #refuseUnknown(name: string, args: readonly string[]): void {
    const isOurs = args.some((arg) => {
      if (/^\d+$/.test(arg)) return this.#open.has(Number(arg));
      return arg.startsWith('"') && this.#disk.holds(pathOf(arg));
    });
    if (isOurs) throw new Error(`the model of the disk does not know ${name}(${args.join(', ').slice(0, 200)})`);
  }
}

/** True for a node that holds names. */
export function isFolder(node: Node): node is FolderNode {
  return node instanceof FolderNode;
}

function pathOf(argument: string): string {
  return bytesOf(argument).toString();
}
