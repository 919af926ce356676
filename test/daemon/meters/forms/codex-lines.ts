import { Lineage } from '../../../../src/daemon/meters/forms/codex-lineage.ts';
import { type CodexFinding, CodexRollout, isCandidate } from '../../../../src/daemon/meters/forms/codex-rollout.ts';
import type { Observation } from '../../../../src/daemon/meters/observation.ts';

export const NOW_MS = Date.UTC(2026, 8, 20, 12);
export const TIME = '2026-09-20T11:00:00.000Z';

/** A usage in Codex's form, all of it input where nothing else is said. */
export function usage(input: number, cached = 0, output = 0, reasoning = 0) {
  return {
    input_tokens: input,
    cached_input_tokens: cached,
    output_tokens: output,
    reasoning_output_tokens: reasoning,
    total_tokens: input + output,
  };
}

export type Usage = ReturnType<typeof usage>;

export function tokenCount(info: unknown, more: object = {}, timestamp: unknown = TIME): object {
  return { timestamp, type: 'event_msg', payload: { type: 'token_count', info, ...more } };
}

/** An event with the usage of its request and the total of its stream; undefined leaves the one or the other out. */
export function event(last: unknown, total: unknown, timestamp: unknown = TIME): object {
  const info = { last_token_usage: last, total_token_usage: total, model_context_window: 272_000 };
  return tokenCount(info, {}, timestamp);
}

/** Two turns, of 1,100 and 2,200 tokens. */
export const FIRST = event(usage(1000, 400, 100, 30), usage(1000, 400, 100, 30));
export const SECOND = event(usage(2000, 900, 200, 60), usage(3000, 1300, 300, 90));

export function meta(id: string, more: object = {}): object {
  return { timestamp: TIME, type: 'session_meta', payload: { id, cwd: '/home/ada/project', source: 'cli', ...more } };
}

export const forkOf = (parent: string) => ({ forked_from_id: parent });

export const agentOf = (parent: string) => ({
  source: { subagent: { thread_spawn: { parent_thread_id: parent, depth: 1 } } },
});

export function turn(model: string, cwd = '/home/ada/project'): object {
  return { timestamp: TIME, type: 'turn_context', payload: { cwd, model } };
}

export function bytes(line: unknown): Buffer {
  return Buffer.from(typeof line === 'string' ? line : JSON.stringify(line));
}

/** What a file of these lines tells, line by line, as a reader with the prefilter takes them. */
export function readRollout(
  lines: readonly unknown[],
  { lineage = new Lineage(), fallbackId = 'head' } = {},
): { readonly rollout: CodexRollout; readonly findings: CodexFinding[] } {
  const rollout = new CodexRollout(fallbackId, lineage);
  const findings = lines
    .map(bytes)
    .filter(isCandidate)
    .map((line) => rollout.take(line, NOW_MS));
  return { rollout, findings };
}

/** All that such a file tells. */
export function observationsOf(
  lines: readonly unknown[],
  options: Parameters<typeof readRollout>[1] = {},
): Observation[] {
  return readRollout(lines, options).findings.flatMap(({ observations }) => observations);
}
