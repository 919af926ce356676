import type { Dice } from './dice.ts';
import type { Invented, Tokens } from './truth.ts';

/** One line of a transcript before it is written: copies change its session, never its times and ids. */
export interface ClaudeLine {
  readonly body: Readonly<Record<string, unknown>>;
  readonly atMs: number;
  readonly folder?: string | undefined;
  /** What is used in full once this line is there. */
  readonly thing?: Invented;
  /** False where nothing in it would tell a copy from the line itself. */
  readonly isCopyable: boolean;
}

export interface ClaudeTurn {
  readonly sessionId: string;
  readonly folder?: string | undefined;
  readonly atMs: number;
  readonly agentId?: string | undefined;
}

const MODELS = ['claude-opus-4-6', 'claude-sonnet-4-5-20250929', 'claude-haiku-4-5', '__proto__', 'vendor/model:beta'];

/** How a line can be known again. */
export type Naming = 'message' | 'uuid' | 'none';

/** An answer: one to three lines of one growing message. */
export function answer(dice: Dice, turn: ClaudeTurn, naming: Naming, length: number): ClaudeLine[] {
  const thing: Invented = {
    meter: 'claude',
    model: dice.hits(0.02) ? undefined : dice.pick(MODELS),
    tokens: claudeTokens(dice),
    places: [],
  };
  const id = `msg_01${dice.hex(20)}`;
  const sizes = naming === 'message' ? growing(dice, thing.tokens) : [thing.tokens];
  return sizes.map((tokens, index) => {
    const atMs = turn.atMs + index * dice.int(1, 2500);
    const message = {
      ...(thing.model !== undefined && { model: thing.model }),
      ...(naming === 'message' && { id }),
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: dice.speech(length) }],
      stop_reason: null,
      usage: usageOf(dice, tokens),
    };
    const named = {
      ...(naming !== 'none' && { uuid: dice.uuid() }),
      ...(dice.hits(0.7) && { requestId: dice.hex(24) }),
    };
    return {
      ...line(turn, { type: 'assistant', message, ...named }, atMs),
      ...(tokens === thing.tokens && { thing }),
      isCopyable: naming !== 'none',
    };
  });
}

/** A line about the conversation that nothing is counted from, however much it looks like it. */
export function talk(dice: Dice, turn: ClaudeTurn, length: number): ClaudeLine {
  const usage = usageOf(dice, claudeTokens(dice));
  const bodies = [
    () => ({ type: 'user', uuid: dice.uuid(), message: { role: 'user', content: dice.speech(length) } }),
    // The result of a sub-agent repeats what the lines of that sub-agent have said.
    () => ({
      type: 'user',
      uuid: dice.uuid(),
      message: { role: 'user', content: [{ type: 'tool_result', content: dice.speech(length) }] },
      toolUseResult: { status: 'completed', usage, totalTokens: 12_345, content: dice.speech(20) },
    }),
    () => ({ type: 'system', uuid: dice.uuid(), content: JSON.stringify({ message: { usage } }), usage }),
    () => ({ type: 'summary', summary: dice.speech(30), leafUuid: dice.uuid() }),
    () => ({
      type: 'assistant',
      uuid: dice.uuid(),
      message: { id: `msg_${dice.hex(9)}`, model: '<synthetic>', role: 'assistant', content: [], usage },
    }),
  ];
  return { ...line(turn, dice.pick(bodies)(), turn.atMs), isCopyable: true };
}

/** The old form, in which a parent's file tells what a sub-agent does. */
export function progressOf(dice: Dice, of: ClaudeLine, turn: ClaudeTurn): ClaudeLine {
  const { message, uuid, type } = of.body;
  const data = { type: 'agent_progress', message: { type, message, uuid, timestamp: new Date(of.atMs).toISOString() } };
  const body = { type: 'progress', uuid: dice.uuid(), data };
  return { ...line(turn, body, of.atMs), ...(of.thing && { thing: of.thing }), isCopyable: true };
}

