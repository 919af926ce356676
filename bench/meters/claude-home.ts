import { copyFileSync, readFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { answer, type ClaudeLine, type ClaudeTurn, progressOf, talk } from './claude-lines.ts';
import { Dice } from './dice.ts';
import { appendLines, cutTail, type Home, type Stage, type WrittenLine, writeLines } from './home.ts';
import { hostileLines, hugeLine } from './hostile-lines.ts';
import { FOLDERS } from './projects.ts';
import { type Place, Truth } from './truth.ts';

export interface ClaudeOptions {
  readonly sessions?: number;
  /** The last moment that any line may be of. */
  readonly nowMs?: number;
  /** With a line of 17 MiB, which nobody need read. */
  readonly hasHugeLine?: boolean;
}

/** Where Claude Code and its Desktop keep transcripts, below the user's home on Linux. */
export const CLAUDE_ROOTS = [
  '.claude/projects',
  '.config/claude/projects',
  '.config/Claude/local-agent-mode-sessions/work/space/local_1/.claude/projects',
] as const;

const DAY_MS = 86_400_000;

/** A Claude Code home: sessions with sub-agents, and copies of their lines in every form in which the tool makes them. */
export function makeClaudeHome(root: string, seed: number, options: ClaudeOptions = {}): Home {
  const { sessions = 6, nowMs = Date.UTC(2026, 10, 20), hasHugeLine = false } = options;
  const writer = new ClaudeWriter(root, new Dice(seed), nowMs);
  for (let count = 0; count < sessions; count += 1) writer.session(hasHugeLine && count === 0);
  return { root, truth: writer.truth, stages: writer.stages };
}

/** Writes transcripts, and takes into its truth what each line says once it is on disk. */
export class ClaudeWriter {
  readonly truth = new Truth();
  readonly stages: Stage[] = [];
  readonly #root: string;
  readonly #dice: Dice;
  readonly #nowMs: number;

  constructor(root: string, dice: Dice, nowMs: number) {
    this.#root = root;
    this.#dice = dice;
    this.#nowMs = nowMs;
  }

  session(hasHugeLine: boolean): void {
    const dice = this.#dice;
    const folder = dice.hits(0.05) ? undefined : dice.pick(FOLDERS);
    const sessionId = dice.hits(0.03) ? `__proto__${dice.hex(6)}` : dice.uuid();
    const turn = { sessionId, folder, atMs: this.#nowMs - dice.int(1, 20) * DAY_MS + dice.int(0, DAY_MS - 1) };
    const lines = this.#conversation(turn, dice.int(2, 14));
    const project = join(this.#root, dice.pick(CLAUDE_ROOTS), slug(folder));
    const agents = this.#subAgents(project, turn, lines);
    const path = join(project, `${sessionId}.jsonl`);
    this.write(path, [...lines, ...agents], hasHugeLine);
    this.#copies(project, path, [...lines, ...agents], turn);
    this.#changes(path, turn);
  }

  #conversation(start: ClaudeTurn, turns: number): ClaudeLine[] {
    const dice = this.#dice;
    let { atMs } = start;
    // Lines without any id may stand at the same place of several files.
    const first = dice.hits(0.3) ? answer(dice, start, 'none', 20) : [];
    const later = Array.from({ length: turns }, () => {
      atMs += dice.int(1000, 400_000);
      const turn = { ...start, atMs };
      const naming = dice.pick(['message', 'message', 'message', 'message', 'message', 'uuid', 'none'] as const);
      const talked = Array.from({ length: dice.int(0, 2) }, () => talk(dice, turn, dice.int(20, 300)));
      return [...talked, ...answer(dice, turn, naming, dice.int(20, 300))];
    });
    return [...first, ...later.flat()];
  }

  /** Files of sub-agents, one of them at times with the parent's lines; gives what the parent's file tells of them. */
  #subAgents(project: string, turn: ClaudeTurn, parent: readonly ClaudeLine[]): ClaudeLine[] {
    const dice = this.#dice;
    return Array.from({ length: dice.int(0, 2) }, () => {
      const agent = { ...turn, atMs: turn.atMs + dice.int(1, 60_000), agentId: dice.hex(8) };
      const isOnlyTold = dice.hits(0.2);
      const before = dice.hits(0.3) ? copied(parent, { isSidechain: true, agentId: agent.agentId }) : [];
      // Files that begin alike have the same head: what is known by head and place alone would be taken for a copy.
      const all = this.#conversation(agent, dice.int(1, 5));
      const lines = before.length > 0 ? copied(all, {}) : all;
      if (!isOnlyTold) {
        this.write(join(project, turn.sessionId, 'subagents', `agent-${agent.agentId}.jsonl`), [...before, ...lines]);
      }
      const named = lines.filter(({ body }) => 'id' in ((body.message as object | undefined) ?? {}));
      return isOnlyTold || dice.hits(0.3) ? named.map((line) => progressOf(dice, line, turn)) : [];
    }).flat();
  }

  #copies(project: string, path: string, lines: readonly ClaudeLine[], turn: ClaudeTurn): void {
    const dice = this.#dice;
    const next = { ...turn, sessionId: dice.uuid(), atMs: lines.at(-1)!.atMs + dice.int(60_000, DAY_MS / 2) };
    const own = () => copied(this.#conversation(next, dice.int(1, 4)), {});
    // Older versions gave copies the new session's id, later ones leave the old one.
    const change = dice.hits(0.5) ? { sessionId: next.sessionId } : {};
    const target = join(project, `${next.sessionId}.jsonl`);
    const kind = dice.int(0, 4);
    if (kind === 0) this.write(target, [...copied(lines, change), ...own()]);
    if (kind === 1) this.write(target, [...copied(lines.slice(0, dice.int(1, lines.length)), change), ...own()]);
    if (kind === 2) this.#twin(path, join(this.#root, CLAUDE_ROOTS[1], 'moved', `${dice.uuid()}.jsonl`), lines);
    // A copy that misses the end of each message tells less, and must change nothing.
    if (kind === 3)
      this.write(
        target,
        copied(
          lines.filter(({ thing }) => thing === undefined),
          change,
        ),
      );
  }

  /** The same bytes once more: even lines without any id are the same ones there. */
  #twin(path: string, target: string, lines: readonly ClaudeLine[]): void {
    const bytes = readFileSync(path);
    const onDisk = () => {
      for (const line of lines) this.#told(line);
    };
    writeLines(target, [{ text: bytes.subarray(0, -1), onDisk }], lines.at(-1)!.atMs);
  }

  /** What may still come to a transcript. */
  #changes(path: string, turn: ClaudeTurn): void {
    const dice = this.#dice;
    const next = copied(this.#conversation({ ...turn, atMs: this.#nowMs - dice.int(0, DAY_MS) }, 2), {});
    const more = next.map((line) => this.#writable(line));
    const changes: readonly (readonly [string, () => void])[] = [
      ['a transcript grows', () => appendLines(path, more)],
      [
        'a transcript is replaced by a longer one',
        () => {
          copyFileSync(path, `${path}.new`);
          appendLines(`${path}.new`, more);
          renameSync(`${path}.new`, path);
        },
      ],
      [
        'a transcript is cut and goes on at once',
        () => {
          const bytes = readFileSync(path);
          truncateSync(path, bytes.lastIndexOf(10, bytes.length / 2) + 1);
          appendLines(path, more);
        },
      ],
      ['a transcript is deleted', () => rmSync(path)],
    ];
    const kind = dice.int(0, 7);
    if (kind < changes.length) {
      const [name, apply] = changes[kind]!;
      this.stages.push({ name, apply });
    } else if (kind === 4) {
      const [tail] = answer(dice, { ...turn, atMs: this.#nowMs }, 'message', 40).filter(({ thing }) => thing);
      this.stages.push(cutTail(path, this.#writable(tail!), dice.pick([0, 0.5, 1])));
    }
  }

  write(path: string, lines: readonly ClaudeLine[], hasHugeLine = false): void {
    if (lines.length === 0) return;
    const dice = this.#dice;
    const written = lines.map((line) => this.#writable(line));
    const rude = [...(dice.hits(0.5) ? hostileLines(dice) : []), ...(hasHugeLine ? [hugeLine()] : [])];
    for (const line of rude) written.splice(dice.int(0, written.length), 0, line);
    writeLines(path, written, lines.at(-1)!.atMs);
  }

  #writable(line: ClaudeLine): WrittenLine {
    const end = this.#dice.hits(0.02) ? '\r' : '';
    return { text: JSON.stringify(line.body) + end, onDisk: () => this.#told(line) };
  }

  #told(line: ClaudeLine): void {
    if (line.thing) this.truth.written(line.thing, placeOf(line));
  }
}

function placeOf({ body, folder, atMs }: ClaudeLine): Place {
  return { conversation: String(body.sessionId), folder, atMs };
}

/** Copies of the lines that can be known again, with some members changed. */
export function copied(lines: readonly ClaudeLine[], change: Readonly<Record<string, unknown>>): ClaudeLine[] {
  return lines.filter(({ isCopyable }) => isCopyable).map((line) => ({ ...line, body: { ...line.body, ...change } }));
}

function slug(folder = 'nowhere'): string {
  return folder.replaceAll(/[^A-Za-z0-9]/g, '-');
}
