import { hash } from 'node:crypto';
import type { CountSeen, GaugeSeen, Link, Observation } from '../observation.ts';
import type { Lineage } from './codex-lineage.ts';
import { type CodexEvent, growStreams, type Heads } from './codex-streams.ts';
import { type CodexUsage, readUsage, sizeOf, tokensOfUsage, toldTotal } from './codex-usage.ts';
import { type Finding, NOT_UNDERSTOOD, NOTHING } from './finding.ts';
import { type Fields, fieldsOf, known, readId, readName, readObject, readTimeMs } from './json-line.ts';
import { readCodexWindows } from './rate-limit-window.ts';
import { readCount } from './token-counts.ts';

/** All that the lines read so far mean for those to come; plain JSON. */
export interface CodexState {
  readonly form: typeof FORM;
  /** The conversation of the file, by its first line. */
  readonly session: string;
  readonly isNamed: boolean;
  /** The conversation that the chain of cell keys begins at; none before the first count. */
  readonly root?: string;
  /** The key of the last event. */
  readonly chain?: string;
  readonly heads: Heads;
  /** What the last event told of its request. */
  readonly last?: CodexUsage;
  readonly model?: string;
  readonly folder?: string;
}

/** A finding, and the link that the line told, which is to be saved with the state. */
export interface CodexFinding extends Finding {
  readonly link?: Link;
}

/** Raised whenever a state no longer means what it meant: the file is then read from its beginning. */
const FORM = 1;

const COUNT = Buffer.from('"token_count"');
/** Where a line names its type, in whichever order its members stand; between both lie kilobytes of text. */
const EDGE_BYTES = 256;

/** Whether a line may tell a count, a conversation, or the model and folder of what follows. */
export function isCandidate(line: Buffer): boolean {
  if (line.includes(COUNT)) return true;
  return namesContext(line, 0) || (line.length > EDGE_BYTES && namesContext(line, line.length - EDGE_BYTES));
}

function namesContext(line: Buffer, start: number): boolean {
  const text = line.toString('latin1', start, start + EDGE_BYTES);
  return text.includes('"session_meta"') || text.includes('"turn_context"');
}

/**
 * Whether the root that a file was counted under is no longer its root, because a link became known since: its cells are
 * then to be withdrawn, and the file read from its beginning.
 */
export function isMisrooted(state: CodexState, lineage: Lineage): boolean {
  return state.root !== undefined && state.root !== lineage.rootOf(state.session);
}

/**
 * Reads the candidate lines of one rollout of Codex, in their order.
 *
 * A cell's key is a link of a hash chain over all events since the root of the conversation, so that the events that a fork
 * repeats, whatever times it gives them, fall into the cells of its parent.
 */
export class CodexRollout {
  readonly #lineage: Lineage;
  #state: CodexState;

  /** `fallbackId` names the conversation of a file that does not tell it: the same in copies of the file. */
  constructor(fallbackId: string, lineage: Lineage, state?: CodexState) {
    this.#lineage = lineage;
    this.#state = state ?? { form: FORM, session: fallbackId, isNamed: false, heads: [] };
  }

  /** Goes on where a kept state ended; undefined where that is of another form, and the file has to be read anew. */
  static resume(fallbackId: string, lineage: Lineage, kept: unknown): CodexRollout | undefined {
    if (fieldsOf(kept)?.form !== FORM) return undefined;
    return new CodexRollout(fallbackId, lineage, kept as CodexState);
  }

  get state(): CodexState {
    return this.#state;
  }

  /** Reads the next candidate line; a link that it tells is known to the lineage from then on. */
  take(bytes: Buffer, nowMs: number): CodexFinding {
    const line = readObject(bytes);
    if (line === undefined) return NOT_UNDERSTOOD;
    const payload = fieldsOf(line.payload) ?? {};
    if (line.type === 'session_meta') return this.#meet(payload);
    if (line.type === 'turn_context') return this.#turn(payload);
    if (line.type === 'event_msg' && payload.type === 'token_count') {
      return this.#count(payload, readTimeMs(line.timestamp, nowMs));
    }
    return bytes.includes(COUNT) ? NOT_UNDERSTOOD : NOTHING;
  }

  /** The first line is the file's own; a fork repeats those of its ancestors after it. What follows a count is none of them. */
  #meet(payload: Fields): CodexFinding {
    const child = readId(payload.id);
    if (this.#state.root !== undefined || child === undefined) return NOTHING;
    if (!this.#state.isNamed) {
      this.#state = { ...this.#state, session: child, isNamed: true, ...known({ folder: readName(payload.cwd) }) };
    }
    const parent = parentOf(payload);
    if (parent === undefined || parent === child) return NOTHING;
    const link = { child, parent };
    this.#lineage.learn(link);
    return { ...NOTHING, link };
  }

  #turn(payload: Fields): Finding {
    const told = known({ model: readName(payload.model), folder: readName(payload.cwd) });
    this.#state = { ...this.#state, ...told };
    return NOTHING;
  }

  #count(payload: Fields, atMs: number): Finding {
    const windows = readCodexWindows(payload.rate_limits, atMs);
    if (payload.info === null) return { outcome: 'nothing', observations: windows };
    const info = fieldsOf(payload.info);
    const event = { last: readUsage(info?.last_token_usage), total: readUsage(info?.total_token_usage) };
    if (event.last === undefined && event.total === undefined) {
      return { outcome: 'not_understood', observations: windows };
    }
    const gauge = this.#gauge(event, readCount(info?.model_context_window), atMs);
    return { outcome: 'counted', observations: [...this.#grow(event, atMs), ...gauge, ...windows] };
  }

  #grow(event: CodexEvent, atMs: number): CountSeen[] {
    const state = this.#state;
    const root = state.root ?? this.#lineage.rootOf(state.session);
    const chain = hash('sha256', `${state.chain ?? root}|${event.last ?? ''}|${event.total ?? ''}`, 'base64url');
    const { growth, heads } = growStreams(state.heads, event, state.last);
    const { last: _, ...rest } = state;
    this.#state = { ...rest, root, chain, heads, ...known({ last: event.last }) };
    if (growth === undefined || sizeOf(growth) === 0) return [];
    const tokens = tokensOfUsage(growth);
    return [{ kind: 'count', meter: 'codex', key: chain, tokens, atMs, ...this.#about(), provenance: 'exact' }];
  }

  #gauge({ last }: CodexEvent, limit: number | undefined, atMs: number): Observation[] {
    if (last === undefined) return [];
    const gauge: GaugeSeen = {
      kind: 'gauge',
      meter: 'codex.context',
      used: toldTotal(last),
      ...known({ limit: limit || undefined }),
      atMs,
      ...this.#about(),
      provenance: 'exact',
    };
    return [gauge];
  }

  #about() {
    const { session, model, folder } = this.#state;
    return { conversation: session, ...known({ model, folder }) };
  }
}

/** Whom a conversation descends from: it was forked from it, or is a sub-agent that it started. */
function parentOf(payload: Fields): string | undefined {
  const source = fieldsOf(payload.source);
  const spawn = fieldsOf(fieldsOf(source?.subagent)?.thread_spawn);
  return readId(payload.forked_from_id) ?? readId(spawn?.parent_thread_id);
}