function line(turn: ClaudeTurn, body: Record<string, unknown>, atMs: number): Omit<ClaudeLine, 'isCopyable'> {
  const { sessionId, folder, agentId } = turn;
  const whose = {
    parentUuid: null,
    isSidechain: agentId !== undefined,
    ...(folder !== undefined && { cwd: folder }),
    sessionId,
    ...(agentId !== undefined && { agentId }),
  };
  return { body: { ...whose, ...body, timestamp: new Date(atMs).toISOString() }, atMs, folder };
}

function claudeTokens(dice: Dice): Tokens {
  return {
    input: dice.int(0, 900),
    cache_read: dice.hits(0.8) ? dice.int(0, 160_000) : 0,
    cache_write: dice.hits(0.6) ? dice.int(0, 30_000) : 0,
    output: dice.int(1, 9000),
    reasoning: 0,
  };
}

/** The sizes that the lines of one message tell: what came first, the whole, and at times once more a smaller or an equal one. */
function growing(dice: Dice, whole: Tokens): Tokens[] {
  const less = (): Tokens => ({ ...whole, output: dice.int(0, whole.output - 1) });
  // Smaller in sum, larger in one class: the classes stay those of the largest line.
  const odd = (): Tokens => ({ ...whole, output: 0, input: whole.input + whole.output - 1 });
  return dice.pick([
    () => [whole],
    () => [less(), less(), whole],
    () => [less(), whole, whole],
    () => [whole, less()],
    () => [less(), whole, odd()],
  ])();
}

/** One of the ways in which a line tells those tokens. */
function usageOf(dice: Dice, tokens: Tokens): Record<string, unknown> {
  const number = (value: number) => (dice.hits(0.05) ? String(value) : value);
  const plain = (part: Tokens) => ({
    input_tokens: number(part.input),
    ...((part.cache_write > 0 || dice.hits(0.5)) && cacheWrite(dice, part.cache_write, number)),
    ...((part.cache_read > 0 || dice.hits(0.5)) && { cache_read_input_tokens: number(part.cache_read) }),
    output_tokens: number(part.output),
  });
  const extra = { service_tier: 'standard', server_tool_use: { web_search_requests: 0 } };
  if (dice.hits(0.8))
    return { ...plain(tokens), ...extra, ...(dice.hits(0.1) && { iterations: dice.pick([[], null]) }) };
  const [one, two] = halves(dice, tokens);
  const iterations = [
    { type: 'compaction', ...plain(one) },
    { type: 'message', ...plain(two) },
  ];
  // The top level tells the last iteration alone, or everything; iterations that tell less never lower it.
  return dice.pick([
    () => ({ ...plain(two), iterations, ...extra }),
    () => ({ ...plain(tokens), iterations, ...extra }),
    () => ({ ...plain(tokens), iterations: iterations.slice(0, 1), ...extra }),
  ])();
}

/** The larger of the sum that is told and of its parts is what was written. */
function cacheWrite(dice: Dice, value: number, number: (value: number) => number | string): Record<string, unknown> {
  const short = dice.int(0, value);
  const parts = (sum: number) => ({
    ephemeral_5m_input_tokens: number(sum - Math.floor(sum / 3)),
    ephemeral_1h_input_tokens: number(Math.floor(sum / 3)),
  });
  return dice.pick([
    () => ({ cache_creation_input_tokens: number(value) }),
    () => ({ cache_creation_input_tokens: number(value), cache_creation: parts(value) }),
    () => ({ cache_creation: parts(value) }),
    () => ({ cache_creation_input_tokens: number(short), cache_creation: parts(value) }),
    () => ({ cache_creation_input_tokens: number(value), cache_creation: parts(short) }),
  ])();
}

function halves(dice: Dice, whole: Tokens): [Tokens, Tokens] {
  const part = (value: number) => dice.int(0, value);
  const one = {
    input: part(whole.input),
    cache_read: part(whole.cache_read),
    cache_write: part(whole.cache_write),
    output: part(whole.output),
    reasoning: 0,
  };
  return [
    one,
    {
      input: whole.input - one.input,
      cache_read: whole.cache_read - one.cache_read,
      cache_write: whole.cache_write - one.cache_write,
      output: whole.output - one.output,
      reasoning: 0,
    },
  ];
}
