import type { Readable } from 'node:stream';
import { giveBack } from './limits/shared-budget.ts';

/**
 * Reads on and forgets: a connection that is closed with unread bytes is reset, and what it was told last is lost with it.
 * A sender of more than `maxBytes` is waited for no longer. Nobody else may read the stream.
 */
export function forget(stream: Readable, maxBytes: number, onTooMuch: () => void): void {
  let bytes = 0;
  stream.on('data', (piece: Buffer) => {
    bytes += piece.length;
    giveBack([piece]);
    if (bytes > maxBytes) onTooMuch();
    else onePieceATurn(stream);
  });
  stream.resume();
}

/** Reads no more of a stream in this turn: the system has megabytes ready at once, for which everybody else would wait. */
export function onePieceATurn(stream: Readable, mayGoOn: () => boolean = () => true): void {
  stream.pause();
  setImmediate(() => {
    if (mayGoOn()) stream.resume();
  });
}
