import { codexTokens, drawVector, NOTHING, plus, type Vector, wireVector } from './codex-vector.ts';
import type { Dice } from './dice.ts';
import { hostileCount } from './hostile-lines.ts';
import type { Gauge, Invented, UsageWindow } from './truth.ts';

/** One line of a rollout in memory: written in its own file, and again in each fork. */
export interface CodexLine {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly atMs: number;
  readonly thing?: Invented;
  readonly gauge?: Omit<Gauge, 'atMs'>;
  readonly windows?: readonly Omit<UsageWindow, 'atMs'>[];
  /** Bytes that stand there in place of a line. */
  readonly raw?: string | Buffer;
}

export interface CodexStart {
  readonly folder: string;
  readonly atMs: number;
  /** Which of the two figures the counts of this version tell. */
  readonly form?: 'both' | 'last only' | 'total only';
  /** Of a plan that has a weekly window alone, which it then sends as `primary`. */
  readonly isWeekly?: boolean;
  /** The longest time between two lines. */
  readonly pauseMs?: number;
  /** What the first request takes, where another session has begun with the very same. */
  readonly opening?: Vector;
  readonly parent?: { readonly id: string; readonly by: 'fork' | 'agent' | 'both' };
}

/** Where the streams of a session stand after a line. */
interface Streams {
  readonly totals: readonly (Vector | undefined)[];
  /** The last count of each stream, which may be told again. */
  readonly lasts: readonly (CodexLine | undefined)[];
}

const MODELS = ['gpt-5.2-codex', 'gpt-5.1-codex-mini', 'o4-mini', '__proto__'];
const LIMIT = 272_000;

/** By the payload of a count, so that what goes on from that line, a fork or a revert, knows its streams. */
const STREAMS = new WeakMap<object, Streams>();

/** A conversation as Codex tells it: requests with their running totals, many of them told more than once. */
export class CodexSession {
  readonly id: string;
  readonly start: CodexStart;
  readonly header: CodexLine[];
  readonly lines: CodexLine[] = [];
  atMs: number;
  readonly #dice: Dice;
  #totals: (Vector | undefined)[] = [];
  #lasts: (CodexLine | undefined)[] = [];
  #model: string;
  #opening: Vector | undefined;

