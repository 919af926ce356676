import type * as Fs from 'node:fs';
import type * as Native from 'fs-native-extensions';

export interface Fault {
  /** The call that fails: `write`, `datasync` and so on, as in the table below. */
  readonly call: string;
  readonly code: string;
  /** Part of the path that it fails for; any when absent. */
  readonly path?: string;
  /** How often; for good when absent. */
  times?: number;
  /** How many calls pass before it fails. */
  after?: number;
}

/** A file system that fails as it is told, between the program and a real disk: `vi.mock('node:fs', …)` puts it there. */
export class FaultyDisk {
  readonly #faults: Fault[] = [];
  readonly #paths = new Map<number, string>();
  /** Every call that could fail, in order: `write …/000001.jsonl`. */
  readonly calls: string[] = [];
  /** At most so many bytes are written by one call. */
  maxWrite = Number.POSITIVE_INFINITY;

  fail(fault: Fault): void {
    this.#faults.push(fault);
  }

  mend(): void {
    this.#faults.length = 0;
    this.maxWrite = Number.POSITIVE_INFINITY;
    this.calls.length = 0;
  }

  wrap(fs: typeof Fs): typeof Fs {
    const disk = this;
    const pathOf = (fd: number) => this.#paths.get(fd) ?? '';
    type Done = (error: Error | null) => void;
    const isFolder = (fd: number) => fs.fstatSync(fd).isDirectory();
    const later = (call: string, original: (fd: number, done: Done) => void) => (fd: number, done: Done) => {
      const error = this.#hit(isFolder(fd) ? `folder ${call}` : call, pathOf(fd));
      if (error) setImmediate(done, error);
      else original(fd, done);
    };
    const wrapped = {
      ...fs,
      openSync(path: string, ...rest: [string, number]) {
        disk.#trip('open', path);
        const fd = fs.openSync(path, ...rest);
        disk.#paths.set(fd, path);
        return fd;
      },
      readFileSync(path: string | number, ...rest: [BufferEncoding]) {
        disk.#trip('read', typeof path === 'number' ? pathOf(path) : String(path));
        return fs.readFileSync(path, ...rest);
      },
      writeSync(fd: number, bytes: Buffer, offset: number, length: number, position: number | null) {
        disk.#trip('write', pathOf(fd));
        return fs.writeSync(fd, bytes, offset, Math.min(length, disk.maxWrite), position);
      },
      fdatasyncSync(fd: number) {
        disk.#trip('datasync', pathOf(fd));
        fs.fdatasyncSync(fd);
      },
      fsyncSync(fd: number) {
        disk.#trip('sync', pathOf(fd));
        fs.fsyncSync(fd);
      },
      fdatasync: later('datasync', fs.fdatasync),
      fsync: later('sync', fs.fsync),
      ftruncateSync(fd: number, length: number) {
        disk.#trip('truncate', pathOf(fd));
        fs.ftruncateSync(fd, length);
      },
      renameSync(from: string, to: string) {
        disk.#trip('rename', to);
        fs.renameSync(from, to);
      },
      rmSync(path: string, options: Fs.RmOptions) {
        disk.#trip('remove', path);
        fs.rmSync(path, options);
      },
    };
    return wrapped as unknown as typeof Fs;
  }

  wrapNative(native: typeof Native): typeof Native {
    const swapSync = (from: string, to: string) => {
      this.#trip('rename', to);
      native.swapSync(from, to);
    };
    return { ...native, swapSync };
  }

  #trip(call: string, path: string): void {
    const error = this.#hit(call, path);
    if (error) throw error;
  }

  #hit(call: string, path: string): Error | undefined {
    this.calls.push(`${call} ${path}`);
    for (const fault of this.#faults) {
      if (fault.call !== call || !path.includes(fault.path ?? '') || fault.times === 0) continue;
      if (fault.after !== undefined && fault.after-- > 0) continue;
      if (fault.times !== undefined) fault.times--;
      return Object.assign(new Error(`${fault.code}: injected, ${call}`), { code: fault.code, syscall: call });
    }
    return undefined;
  }
}
