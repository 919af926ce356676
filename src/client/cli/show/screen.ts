import { MOVES, resultTerminal } from './output.ts';

/** A part of the terminal that is drawn over itself. */
export interface Screen extends Disposable {
  /** Whether a person leaves by a key; where standard input is no terminal, only by a signal. */
  readonly takesKeys: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Draws a frame of whole lines in the place of the last one. */
  draw(frame: string): void;
}

/** Events of a screen that the person causes. */
export interface ScreenEvents {
  readonly onResize: () => void;
  /** They want to leave, by `q`, Ctrl+C or Ctrl+D. */
  readonly onLeave: () => void;
}

/** Takes the terminal over, cursor hidden, until it is disposed of; the last frame stays. */
export function openScreen(keyboard: NodeJS.ReadStream, { onResize, onLeave }: ScreenEvents): Screen {
  const terminal = resultTerminal();
  let height = 0;
  const stopListening = terminal.onResize(() => {
    // The terminal has wrapped the lines again, so that the place where the frame begins is not known.
    terminal.draw(MOVES.clearScreen);
    height = 0;
    onResize();
  });
  terminal.draw(MOVES.hideCursor);
  const keys = readKeys(keyboard, onLeave);
  return {
    takesKeys: keyboard.isTTY === true,
    get columns() {
      return terminal.columns;
    },
    get rows() {
      return terminal.rows;
    },
    draw(frame) {
      const lines = frame.split('\n').slice(0, -1);
      const drawn = lines.flatMap((line) => [line, MOVES.eraseRestOfLine, '\n']);
      terminal.draw(MOVES.linesUp(height), MOVES.lineStart, ...drawn, MOVES.eraseRestOfScreen);
      height = lines.length;
    },
    [Symbol.dispose]() {
      keys[Symbol.dispose]();
      stopListening();
      terminal.draw(MOVES.showCursor);
    },
  };
}

const LEAVING_KEYS: ReadonlySet<string> = new Set(['q', 'Q', '\x03', '\x04']);

/** Key by key, without an echo: what else is typed would stand in the middle of the frame. */
function readKeys(keyboard: NodeJS.ReadStream, onLeave: () => void): Disposable {
  if (!keyboard.isTTY) return { [Symbol.dispose]: () => undefined };
  const pressed = (bytes: Buffer) => {
    // An input method may be set to full-width letters.
    const keys = [...String(bytes).normalize('NFKC')];
    if (keys.includes('\x1a')) suspend(keyboard);
    // An escape sequence such as that of an arrow may hold any letter.
    else if (keys[0] !== '\x1b' && keys.some((key) => LEAVING_KEYS.has(key))) onLeave();
  };
  keyboard.setRawMode(true);
  keyboard.on('data', pressed);
  return {
    [Symbol.dispose]() {
      keyboard.off('data', pressed);
      keyboard.setRawMode(false);
      keyboard.pause();
    },
  };
}

/** In raw mode Ctrl+Z is a key like any other, so the program suspends itself. */
function suspend(keyboard: NodeJS.ReadStream): void {
  if (process.platform === 'win32') return;
  keyboard.setRawMode(false);
  process.once('SIGCONT', () => keyboard.setRawMode(true));
  process.kill(0, 'SIGTSTP');
}
