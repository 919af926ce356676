import { Sender } from 'ws';
import type { NotificationName, NotificationParams } from '../../../protocol/methods.ts';
import type { Notice } from '../../subscribers.ts';

/** A JSON-RPC notification. */
export function notification<N extends NotificationName>(method: N, params: NotificationParams<N>): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params });
}

/** The bytes are made once for all subscribers. */
const frames = new WeakMap<readonly Notice[], Buffer>();

/**
 * Frames for the connection itself: `peer.send` would make their heads anew for each peer. Both may be used in turn,
 * because without compression the library keeps nothing back.
 */
export function framesOf(notices: readonly Notice[]): Buffer {
  let bytes = frames.get(notices);
  if (!bytes) {
    bytes = Buffer.concat(notices.flatMap(({ method, params }) => frameOf(notification(method, params))));
    frames.set(notices, bytes);
  }
  return bytes;
}

function frameOf(text: string): Buffer[] {
  return Sender.frame(Buffer.from(text), { fin: true, opcode: TEXT, mask: false, readOnly: true, rsv1: false });
}

/** The opcode of text (RFC 6455, 5.2). */
const TEXT = 1;
