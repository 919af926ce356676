import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { WriterLine, WriterOrder, WriterSummary } from './cursor-writer.ts';

export type CursorCommit = Exclude<WriterLine, { summary: unknown }>;

/** A process that writes to a Cursor's database as the editor would. */
export interface CursorWriter {
  /** All commits so far, in order. */
  readonly commits: readonly CursorCommit[];
  /** Resolves when it has ended by itself, or rejects with what it said when it failed. */
  readonly ended: Promise<WriterSummary>;
  /** Asks it to end, and tells how all went. */
  stop(): Promise<WriterSummary>;
}

/** Starts it; `onCommit` is told of each commit after it is on disk. */
export function startCursorWriter(order: WriterOrder, onCommit?: (commit: CursorCommit) => void): CursorWriter {
  const program = join(import.meta.dirname, 'cursor-writer.ts');
  const child = spawn(process.execPath, ['--no-warnings', program, JSON.stringify(order)]);
  const commits: CursorCommit[] = [];
  let summary: WriterSummary | undefined;
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as WriterLine;
    if ('summary' in line) {
      summary = line.summary;
    } else {
      commits.push(line);
      onCommit?.(line);
    }
  });
  const ended = once(child, 'close').then(() => {
    if (!summary) throw new Error(`The writer failed: ${complaint}`);
    return summary;
  });
  const stop = () => {
    child.stdin.end();
    return ended;
  };
  return { commits, ended, stop };
}
