import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Truth } from './truth.ts';

/** A tool's home as it lies on disk, and what it says. */
export interface Home {
  /** The folder that stands for the user's home. */
  readonly root: string;
  readonly truth: Truth;
  /** Later changes of the files, in order. The truth after each is that of a reader who had read all that was there before. */
  readonly stages: readonly Stage[];
}

export interface Stage {
  readonly name: string;
  apply(): void;
}

/** One line of a file, or bytes that a tool never meant as one, with what is true once it is on disk. */
export interface WrittenLine {
  readonly text: string | Buffer;
  onDisk?(): void;
}

/** Writes a whole file of ended lines, as old as its last word. */
export function writeLines(path: string, lines: readonly WrittenLine[], lastMs: number): void {
  writeBytes(path, asBytes(lines), lastMs);
  for (const line of lines) line.onDisk?.();
}

export function writeBytes(path: string, bytes: Buffer, lastMs: number): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  utimesSync(path, lastMs / 1000, lastMs / 1000);
}

export function appendLines(path: string, lines: readonly WrittenLine[]): void {
  appendFileSync(path, asBytes(lines));
  for (const line of lines) line.onDisk?.();
}

export function asBytes(lines: readonly WrittenLine[]): Buffer {
  return Buffer.concat(lines.flatMap(({ text }) => [Buffer.from(text as string), Buffer.from('\n')]));
}

/** Appends the first half of a line, and gives the stage that writes its rest: until then it says nothing. */
export function cutTail(path: string, line: WrittenLine, half: number): Stage {
  const bytes = asBytes([line]);
  const cut = Math.max(1, Math.floor((bytes.length - 1) * half));
  appendFileSync(path, bytes.subarray(0, cut));
  return {
    name: 'the tail of a line is written',
    apply() {
      appendFileSync(path, bytes.subarray(cut));
      line.onDisk?.();
    },
  };
}
