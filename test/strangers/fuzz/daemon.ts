import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChildProcess, spawn } from '../../support/programs.ts';
import { MEMORY, scratchFolder } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';

const MAIN = fileURLToPath(new URL('../../../src/daemon/main.ts', import.meta.url));

/** So little memory that a daemon ends which keeps something of each of many inputs. */
const HEAP_MIB = 96;

/** The longest wait for an answer, or for the end of a connection, on a busy machine. */
const ANSWER_MS = 20_000;

/** A daemon that strangers talk to, and what may not change under it. */
export class FuzzedDaemon {
  readonly folder: string;
  readonly port: number;
  readonly #process: ChildProcess;
  #connections = 0;

  private constructor(process: ChildProcess, folder: string, port: number) {
    this.#process = process;
    this.folder = folder;
    this.port = port;
  }

  static async start(): Promise<FuzzedDaemon> {
    const folder = scratchFolder(MEMORY);
    const env = { ...process.env, LC_ALL: 'C.UTF-8', TOKEN_SYNC_ALERTS_DESKTOP: 'false', WS_NO_BUFFER_UTIL: '1' };
    const args = [`--max-old-space-size=${HEAP_MIB}`, MAIN, '--data', folder, '--port', '0'];
    const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
    const port = await until(() => portIn(folder), 'the daemon is up', 30_000);
    return new FuzzedDaemon(child, folder, port);
  }

  /** Sends bytes on a connection of their own; resolves with all that comes back. `isOpen` for what may wait for more. */
  exchange(bytes: Buffer, isOpen: boolean): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      // From many addresses, because each has a bounded number of ports.
      const localAddress = `127.0.1.${1 + (this.#connections++ % 250)}`;
      const socket = connect({ port: this.port, host: '127.0.0.1', localAddress, noDelay: true });
      const chunks: Buffer[] = [];
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new Error('neither answered nor closed'));
      }, ANSWER_MS);
      let goodbye: NodeJS.Timeout | undefined;
      const leaveSoon = (ms: number) => {
        clearTimeout(goodbye);
        goodbye = setTimeout(() => socket.end(), ms);
      };
      socket.on('connect', () => {
        socket.write(bytes);
        if (isOpen) leaveSoon(60);
      });
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        if (isOpen) leaveSoon(5);
      });
      // A reset is how some connections end.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        clearTimeout(timer);
        clearTimeout(goodbye);
        resolve(Buffer.concat(chunks));
      });
    });
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** In bytes. */
  get memory(): number {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1]) * 1_024;
  }

  get stateText(): string {
    return readFileSync(join(this.folder, 'architect_monitor.json'), 'utf8');
  }

  /** The log's lines about faults that nobody foresaw. */
  get bugs(): string[] {
    const folder = join(this.folder, 'logs');
    const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
    return lines.filter((line) => /"level":[56]0/.test(line)).map((line) => line.slice(0, 600));
  }

  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
    await until(() => !this.isAlive, 'the daemon has ended');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function portIn(folder: string): number | undefined {
  try {
    return Number(new URL(JSON.parse(readFileSync(join(folder, 'daemon.json'), 'utf8')).url).port);
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
