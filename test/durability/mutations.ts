/** One protection turned off, by replacing a text that stands exactly once in a source. */
export interface Mutation {
  readonly name: string;
  /** The protection that is turned off. */
  readonly about: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The protections that a data folder's safety rests on; a harness must fail without each of them. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'ledger-fdatasync',
    about: 'the fdatasync of the ledger',
    file: 'src/daemon/store/ledger/ledger.ts',
    from: 'await fdatasyncLater(fd);',
    to: 'await Promise.resolve(fdatasyncLater);',
  },
  {
    name: 'temp-fsync',
    about: 'the fsync of a file before it takes its place',
    file: 'src/daemon/disk/atomic-replace.ts',
    from: 'await fsyncLater(fd);\n  } catch',
    to: 'await Promise.resolve(fsyncLater);\n  } catch',
  },
  {
    name: 'folder-fsync',
    about: 'the fsync of the folder',
    file: 'src/daemon/disk/atomic-replace.ts',
    from: "await syncOpened(openSync(path, 'r'));",
    to: '',
  },
  {
    name: 'early-receipt',
    about: 'to answer only when it is durable',
    file: 'src/daemon/monitor.ts',
    from: 'if (fold.changes.length > 0) await this.#save(fold.changes);',
    to: 'if (fold.changes.length > 0) void this.#save(fold.changes).catch(() => undefined);',
  },
  {
    name: 'no-deduplication',
    about: 'to know an id again',
    file: 'src/daemon/operations.ts',
    from: 'if (known) return receipted(duplicateReceipt(',
    to: 'if (known && reading.id === "") return receipted(duplicateReceipt(',
  },
  {
    name: 'early-unlink',
    about: 'to record a drop-file before it is removed',
    file: 'src/daemon/sources/drop-folder/drop-intake.ts',
    from: 'const isOld = job.hasWaited &&',
    to: 'removeClaim(job.claim);\n    const isOld = job.hasWaited &&',
  },
  {
    name: 'no-chain',
    about: 'the checksum of the line before',
    file: 'src/daemon/store/ledger/ledger-scan.ts',
    from: 'index > 0 && line.previous !== lines[index - 1]!.crc',
    to: 'index < 0 && line.previous !== lines[index - 1]!.crc',
  },
  {
    name: 'no-checksum',
    about: 'the checksum of a line',
    file: 'src/daemon/store/ledger/ledger-line.ts',
    from: 'if (checksum(bytes.subarray(BODY_START)) !== crc) return damaged;',
    to: '',
  },
  {
    name: 'single-write',
    about: 'to write on after a short write',
    file: 'src/daemon/disk/atomic-replace.ts',
    from: 'while (written < bytes.length) {',
    to: 'if (bytes.length > 0) {',
  },
  {
    name: 'start-fdatasync',
    about: 'the fdatasync of what a start has read',
    file: 'src/daemon/store/ledger/ledger.ts',
    from: 'fdatasyncSync(this.#fd!);',
    to: '',
  },
  {
    name: 'no-mark',
    about: 'to know by its mark what an edit started from',
    file: 'src/daemon/store/edits/edit-bases.ts',
    from: 'if (from === undefined || !marked) return',
    to: "if (from === undefined || !marked || from !== '') return",
  },
  {
    name: 'no-second-save',
    about: 'to compare a second save with what the first one left',
    file: 'src/daemon/store/edits/edit-bases.ts',
    from: 'const left = this.#views.leftFrom(from) ?? this.#rebuiltLeft(from, marked);',
    to: 'const left = this.#views.leftFrom(from) && this.#rebuiltLeft(from, marked) && undefined;',
  },
  {
    name: 'no-rebuild',
    about: 'to rebuild what an edit started from out of the ledger',
    file: 'src/daemon/store/edits/edit-bases.ts',
    from: 'if (held || revision === undefined ||',
    to: 'if (held || revision !== Number.NaN || revision === undefined ||',
  },
  {
    name: 'same-segment-after-eio',
    about: 'to leave a file for good that could not be made durable',
    file: 'src/daemon/store/ledger/ledger.ts',
    from: 'this.#cutBack(fd, start);\n      this.#abandon();',
    to: 'this.#cutBack(fd, start);',
  },
  {
    name: 'stop-at-damage',
    about: 'to keep what follows a damaged line',
    file: 'src/daemon/store/ledger/ledger-scan.ts',
    from: 'else hasDamage = true;',
    to: 'else {\n        hasDamage = true;\n        break;\n      }',
  },
  {
    name: 'history-place',
    about: "to compare the history's segments with those of the ledger",
    file: 'src/daemon/store/index/lost-histories.ts',
    from: 'if (!known.every(isUnchanged)) return false;',
    to: 'if (known.length < 0) return isUnchanged(known[0]!);',
  },
  {
    name: 'history-chain',
    about: 'to compare the checksum up to which the history was made',
    file: 'src/daemon/store/index/lost-histories.ts',
    from: 'return crcAt(segments, position) === position.crc;',
    to: 'return crcAt(segments, position) !== undefined;',
  },
  {
    name: 'history-rebuild',
    about: 'to make a damaged history anew',
    file: 'src/daemon/store/index/history-keeper.ts',
    from: 'else this.exchange(error);\n    this.#fill(true);',
    to: 'else this.exchange(error);',
  },
  {
    name: 'history-waiting',
    about: 'to know the ids of lines that the history has not taken in yet',
    file: 'src/daemon/store/index/history-index.ts',
    from: 'if (waiting) return waiting;',
    to: 'if (waiting && keeper.isClosed) return waiting;',
  },
];

/** The mutation of a name; throws for one that is not in the table. */
export function mutationOf(name: string): Mutation {
  const found = MUTATIONS.find((mutation) => mutation.name === name);
  if (!found) throw new Error(`no such mutant: ${name}; there are ${MUTATIONS.map((one) => one.name).join(', ')}`);
  return found;
}
