import { formatTokens } from '../../../protocol/token-value.ts';
import { isNoteSeen, MOVES, type Move, noteTerminal } from './output.ts';

/** A bar that is drawn over itself; removed from the terminal when it is disposed of. */
export interface Progress extends Disposable {
  show(done: number): void;
}

/** Shows how much of `total` is done, on standard error when that is a terminal. */
export function showProgress(label: string, total: number): Progress {
  const isSeen = isNoteSeen() && total > 0;
  const terminal = noteTerminal();
  const draw = (...parts: readonly (Move | string)[]) => {
    if (isSeen) terminal.draw(MOVES.lineStart, ...parts, MOVES.eraseRestOfLine);
  };
  const show = (done: number) => draw(progressText(label, done, total));
  show(0);
  return { show, [Symbol.dispose]: () => draw() };
}

/** `Importing [████░░░░] 12,000 / 50,000`. */
function progressText(label: string, done: number, total: number): string {
  return `${label} [${bar(done / total, 24)}] ${formatTokens(done)} / ${formatTokens(total)}`;
}

/** A bar of `width` characters, full at 1; what is beyond is not drawn. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