  constructor(dice: Dice, start: CodexStart) {
    this.#dice = dice;
    this.id = dice.uuid();
    this.start = start;
    this.#opening = start.parent ? undefined : start.opening;
    this.atMs = start.atMs;
    this.#model = dice.pick(MODELS);
    this.header = [{ type: 'session_meta', payload: this.#meta(), atMs: start.atMs }];
  }

  /** A session that goes on from the first lines of this one, at times with its header as well. */
  fork(length: number, atMs: number, by: 'fork' | 'agent' | 'both', carriesHeader: boolean): CodexSession {
    const child = new CodexSession(this.#dice, { ...this.start, atMs, parent: { id: this.id, by } });
    if (carriesHeader) child.header.push(...this.header.map((line) => ({ ...line, atMs })));
    child.lines.push(...this.lines.slice(0, length).map((line) => ({ ...line, atMs })));
    child.#goOnFromLines();
    child.turn();
    return child;
  }

  /** Takes back all lines after so many; their tokens are used all the same. */
  revert(length: number): void {
    this.lines.splice(length);
    this.#goOnFromLines();
    this.turn();
  }

  turn(): void {
    if (this.#dice.hits(0.2)) this.#model = this.#dice.pick(MODELS);
    this.#say('turn_context', { cwd: this.start.folder, model: this.#model, approval_policy: 'on-request' });
  }

  /** So many requests, with talk around them and nearly as many counts that are told again. */
  work(requests: number, streams = 1, speech = 200): void {
    const dice = this.#dice;
    if (this.lines.length === 0) {
      this.turn();
      if (dice.hits(0.2)) this.#count(NOTHING, NOTHING, 0, NOTHING);
    } else if (dice.hits(0.3)) this.again();
    for (let count = 0; count < requests; count += 1) {
      if (dice.hits(0.2)) this.turn();
      if (dice.hits(0.6)) this.#talk(speech);
      if (dice.hits(0.1)) this.#say('hostile', {}, { raw: hostileCount(dice) });
      if (dice.hits(0.15)) this.#event({ type: 'token_count', info: null }, {});
      this.#request(dice.int(0, streams - 1));
      while (dice.hits(0.45)) this.again();
    }
    if (dice.hits(0.2)) this.#event({ type: 'token_count', info: null }, {});
  }

  /** A request that no line told: the next total jumps over it, and only what a line tells is known. */
  gap(): void {
    const stream = this.#largest();
    this.#totals[stream] = plus(this.#totals[stream] ?? NOTHING, drawVector(this.#dice));
    this.#request(stream);
  }

  /** The total grows by less than the last request, as after a compaction: no more than its growth was used. */
  shortGrowth(): void {
    const stream = this.#largest();
    const growth = drawVector(this.#dice);
    const total = plus(this.#totals[stream] ?? NOTHING, growth);
    this.#count(plus(growth, drawVector(this.#dice)), total, stream, growth);
  }

  /** A count of output tokens alone, as the small truths of METERS have them, and what it adds. */
  told(last: number, total: number, used: number): void {
    if (this.lines.length === 0) this.turn();
    const [lastVector, totalVector, usedVector] = [last, total, used].map((output) => ({ ...NOTHING, output }));
    this.#count(lastVector!, totalVector!, 0, usedVector!);
  }

  /** The last count of one of the streams once more, with a later time and the limits of that time. */
  again(): void {
    const told = this.#lasts.filter((line) => line !== undefined);
    if (told.length === 0) return;
    const { payload, gauge } = this.#dice.pick(told);
    this.#event(payload, gauge ? { gauge: { ...gauge, model: this.#model } } : {});
  }

  /** The stream whose total is the nearest one below a jump. */
  #largest(): number {
    const sums = Array.from(this.#totals, (total = NOTHING) => total.input + total.output);
    return Math.max(0, sums.indexOf(Math.max(...sums)));
  }

  #request(stream: number): void {
    const last = this.#opening ?? drawVector(this.#dice);
    this.#opening = undefined;
    this.#count(last, plus(this.#totals[stream] ?? NOTHING, last), stream, last);
  }

  #count(last: Vector, total: Vector, stream: number, used: Vector): void {
    const { form = 'both' } = this.start;
    const dice = this.#dice;
    const info = {
      ...(form !== 'last only' && { total_token_usage: wireVector(dice, total) }),
      ...(form !== 'total only' && { last_token_usage: wireVector(dice, last) }),
      model_context_window: LIMIT,
    };
    const thing: Invented = { meter: 'codex', model: this.#model, tokens: codexTokens(used), places: [] };
    const gauge = { used: last.input + last.output, limit: LIMIT, model: this.#model };
    const line = this.#event({ type: 'token_count', info }, { thing, ...(form !== 'total only' && { gauge }) });
    this.#totals[stream] = total;
    this.#lasts[stream] = line;
    this.#keepStreams(line);
  }

  #keepStreams({ payload }: CodexLine): void {
    STREAMS.set(payload, { totals: [...this.#totals], lasts: [...this.#lasts] });
  }

  #event(payload: Readonly<Record<string, unknown>>, told: Partial<CodexLine>): CodexLine {
    const windows = (this.start.isWeekly ? [10_080] : [300, 10_080]).map((windowMinutes) =>
      this.#window(windowMinutes),
    );
    const [primary = null, secondary = null] = windows.map((window) => ({
      used_percent: window.usedPercent,
      window_minutes: window.windowMinutes,
      resets_at: window.resetsAtMs / 1000,
    }));
    const limits = { rate_limits: { primary, secondary, credits: null } };
    const line = this.#say('event_msg', { ...payload, ...limits }, { ...told, windows });
    if (STREAMS.has(payload)) this.#keepStreams(line);
    return line;
  }

  #window(windowMinutes: number): Omit<UsageWindow, 'atMs'> {
    const lengthMs = windowMinutes * 60_000;
    return {
      usedPercent: this.#dice.int(0, 1000) / 10,
      resetsAtMs: (Math.floor(this.atMs / lengthMs) + 1) * lengthMs,
      windowMinutes,
    };
  }

  #talk(length: number): void {
    const dice = this.#dice;
    const info = { last_token_usage: wireVector(dice, drawVector(dice)) };
    const content = [{ type: 'input_text', text: dice.speech(length) }];
    const said: readonly (readonly [string, Record<string, unknown>])[] = [
      ['response_item', { type: 'message', role: 'user', content }],
      ['event_msg', { type: 'agent_message', message: dice.speech(length), about: 'token_count' }],
      // A count in another place is no count.
      ['response_item', { type: 'token_count', info, text: dice.speech(20) }],
      ['event_msg', { type: 'echo', payload: { type: 'token_count', info } }],
    ];
    this.#say(...dice.pick(said));
  }

  #say(type: string, payload: Readonly<Record<string, unknown>>, told: Partial<CodexLine> = {}): CodexLine {
    this.atMs += this.#dice.int(50, this.start.pauseMs ?? 90_000);
    const line = { ...told, type, payload, atMs: this.atMs };
    this.lines.push(line);
    return line;
  }

  #goOnFromLines(): void {
    const streams = this.lines.map(({ payload }) => STREAMS.get(payload)).findLast((found) => found !== undefined);
    this.#totals = [...(streams?.totals ?? [])];
    this.#lasts = [...(streams?.lasts ?? [])];
  }

  #meta(): Record<string, unknown> {
    const { folder, atMs, parent } = this.start;
    const isAgent = parent !== undefined && parent.by !== 'fork';
    const spawn = { thread_spawn: { parent_thread_id: parent?.id, depth: 1 } };
    return {
      id: this.id,
      ...(parent && parent.by !== 'agent' && { forked_from_id: parent.id }),
      timestamp: new Date(atMs).toISOString(),
      cwd: folder,
      originator: 'codex_cli_rs',
      cli_version: '0.153.0',
      source: isAgent ? { subagent: spawn } : 'cli',
      base_instructions: { text: this.#dice.speech(this.#dice.hits(0.1) ? 22_000 : 500) },
    };
  }
}
