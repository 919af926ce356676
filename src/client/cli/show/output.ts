import { visibleJson, visibleText } from '../../../shared/visible-text.ts';

/**
 * The one place where the command line writes. Whatever leaves it is visible text: values come from other programs, files
 * and people, and none of them moves the cursor.
 */

/** Results: standard output. Resolves when the text has left the process: what is still in a pipe's buffer is lost at the exit. */
export function writeResult(text: string): Promise<void> {
  return write(results, visibleText(text));
}

/** A result as one line of JSON. */
export function writeJson(value: unknown): Promise<void> {
  return write(results, `${visibleJson(value)}\n`);
}

/** A document for another program, to the byte; only before a person's eyes it is visible text like everything else. */
export function writeDocument(text: string): Promise<void> {
  return write(results, isResultSeen() ? visibleText(text) : text);
}

/** Everything that is no result: standard error. */
export function writeNote(text: string): Promise<void> {
  return write(notes, visibleText(text));
}

/** True when standard output is a terminal. */
export function isResultSeen(): boolean {
  return results().isTTY === true;
}

/** True when standard error is a terminal: a script that keeps both outputs together wants the result alone. */
export function isNoteSeen(): boolean {
  return notes().isTTY === true;
}

/** The columns of the terminal that shows results; `undefined` where none does. */
export function resultColumns(): number | undefined {
  return isResultSeen() ? results().columns : undefined;
}

/**
 * Tells of a standard output that cannot be written. Whoever does not want the notes does not stop the work. A stream that is
 * not written to is not looked at: to open one takes a command milliseconds.
 */
export function onBrokenResult(tell: (error: NodeJS.ErrnoException) => void): void {
  onBroken = tell;
}

let onBroken: (error: NodeJS.ErrnoException) => void = () => undefined;

function results(): NodeJS.WriteStream {
  const stdout = process.stdout;
  if (stdout.listenerCount('error') === 0) stdout.on('error', (error) => onBroken(error));
  return stdout;
}

function notes(): NodeJS.WriteStream {
  const stderr = process.stderr;
  if (stderr.listenerCount('error') === 0) stderr.on('error', () => stderr.destroy());
  return stderr;
}

/** A movement of the cursor, or what it erases: the only control sequences that leave us. */
export interface Move {
  readonly sequence: string;
}

export const MOVES = {
  clearScreen: { sequence: '\x1b[2J\x1b[H' },
  eraseRestOfScreen: { sequence: '\x1b[J' },
  eraseRestOfLine: { sequence: '\x1b[K' },
  lineStart: { sequence: '\r' },
  hideCursor: { sequence: '\x1b[?25l' },
  showCursor: { sequence: '\x1b[?25h' },
  linesUp: (count: number): Move => ({ sequence: count > 0 ? `\x1b[${count}A` : '' }),
} as const satisfies Record<string, Move | ((count: number) => Move)>;

/** Where something is drawn over itself: the terminal of the results, or of the notes. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  draw(...parts: readonly (Move | string)[]): void;
  /** Tells of another size, until what it returns is called. */
  onResize(tell: () => void): () => void;
}

export function resultTerminal(): Terminal {
  return terminalOf(results());
}

export function noteTerminal(): Terminal {
  return terminalOf(notes());
}

function terminalOf(stream: NodeJS.WriteStream): Terminal {
  return {
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
    draw(...parts) {
      stream.write(parts.map((part) => (typeof part === 'string' ? visibleText(part) : part.sequence)).join(''));
    },
    onResize(tell) {
      stream.on('resize', tell);
      return () => void stream.off('resize', tell);
    },
  };
}

async function write(open: () => NodeJS.WriteStream, text: string): Promise<void> {
  if (text === '') return;
  const stream = open();
  if (stream.destroyed) return;
  await new Promise((resolve) => stream.write(text, resolve));
}
