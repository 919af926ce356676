import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAEMON_FILE, STATE_FILE } from '../../src/protocol/addresses.ts';
import type { Warning } from '../../src/protocol/methods.ts';
import { type ChildProcess, spawn } from '../support/programs.ts';
import { until } from '../support/until.ts';

export interface RpcAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: each harness knows what it asked for
  readonly result?: any;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
}

export interface RunningOptions {
  readonly program: string;
  readonly folder: string;
  /** A command such as strace that the daemon is started by. */
  readonly under?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A real daemon process, outside of any test framework. */
export class RunningDaemon {
  readonly folder: string;
  readonly process: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  stderr = '';
  url = '';
  pid = 0;
  readonly #before: number | undefined;

  constructor({ program, folder, under = [], env = {} }: RunningOptions) {
    this.folder = folder;
    this.#before = fileIn(folder)?.pid;
    const [command = '', ...args] = [...under, process.execPath, program, '--data', folder, '--port', '0'];
    this.process = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...env },
    });
    this.process.stderr!.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.ended = once(this.process, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** Starts one and waits until it can be asked. */
  static async start(options: RunningOptions): Promise<RunningDaemon> {
    const daemon = new RunningDaemon(options);
    await daemon.isUp();
    return daemon;
  }

  /** Resolves when it can be asked; throws with what it said when it ended before. */
  async isUp(): Promise<void> {
    const file = await until(() => {
      if (this.process.exitCode !== null) throw new Error(`the daemon ended at once: ${this.stderr}`);
      const found = fileIn(this.folder);
      return found && found.pid !== this.#before && found;
    }, 'the daemon is up');
    this.url = file.url;
    this.pid = file.pid;
  }

  async rpc(method: string, params: unknown = {}): Promise<RpcAnswer> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json', 'accept-language': 'en' };
    const response = await fetch(`${this.url}/rpc`, { method: 'POST', headers, body });
    return (await response.json()) as RpcAnswer;
  }

  async warnings(): Promise<readonly Warning[]> {
    return (await this.rpc('daemon.info')).result.warnings;
  }

  /** The state file as it lies on disk; `undefined` while it does not parse. */
  // biome-ignore lint/suspicious/noExplicitAny: each harness knows what it wrote
  state(): any {
    try {
      return JSON.parse(readFileSync(join(this.folder, STATE_FILE), 'utf8'));
    } catch {
      return undefined;
    }
  }

  /** The ids of all that was recorded, newest first. */
  async historyIds(): Promise<string[]> {
    const ids: string[] = [];
    for (let before: string | undefined; ; ) {
      const { result } = await this.rpc('usage.history', { limit: 1_000, ...(before !== undefined && { before }) });
      ids.push(...result.sessions.map(({ id }: { id: string }) => id));
      if (result.next === undefined) return ids;
      before = result.next;
    }
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }
}

function fileIn(folder: string): { readonly pid: number; readonly url: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, DAEMON_FILE), 'utf8'));
  } catch {
    return undefined;
  }
}
