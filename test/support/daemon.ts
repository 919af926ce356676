import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { CONFIG_FILE, DAEMON_FILE, type DaemonFile, STATE_FILE } from '../../src/protocol/addresses.ts';
import type { MethodName, Result, Session } from '../../src/protocol/methods.ts';
import { cleanEnvironment } from './environment.ts';
import { freshFolder } from './folders.ts';
import { type HttpRequest, type HttpResponse, httpRequest } from './http.ts';
import { type ChildProcess, spawn } from './programs.ts';
import { resultOf } from './rpc-failure.ts';
import { scratchFolder } from './scratch.ts';
import { RpcSocket, type SocketOptions } from './socket.ts';
import { until } from './until.ts';

export interface DaemonOptions {
  /** The data folder; a fresh one, removed afterwards, when absent. */
  readonly folder?: string;
  /** Any free port unless another is named; `null` leaves the flag out. */
  readonly port?: number | null;
  /** More flags. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The content of `config.json` before the start: a text as it is, anything else as JSON. */
  readonly config?: unknown;
  /** The content of the state file before the start, as `config`. */
  readonly state?: unknown;
  /** The entry of another copy of the program, such as a mutant. */
  readonly main?: string;
  /** Shell commands such as `umask 0` or `ulimit -f 64` that the daemon is started under. */
  readonly under?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The state file as the daemon keeps it; other programs put anything beside it. */
export interface StateFile {
  readonly token_usage: { readonly used: number; readonly total: number; readonly sessions: readonly Session[] };
  readonly last_updated: string;
}

/** Starts a real daemon and waits until it can be found; ended, with its folder, when the test is over however it went. */
export async function startDaemon(options: DaemonOptions = {}): Promise<TestDaemon> {
  const daemon = new TestDaemon({ ...options, folder: options.folder ?? freshFolder() });
  onTestFinished(() => daemon.end());
  await daemon.isUp();
  return daemon;
}

/** One daemon for all the tests of a file or a `describe`, started before the first and ended after the last. */
export function useDaemon(options: DaemonOptions = {}): () => TestDaemon {
  let daemon: TestDaemon | undefined;
  let folder = '';
  beforeAll(async () => {
    folder = scratchFolder();
    daemon = new TestDaemon({ ...options, folder: options.folder ?? join(folder, 'data') });
    await daemon.isUp();
  });
  afterAll(async () => {
    await daemon?.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    if (!daemon) throw new Error('the daemon starts with the first test');
    return daemon;
  };
}

/** Runs a daemon that is expected to end by itself. */
export async function runDaemon(options: DaemonOptions = {}): Promise<Exit & { stdout: string; stderr: string }> {
  const daemon = new TestDaemon({ ...options, folder: options.folder ?? freshFolder() });
  onTestFinished(() => daemon.end());
  const exit = await daemon.exited;
  return { ...exit, stdout: daemon.stdout, stderr: daemon.stderr };
}

const MAIN = fileURLToPath(new URL('../../dist/daemon.js', import.meta.url));

/** A daemon process and everything a test wants of it. */
export class TestDaemon {
  readonly folder: string;
  readonly process: ChildProcess;
  readonly exited: Promise<Exit>;
  stdout = '';
  stderr = '';
  #file: DaemonFile | undefined;
  #nextId = 1;

  constructor({
    folder,
    port = 0,
    args = [],
    env = {},
    config,
    state,
    main = MAIN,
    under,
  }: DaemonOptions & { folder: string }) {
    this.folder = folder;
    if (config !== undefined) this.write(CONFIG_FILE, config);
    if (state !== undefined) this.write(STATE_FILE, state);
    const flags = ['--data', folder, ...(port === null ? [] : ['--port', String(port)]), ...args];
    const [command, commandArgs] = under
      ? ['bash', ['-c', `${under}; exec "$0" "$@"`, process.execPath, main, ...flags]]
      : [process.execPath, [main, ...flags]];
    this.process = spawn(command, commandArgs, {
      env: { ...cleanEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout!.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.process.stderr!.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.exited = new Promise((resolve) => this.process.on('close', (code, signal) => resolve({ code, signal })));
  }

  get pid(): number {
    return this.process.pid!;
  }

  get url(): string {
    if (!this.#file) throw new Error('the daemon is not up yet');
    return this.#file.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Resolves when `daemon.json` names this process; throws with what it said when it ended before. */
  async isUp(): Promise<void> {
    this.#file = await until(() => {
      if (this.process.exitCode !== null) throw new Error(`the daemon ended at once: ${this.stderr}`);
      const file = this.#readDaemonFile();
      return file?.pid === this.pid && file;
    }, 'the daemon is up');
  }

  /** Asks it to stop, as Ctrl+C or a service manager does, and waits for its end. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.process.kill(signal);
    return this.exited;
  }

  /** Ends it as a crash does, if it still runs, and waits for its end. */
  kill(): Promise<Exit> {
    return this.stop('SIGKILL');
  }

  /** Makes sure that it is gone. */
  async end(): Promise<void> {
    await this.kill();
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Writes a file of the data folder: a text as it is, anything else as JSON. */
  write(name: string, content: unknown): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    writeFileSync(this.path(name), typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
  }

  /** The state file at this moment. */
  state(): StateFile {
    return JSON.parse(this.read(STATE_FILE));
  }

  /** Any HTTP request. */
  request(request: HttpRequest): Promise<HttpResponse> {
    return httpRequest(this.url, request);
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpResponse> {
    return this.request({ path, headers });
  }

  /** Posts a text as it is, anything else as JSON. */
  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<HttpResponse> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.request({ method: 'POST', path, headers, body: text });
  }

  /** Calls a method by JSON-RPC over HTTP; throws an `RpcFailure` when it is refused. */
  async rpc<M extends MethodName>(
    method: M,
    params: unknown = {},
    headers: Readonly<Record<string, string>> = ENGLISH,
  ): Promise<Result<M>> {
    const answer = await this.post('/rpc', { jsonrpc: '2.0', id: this.#nextId++, method, params }, headers);
    return resultOf(answer.json()) as Result<M>;
  }

  /** The number of WebSockets that the daemon says it serves. */
  async connections(): Promise<number> {
    return Number(/^token_sync_connections (\d+)$/m.exec((await this.get('/metrics')).text)?.[1]);
  }

  /** A WebSocket that speaks JSON-RPC. */
  connect(options: SocketOptions = {}): Promise<RpcSocket> {
    return RpcSocket.open(this.url, { ...options, headers: { ...ENGLISH, ...options.headers } });
  }

  #readDaemonFile(): DaemonFile | undefined {
    try {
      return JSON.parse(this.read(DAEMON_FILE));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

/** Tests read English unless they ask for another language. */
const ENGLISH = { 'accept-language': 'en' };
