import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { CONFIG_FILE, STATE_FILE } from '../../src/protocol/addresses.ts';
import type { MethodName, Params, Session } from '../../src/protocol/methods.ts';
import { type RpcAnswer, RunningDaemon } from '../durability/running-daemon.ts';
import { until } from '../support/until.ts';
import type { Change } from './acts.ts';
import type { Edited } from './model.ts';
import type { Question } from './questions.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/daemon.js', import.meta.url));
const CLOCK = new URL('./frozen-clock.ts', import.meta.url).href;

/** The zone of the machine that the daemon runs on; who starts it must be in the same. */
export const ZONE = 'Europe/Berlin';

interface Document {
  readonly token_usage: { used: number; total: number; sessions: Session[]; readonly mark: string };
}

/** A real daemon to which acts are done, on a clock that stands until an act sets it. */
export class PlayedDaemon {
  readonly #folder: string;
  readonly #clock: string;
  #running: RunningDaemon | undefined;
  /** What the state file said after each change, and the marks from which an edit came. */
  readonly #views = new Map<string, string>();
  readonly #editedFrom = new Set<string>();
  #drops = 0;

  private constructor(scratch: string) {
    this.#folder = join(scratch, 'data');
    this.#clock = join(scratch, 'clock');
  }

  static async start(scratch: string, nowMs: number): Promise<PlayedDaemon> {
    const played = new PlayedDaemon(scratch);
    played.setClock(nowMs);
    mkdirSync(played.#folder, { recursive: true });
    // Told figures are what is judged here, not who is told of them.
    writeFileSync(join(played.#folder, CONFIG_FILE), JSON.stringify({ alerts: { thresholds: [] } }));
    await played.#start();
    return played;
  }

  async #start(): Promise<void> {
    const env = { TZ: ZONE, FROZEN_CLOCK: this.#clock, NODE_OPTIONS: `--import=${CLOCK}` };
    const quiet = { TOKEN_SYNC_ALERTS_DESKTOP: 'false' };
    this.#running = await RunningDaemon.start({ program: PROGRAM, folder: this.#folder, env: { ...env, ...quiet } });
  }

  async end(): Promise<void> {
    await this.#daemon.kill();
  }

  setClock(nowMs: number): void {
    writeFileSync(this.#clock, String(nowMs));
  }

  async restart(isKill: boolean): Promise<void> {
    this.#daemon.process.kill(isKill ? 'SIGKILL' : 'SIGTERM');
    await this.#daemon.ended;
    await this.#start();
  }

  ask<M extends MethodName>(method: M, params: Params<M>): Promise<RpcAnswer> {
    return this.#daemon.rpc(method, params);
  }

  /** The answers to many questions, which are one batch, so that nothing comes between them. */
  async askAll(questions: readonly Question[]): Promise<RpcAnswer[]> {
    const batch = questions.map((question, id) => ({ jsonrpc: '2.0', id, ...question }));
    const response = await fetch(`${this.#daemon.url}/rpc`, post(batch));
    return (await response.json()) as RpcAnswer[];
  }

  async rest(params: Params<'usage.record'>): Promise<Record<string, unknown>> {
    const body = { sync_type: 'manual', event: '', ...params };
    const response = await fetch(`${this.#daemon.url}/api/record_token_usage`, post(body));
    return (await response.json()) as Record<string, unknown>;
  }

  /** The whole history in pages of so many. */
  async pages(limit: number): Promise<Session[][]> {
    const pages: Session[][] = [];
    for (let before: string | undefined; ; ) {
      const { result } = await this.ask('usage.history', { limit, ...(before !== undefined && { before }) });
      pages.push(result.sessions);
      before = result.next;
      if (before === undefined) return pages;
    }
  }

  async export(format: 'json' | 'csv'): Promise<string> {
    return await (await fetch(`${this.#daemon.url}/api/history?format=${format}`)).text();
  }

  /** Drops a file and waits until it has been taken. */
  async drop(params: Params<'usage.record'>): Promise<void> {
    const name = join(this.#folder, 'drop', `reading-${this.#drops++}.json`);
    writeFileSync(`${name}.tmp`, JSON.stringify(params));
    renameSync(`${name}.tmp`, name);
    await until(() => !existsSync(name), 'the drop-file is taken');
    // It is claimed by a rename before it is recorded.
    await until(() => this.#isDropEmpty(), 'the drop-file is recorded');
  }

  /** Remembers what the state file says, as a copy of it that somebody keeps. */
  keepView(): void {
    const text = this.#text();
    this.#views.set(markOf(text), text);
  }

  /** Another program reads the file, changes it and saves it by a rename; nothing where it comes to no change. */
  async edit(changes: readonly Change[], revision: number): Promise<Edited | undefined> {
    const text = this.#text();
    const document: Document = JSON.parse(text);
    const edited = applied(document, changes);
    if (isDeepStrictEqual(document, JSON.parse(text))) return undefined;
    this.#editedFrom.add(markOf(text));
    this.#save(JSON.stringify(document, undefined, 2));
    await until(async () => (await this.ask('usage.get', {})).result.revision > revision, 'the edit is adopted');
    return edited;
  }

  /** Puts back a copy from which no edit came, which changes nothing; nothing is done where there is none. */
  async putBack(ago: number): Promise<void> {
    const unedited = [...this.#views].filter(([mark]) => !this.#editedFrom.has(mark));
    const latest = this.#text();
    const [, copy] = unedited.at(-1 - (ago % Math.max(1, unedited.length))) ?? [];
    if (copy === undefined || copy === latest) return;
    this.#save(copy);
    await until(() => this.#text() === latest, 'the latest state is back in place');
  }

  #save(text: string): void {
    const path = join(this.#folder, STATE_FILE);
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }

  #text(): string {
    return readFileSync(join(this.#folder, STATE_FILE), 'utf8');
  }

  #isDropEmpty(): boolean {
    return readdirSync(join(this.#folder, 'drop')).every((name) => name === 'rejected');
  }

  get #daemon(): RunningDaemon {
    if (!this.#running) throw new Error('the daemon has not been started');
    return this.#running;
  }
}

function post(body: unknown): RequestInit {
  const headers = { 'content-type': 'application/json', 'accept-language': 'en' };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}

function markOf(text: string): string {
  return (JSON.parse(text) as Document).token_usage.mark;
}

function applied({ token_usage }: Document, changes: readonly Change[]): Edited {
  const added: Session[] = [];
  const removed: Session[] = [];
  for (const change of changes) {
    const { sessions } = token_usage;
    if (change.kind === 'used') token_usage.used = Math.max(0, token_usage.used + change.by);
    else if (change.kind === 'total') token_usage.total = change.total;
    else if (change.kind === 'add') added.unshift(change.session);
    // The oldest of all may be pushed off the end by one that is added, which removes nothing.
    else if (sessions.length > 1) {
      const place = change.place % (sessions.length - 1);
      if (change.kind === 'remove') removed.push(...sessions.splice(place, 1));
      // One without an id that says something else is another one.
      else if (sessions[place]!.id !== undefined) sessions[place] = { ...sessions[place], event: change.event };
    }
  }
  token_usage.sessions.unshift(...added);
  return { used: token_usage.used, total: token_usage.total, added, removed };
}
