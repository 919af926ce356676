import { sumOf, type Tokens } from '../../../bench/meters/truth.ts';

const CLASSES = ['input', 'cache_read', 'cache_write', 'output', 'reasoning'] as const;
const NOTHING: Tokens = { input: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 };

/** How much an event of a rollout adds to the heads of the streams before it, and the heads after it. */
export function increment(heads: Tokens[], last: Tokens | undefined, total: Tokens | undefined, isRepeated: boolean) {
  const stay = (used: Tokens) => ({ used, heads });
  const move = (used: Tokens, from?: Tokens) => ({ used, heads: [...heads.filter((head) => head !== from), total!] });
  if (!total) return stay(isRepeated ? NOTHING : last!);
  if (heads.some((head) => CLASSES.every((name) => head[name] === total[name]))) return stay(NOTHING);
  const below = heads.filter((head) => sumOf(head) <= sumOf(total)).sort((one, other) => sumOf(other) - sumOf(one))[0];
  const growth = each((name) => Math.max(0, total[name] - (below?.[name] ?? 0)));
  if (!last) return move(growth, below);
  const direct = heads.find((head) => sumOf(head) === sumOf(total) - sumOf(last));
  if (direct) return move(last, direct);
  if (sumOf(total) === sumOf(last) || !below) return move(last);
  return move(
    each((name) => Math.min(growth[name], last[name])),
    below,
  );
}

function each(of: (name: (typeof CLASSES)[number]) => number): Tokens {
  return Object.fromEntries(CLASSES.map((name) => [name, of(name)])) as unknown as Tokens;
}

export function vectorOf(usage: Record<string, unknown> | undefined): Tokens | undefined {
  if (!usage) return undefined;
  const cached = count(usage.cached_input_tokens);
  const output = count(usage.output_tokens);
  const input = count(usage.input_tokens) - cached;
  return { input, cache_read: cached, cache_write: 0, output, reasoning: count(usage.reasoning_output_tokens) };
}

/** A number as tools write it; what is none counts nothing. */
export function count(value: unknown): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : 0;
}
