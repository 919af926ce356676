/** A part of the terminal that is drawn over itself. */
export interface Screen extends Disposable {
  readonly columns: number;
  readonly rows: number;
  /** Draws a frame of whole lines in the place of the last one. */
  draw(frame: string): void;
}

/** Takes the terminal over, cursor hidden, until it is disposed of; the last frame stays. */
export function openScreen(terminal: NodeJS.WriteStream, onResize: () => void): Screen {
  let height = 0;
  const resized = () => {
    // The terminal has broken the lines anew, so nobody knows where the frame begins.
    terminal.write('\x1b[2J\x1b[H');
    height = 0;
    onResize();
  };
  terminal.on('resize', resized);
  terminal.write('\x1b[?25l');
  return {
    get columns() {
      return terminal.columns || 80;
    },
    get rows() {
      return terminal.rows || 24;
    },
    draw(frame) {
      const lines = frame.split('\n').slice(0, -1);
      const up = height > 0 ? `\x1b[${height}A` : '';
      terminal.write(`${up}\r${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
      height = lines.length;
    },
    [Symbol.dispose]() {
      terminal.off('resize', resized);
      terminal.write('\x1b[?25h');
    },
  };
}
