import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { MAX_BODY_BYTES } from '../../../protocol/addresses.ts';
import { TokenSyncError } from '../../../protocol/errors.ts';
import { onePieceATurn } from '../forget.ts';
import { type InputRoom, PIECE_BYTES } from '../limits/input-room.ts';
import { giveBack } from '../limits/shared-budget.ts';

/** A body in more pieces is joined on the way. */
const MAX_PIECES = 1_024;

/**
 * The body, in UTF-8 without a byte-order mark. Throws `too_large`, `not_json` for bytes that are no UTF-8, or `busy` when
 * it did not go on while others waited for room; the connection stays, for the answer. It takes room until `answered`.
 */
export async function readBody(request: IncomingMessage, input: InputRoom, answered: AbortSignal): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const body = await wholeBody(request, input, answered);
  if (!isUtf8(body)) {
    throw new TokenSyncError('not_json', { zh: '请求体不是 UTF-8 文本', en: 'the body is not UTF-8 text' });
  }
  return body.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ? body.subarray(BYTE_ORDER_MARK.length)
    : body;
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

function wholeBody(request: IncomingMessage, input: InputRoom, answered: AbortSignal): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let pieces: Buffer[] = [];
  let bytes = 0;
  const share = input.share({
    pause: () => request.pause(),
    resume: () => request.resume(),
    isHeldUp: () => false,
    giveUp: () => stop(tooMuchInput()),
  });
  const take = (piece: Buffer) => {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) stop(tooLarge());
    else {
      if (pieces.length > MAX_PIECES) {
        const joined = Buffer.concat(pieces);
        giveBack(pieces);
        pieces = [joined];
      }
      share.receive(bytes + pieces.length * PIECE_BYTES);
      if (!request.complete) onePieceATurn(request, () => !share.mustWait);
    }
  };
  const end = () => {
    resolve(Buffer.concat(pieces));
    letGo();
    if (answered.aborted) return;
    share.answering(bytes);
    answered.addEventListener('abort', () => share.answering(0), { once: true });
  };
  const stop = (error: Error) => {
    reject(error);
    letGo();
  };
  const leave = () => stop(new Error('the caller has gone away in the midst of a body'));
  // The rest is read and forgotten.
  const letGo = () => {
    giveBack(pieces);
    pieces = [];
    request.off('data', take).off('end', end).off('close', leave);
    share.receive(0);
  };
  request.on('data', take).on('end', end).on('close', leave).on('error', stop);
  return promise;
}

function tooLarge(): TokenSyncError {
  return new TokenSyncError(
    'too_large',
    { zh: '请求体超过 4 MiB', en: 'the body is over 4 MiB' },
    { hint: { zh: '请分成几次发送', en: 'send it in several parts' } },
  );
}

function tooMuchInput(): TokenSyncError {
  return new TokenSyncError(
    'busy',
    { zh: '同时在发送的数据太多', en: 'too much is being sent at the same time' },
    {
      hint: {
        zh: '请过一会儿再发，一次发完，不要停顿',
        en: 'send it again in a moment, without a pause in the middle',
      },
    },
  );
}
