import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { type CodexLine, CodexSession, type CodexStart } from './codex-session.ts';
import { drawVector, type Vector } from './codex-vector.ts';
import { Dice } from './dice.ts';
import {
  appendLines,
  asBytes,
  cutTail,
  type Home,
  type Stage,
  type WrittenLine,
  writeBytes,
  writeLines,
} from './home.ts';
import { FOLDERS } from './projects.ts';
import { Truth } from './truth.ts';

export interface CodexOptions {
  readonly families?: number;
  /** The last moment that any line may be of. */
  readonly nowMs?: number;
}

const DAY_MS = 86_400_000;

/** A Codex home, `.codex` below `root`: families of sessions, forks and sub-agents, with twins and later changes. */
export function makeCodexHome(root: string, seed: number, options: CodexOptions = {}): Home {
  const { families = 5, nowMs = Date.UTC(2026, 10, 20) } = options;
  const writer = new CodexWriter(root, new Dice(seed), nowMs);
  for (let count = 0; count < families; count += 1) writer.family();
  return { root, truth: writer.truth, stages: writer.stages };
}

/** A home of one session with exactly the counts (last, total, used) that are given. */
export function makeToldCodexHome(root: string, told: readonly (readonly [number, number, number])[]): Home {
  const writer = new CodexWriter(root, new Dice(1), Date.UTC(2026, 10, 20));
  const session = new CodexSession(new Dice(2), { folder: FOLDERS[0], atMs: Date.UTC(2026, 10, 1) });
  for (const [last, total, used] of told) session.told(last, total, used);
  writer.write(session);
  return { root, truth: writer.truth, stages: [] };
}

/** Writes rollouts, and takes into its truth what each line says once it is on disk. */
export class CodexWriter {
  readonly truth = new Truth();
  readonly stages: Stage[] = [];
  readonly #home: string;
  readonly #dice: Dice;
  readonly #nowMs: number;
  /** Sessions that know nothing of each other may begin alike. */
  readonly #opening: Vector;

  constructor(root: string, dice: Dice, nowMs: number) {
    this.#home = join(root, '.codex');
    this.#dice = dice;
    this.#nowMs = nowMs;
    this.#opening = drawVector(dice);
  }

