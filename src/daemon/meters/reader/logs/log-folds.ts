import { basename } from 'node:path';
import type { FileOfLines } from '../../files/line-tail.ts';
import { isCandidate as isClaudeLine, readClaudeLine } from '../../forms/claude-line.ts';
import { CodexRollout, type CodexState, isCandidate as isCodexLine } from '../../forms/codex-rollout.ts';
import type { Finding } from '../../forms/finding.ts';
import type { CodexKin } from './codex-kin.ts';

/** Takes the lines of one file in their order. */
export interface LogFold {
  /** What a line tells; `undefined` for one that can tell nothing. */
  take(line: Buffer, offset: number, file: FileOfLines): Finding | undefined;
  /** What is to be known for the lines to come; plain JSON that never changes. */
  readonly state?: CodexState;
}

/** The tools whose logs are read by lines. */
export const LOG_TOOLS = ['claude', 'codex'] as const;
export type LogTool = (typeof LOG_TOOLS)[number];

export function isLogTool(tool: string): tool is LogTool {
  return (LOG_TOOLS as readonly string[]).includes(tool);
}

/** Begins a file, or goes on with what was kept of it: `undefined` where that means nothing any more. */
export function foldOf(tool: LogTool, path: string, kin: CodexKin, kept?: unknown): LogFold | undefined {
  if (tool === 'claude') return new ClaudeFold();
  const name = nameOf(path);
  const rollout =
    kept === undefined ? new CodexRollout(name, kin.lineage) : CodexRollout.resume(name, kin.lineage, kept);
  return rollout && new CodexFold(rollout, kin);
}

class ClaudeFold implements LogFold {
  take(line: Buffer, offset: number, file: FileOfLines): Finding | undefined {
    if (!isClaudeLine(line)) return undefined;
    const headHash = file.headBefore(offset + line.length + 1);
    return readClaudeLine(line, { headHash, offset, nowMs: Date.now() });
  }
}

class CodexFold implements LogFold {
  readonly #rollout: CodexRollout;
  readonly #kin: CodexKin;

  constructor(rollout: CodexRollout, kin: CodexKin) {
    this.#rollout = rollout;
    this.#kin = kin;
  }

  take(line: Buffer): Finding | undefined {
    if (!isCodexLine(line)) return undefined;
    const finding = this.#rollout.take(line, Date.now());
    if (finding.link) this.#kin.learn(finding.link);
    return finding;
  }

  get state(): CodexState {
    return this.#rollout.state;
  }
}

/** The conversation's id in the name of its file, which copies of the file share, or else that name. */
function nameOf(path: string): string {
  const name = basename(path).replace(/\.jsonl(?:\.zst)?$/, '');
  return /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.exec(name)?.[0] ?? name;
}
