import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assistant } from '../forms/claude-lines.ts';

/** The path of a transcript in a home. */
export function transcript(home: string, name: string): string {
  return join(home, '.claude', 'projects', '-work-shop', `${name}.jsonl`);
}

/** The path of a rollout in a home. */
export function rollout(home: string, name: string): string {
  return join(home, '.codex', 'sessions', '2026', '11', '20', `rollout-2026-11-20T10-00-00-${name}.jsonl`);
}

/** Writes a file of these lines. */
export function write(path: string, lines: readonly unknown[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, textOf(lines));
}

export function append(path: string, lines: readonly unknown[]): void {
  appendFileSync(path, textOf(lines));
}

/** A message of so many tokens, under an id of its own. */
export function message(id: string, tokens: number, timestamp = '2026-11-20T10:00:00.000Z'): object {
  return assistant({ input_tokens: tokens, output_tokens: 0 }, { id }, { timestamp });
}

function textOf(lines: readonly unknown[]): string {
  return lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
}
