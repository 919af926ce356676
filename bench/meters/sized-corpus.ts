import { join } from 'node:path';
import { CLAUDE_ROOTS, ClaudeWriter, copied } from './claude-home.ts';
import { answer, type ClaudeLine, talk } from './claude-lines.ts';
import { CodexWriter } from './codex-home.ts';
import { CodexSession } from './codex-session.ts';
import { corpusSizes } from './corpus-sizes.ts';
import { Dice } from './dice.ts';
import { FOLDERS } from './projects.ts';
import { Truth } from './truth.ts';

export interface SizedOptions {
  readonly bytes: number;
  readonly seed: number;
  readonly tools: readonly ('claude' | 'codex')[];
  /** The last moment that any line may be of. */
  readonly nowMs: number;
}

const DAY_MS = 86_400_000;

/** Characters said in a line: with the line's other members some 2.5 KB. */
const SPEECH = { least: 100, most: 4000 };

/** Transcripts of the reference's sizes below `root`, file by file of each tool in turn, and what they say. */
export function makeSizedCorpus(root: string, options: SizedOptions): { truth: Truth; files: number } {
  const { bytes, seed, tools, nowMs } = options;
  const dice = new Dice(seed);
  const claude = new ClaudeWriter(root, dice, nowMs);
  const codex = new CodexWriter(root, dice, nowMs);
  const sizes = shuffled(corpusSizes(bytes), dice);
  let previous: readonly ClaudeLine[] = [];
  for (const [index, size] of sizes.entries()) {
    const atMs = nowMs - dice.int(3, 30) * DAY_MS + dice.int(0, DAY_MS - 1);
    if (tools[index % tools.length] === 'claude') previous = writeClaude(claude, dice, root, atMs, size, previous);
    else writeCodex(codex, dice, atMs, size);
  }
  const truth = new Truth();
  truth.add(claude.truth);
  truth.add(codex.truth);
  return { truth, files: sizes.length };
}

/** A transcript of that size; one in ten begins with lines of the one before. */
function writeClaude(
  writer: ClaudeWriter,
  dice: Dice,
  root: string,
  atMs: number,
  size: number,
  previous: readonly ClaudeLine[],
): readonly ClaudeLine[] {
  const sessionId = dice.uuid();
  const folder = dice.pick(FOLDERS);
  let turn = { sessionId, folder, atMs };
  const lines: ClaudeLine[] = [];
  let written = 0;
  const add = (line: ClaudeLine) => {
    lines.push(line);
    written += Buffer.byteLength(JSON.stringify(line.body));
  };
  const before = dice.hits(0.1) ? copied(previous, { sessionId }) : [];
  for (const line of before) if (written < size / 3) add(line);
  while (written < size) {
    turn = { ...turn, atMs: turn.atMs + dice.int(100, 4000) };
    if (dice.hits(0.6)) add(talk(dice, turn, dice.int(SPEECH.least, SPEECH.most)));
    for (const line of answer(dice, turn, 'message', dice.int(SPEECH.least, SPEECH.most))) add(line);
  }
  writer.write(
    join(root, CLAUDE_ROOTS[0], dice.pick(['-work-shop', '-srv-ledger', '-notes']), `${sessionId}.jsonl`),
    lines,
  );
  return lines.length < 500 ? lines : [];
}

function writeCodex(writer: CodexWriter, dice: Dice, atMs: number, size: number): void {
  const session = new CodexSession(dice, { folder: dice.pick(FOLDERS), atMs, pauseMs: 3000 });
  let [written, measured] = [0, 0];
  while (written < size) {
    session.work(1, 1, dice.int(SPEECH.least, 4 * SPEECH.most));
    for (; measured < session.lines.length; measured += 1) {
      const { raw, payload } = session.lines[measured]!;
      written += 80 + Buffer.byteLength(raw ?? JSON.stringify(payload));
    }
  }
  writer.write(session);
}

function shuffled<T>(items: readonly T[], dice: Dice): T[] {
  const keyed = items.map((item) => ({ item, key: dice.int(0, 2 ** 31) }));
  return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item);
}