  /** A session and what descends from it. At times its own file, and that of its fork, are gone before anybody looks. */
  family(): void {
    const dice = this.#dice;
    const parent = this.#session();
    const kin = [parent];
    while (kin.length < 5 && dice.hits(0.6)) kin.push(this.#child(dice.pick(kin)));
    const childrenOf = (session: CodexSession) => kin.filter(({ start }) => start.parent?.id === session.id);
    // A link that no file tells any more cannot be known: what descends over it would count as a history of its own.
    const canMiss = (session: CodexSession) => {
      const children = childrenOf(session);
      return children.length > 0 && (!session.start.parent || children.every(({ header }) => header.length > 1));
    };
    for (const session of kin) {
      if (!canMiss(session) || dice.hits(0.5)) this.#place(session);
    }
  }

  write(session: CodexSession, path = this.#path(session)): string {
    const lines = this.#writable(session, [...session.header, ...session.lines]);
    writeLines(path, lines, session.atMs);
    return path;
  }

  #session(): CodexSession {
    const dice = this.#dice;
    const form = dice.pick(['both', 'both', 'both', 'both', 'last only', 'total only'] as const);
    const atMs = this.#nowMs - dice.int(2, 20) * DAY_MS + dice.int(0, DAY_MS - 1);
    // An unknown parent, one that is nowhere.
    const parent = dice.hits(0.1) ? { id: dice.uuid(), by: dice.pick(['fork', 'agent'] as const) } : undefined;
    const start: CodexStart = {
      folder: dice.pick(FOLDERS),
      atMs,
      form,
      isWeekly: dice.hits(0.3),
      ...(parent ? { parent } : { opening: this.#opening }),
    };
    const session = new CodexSession(dice, start);
    const streams = form === 'both' && dice.hits(0.4) ? dice.int(2, 3) : 1;
    if (form === 'both' && streams === 1 && dice.hits(0.1)) {
      session.turn();
      session.gap();
    }
    session.work(dice.int(1, 10), streams);
    if (form === 'both') {
      if (dice.hits(0.4)) session.gap();
      if (dice.hits(0.4)) session.shortGrowth();
      session.work(dice.int(0, 3), streams);
    }
    return session;
  }

  #child(of: CodexSession): CodexSession {
    const dice = this.#dice;
    const atMs = of.atMs + dice.int(1000, 3_600_000);
    const { folder, isWeekly = false } = of.start;
    const isFresh = dice.hits(0.25);
    const child = isFresh
      ? new CodexSession(dice, { folder, isWeekly, atMs, parent: { id: of.id, by: 'agent' } })
      : of.fork(dice.int(1, of.lines.length), atMs, dice.pick(['fork', 'agent', 'both']), dice.hits(0.5));
    child.work(dice.int(1, 5));
    return child;
  }

  /** One file, or twins of it, and what may still come. */
  #place(session: CodexSession): void {
    const dice = this.#dice;
    const path = this.#path(session);
    const compressed = () => zstdCompressSync(asBytes(this.#writable(session, [...session.header, ...session.lines])));
    const kind = dice.int(0, 8);
    if (kind === 0) {
      writeBytes(`${path}.zst`, compressed(), session.atMs);
      this.#told(session);
      return;
    }
    this.write(session, kind === 1 ? this.#archived(session) : path);
    if (kind === 2) this.write(session, this.#archived(session));
    if (kind === 3) writeBytes(`${path}.zst`, compressed(), session.atMs);
    if (kind === 4) {
      this.#later('a rollout is compressed', () => {
        writeBytes(`${path}.zst`, compressed(), session.atMs);
        rmSync(path);
      });
    }
    if (kind === 5) {
      this.#later('a rollout is archived', () => {
        this.write(session, this.#archived(session));
        rmSync(path);
      });
    }
    if (kind === 6) this.#revert(session, path, dice.hits(0.5));
    if (kind === 7) this.#later('a rollout is deleted', () => rmSync(path));
    if (kind === 8) this.#tail(session, path);
  }

  /** Lines are taken back, and others follow: at once, so that a reader may find the file longer than before, or later. */
  #revert(session: CodexSession, path: string, isAtOnce: boolean): void {
    const length = this.#dice.int(0, session.lines.length - 1);
    const revert = () => {
      session.revert(length);
      const kept = [...session.header, ...session.lines.slice(0, length)];
      truncateSync(path, asBytes(this.#writable(session, kept)).length);
    };
    const goOn = () => {
      session.work(this.#dice.int(1, 4));
      appendLines(path, this.#writable(session, session.lines.slice(length)));
    };
    if (isAtOnce) {
      this.#later('a conversation is reverted and goes on at once', () => {
        revert();
        goOn();
      });
    } else {
      this.#later('a conversation is reverted', revert);
      this.#later('a reverted conversation goes on', goOn);
    }
  }

  #later(name: string, apply: () => void): void {
    this.stages.push({ name, apply });
  }

  #tail(session: CodexSession, path: string): void {
    const told = session.lines.length;
    session.work(1);
    const [first, ...rest] = this.#writable(session, session.lines.slice(told));
    const tail = cutTail(path, first!, this.#dice.pick([0, 0.5, 1]));
    this.#later(tail.name, () => {
      tail.apply();
      appendLines(path, rest);
    });
  }

  #writable(session: CodexSession, lines: readonly CodexLine[]): WrittenLine[] {
    return lines.map((line) => {
      const { raw, type, payload, atMs } = line;
      const text = raw ?? JSON.stringify({ timestamp: new Date(atMs).toISOString(), type, payload });
      return { text, onDisk: () => this.#lineTold(session, line) };
    });
  }

  #told(session: CodexSession): void {
    for (const line of session.lines) this.#lineTold(session, line);
  }

  #lineTold(session: CodexSession, { thing, gauge, windows, atMs }: CodexLine): void {
    const { id, start } = session;
    if (thing) this.truth.written(thing, { conversation: id, folder: start.folder, atMs });
    if (gauge) this.truth.gauge('codex.context', id, { ...gauge, atMs });
    for (const window of windows ?? []) this.truth.window(windowName(window.windowMinutes), { ...window, atMs });
  }

  #path({ id, start }: CodexSession): string {
    const at = new Date(start.atMs).toISOString();
    const name = `rollout-${at.slice(0, 19).replaceAll(':', '-')}-${id}.jsonl`;
    return join(this.#home, 'sessions', ...at.slice(0, 10).split('-'), name);
  }

  #archived(session: CodexSession): string {
    return join(this.#home, 'archived_sessions', this.#path(session).split('/').at(-1)!);
  }
}

function windowName(minutes: number): string {
  return minutes % 1440 === 0 ? `codex.${minutes / 1440}d` : `codex.${minutes / 60}h`;
}
