import { formatTokens } from '../../protocol/token-value.ts';

/** A bar that is drawn over itself; removed from the terminal when it is disposed of. */
export interface Progress extends Disposable {
  show(done: number): void;
}

/** Shows how much of `total` is done, on standard error when that is a terminal. */
export function showProgress(label: string, total: number): Progress {
  const isSeen = process.stderr.isTTY === true && total > 0;
  const write = (text: string) => {
    if (isSeen) process.stderr.write(text);
  };
  const show = (done: number) => write(`\r${progressText(label, done, total)}\x1b[K`);
  show(0);
  return { show, [Symbol.dispose]: () => write('\r\x1b[K') };
}

/** `Importing [████░░░░] 12,000 / 50,000`. */
export function progressText(label: string, done: number, total: number): string {
  return `${label} [${bar(done / total, 24)}] ${formatTokens(done)} / ${formatTokens(total)}`;
}

/** A bar of `width` characters, full at 1; what is beyond is not drawn. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
