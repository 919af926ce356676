import type { Dice } from './dice.ts';
import type { Tokens } from './truth.ts';

/** The tool's own classes: cached lies within input, reasoning within output. */
export interface Vector {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
}

export const NOTHING: Vector = { input: 0, cached: 0, output: 0, reasoning: 0 };

/** The tokens of one request. */
export function drawVector(dice: Dice): Vector {
  const input = dice.int(100, 180_000);
  const output = dice.int(1, 9000);
  return { input, cached: dice.hits(0.7) ? dice.int(0, input) : 0, output, reasoning: dice.int(0, output) };
}

export function plus(one: Vector, other: Vector): Vector {
  return {
    input: one.input + other.input,
    cached: one.cached + other.cached,
    output: one.output + other.output,
    reasoning: one.reasoning + other.reasoning,
  };
}

export function codexTokens({ input, cached, output, reasoning }: Vector): Tokens {
  return { input: input - cached, cache_read: cached, cache_write: 0, output, reasoning };
}

/** As a log has it; a number is at times a string. */
export function wireVector(dice: Dice, vector: Vector): Record<string, unknown> {
  const number = (value: number) => (dice.hits(0.02) ? String(value) : value);
  return {
    input_tokens: number(vector.input),
    cached_input_tokens: number(vector.cached),
    output_tokens: number(vector.output),
    reasoning_output_tokens: number(vector.reasoning),
    total_tokens: vector.input + vector.output,
  };
}
