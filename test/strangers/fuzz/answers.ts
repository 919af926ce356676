import { CLOSE, TEXT, takeFrame } from '../../support/frames.ts';

/** The fault of an answer; an empty text where there is none. */
export type Check = (received: Buffer) => string;

const STATUSES = new Set([
  100, 101, 200, 204, 304, 400, 401, 403, 404, 405, 408, 413, 415, 417, 421, 426, 429, 431, 503,
]);
const CLOSE_CODES = new Set([1000, 1001, 1002, 1003, 1005, 1007, 1008, 1009]);
const INDISCREET = /node_modules|\/src\/|\.ts:\d|\n {4}at |Error:/;

/** Nothing, or answers of HTTP that are no failure of ours. */
export const isHttp: Check = (received) => {
  if (received.length === 0) return '';
  const head = received.toString('latin1', 0, 200).split('\r\n')[0]!;
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
  if (!STATUSES.has(status)) return `answered by ${JSON.stringify(head)}`;
  return INDISCREET.test(received.toString('latin1')) && !head.includes(' 200 ') ? 'an answer tells too much' : '';
};

/** One answer, in JSON where it says so. */
export const isRest: Check = (received) => {
  const { status, body, isJson } = parts(received);
  const fault = received.length === 0 ? 'no answer' : isHttp(received);
  if (fault !== '') return fault;
  return isJson && status !== 204 && parsed(body) === undefined ? `no JSON: ${body.slice(0, 100)}` : '';
};

/** One answer of JSON-RPC, or 204. */
export const isRpc: Check = (received) => {
  const { status, body } = parts(received);
  if (status === 204) return body === '' ? '' : 'a body with 204';
  if (status !== 200) return `answered by ${status}`;
  const answer = parsed(body);
  const fault = Array.isArray(answer) ? answer.map(responseFault).find((text) => text !== '') : responseFault(answer);
  return fault ?? (Array.isArray(answer) && answer.length === 0 ? 'an empty batch' : '');
};

/** Frames that a server may send, and a close code that is no failure of ours. */
export const areFrames: Check = (received) => {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1 || !received.toString('latin1', 0, 12).endsWith(' 101'))
    return `no upgrade: ${received.toString('latin1', 0, 40)}`;
  let rest = received.subarray(end + 4);
  for (let taken = takeFrame(rest); taken; taken = takeFrame(rest)) {
    const { opcode, payload } = taken.frame;
    const code = opcode === CLOSE && payload.length >= 2 ? payload.readUInt16BE() : 1005;
    // A code that the peer has closed with comes back.
    if (!CLOSE_CODES.has(code) && (code < 1000 || code === 1011)) return `closed with ${code}`;
    if (opcode === TEXT) {
      const answer = parsed(payload.toString());
      const fault = Array.isArray(answer)
        ? answer.map(responseFault).find((text) => text !== '')
        : responseFault(answer);
      if (fault) return fault;
    }
    rest = rest.subarray(taken.length);
  }
  return '';
};

function responseFault(answer: unknown): string {
  const { jsonrpc, id, result, error } = (answer ?? {}) as Record<string, unknown>;
  const isId = id === null || typeof id === 'string' || typeof id === 'number';
  const { code, message, data } = (error ?? {}) as { code?: number; message?: string; data?: { kind?: string } };
  const isError = Number.isInteger(code) && typeof message === 'string' && typeof data?.kind === 'string';
  if (jsonrpc !== '2.0' || !isId || (result === undefined) === (error === undefined) || (error && !isError)) {
    return `no response: ${JSON.stringify(answer)?.slice(0, 200)}`;
  }
  if (code === -32603) return `an internal error: ${message}`;
  return error && INDISCREET.test(JSON.stringify(error)) ? `tells too much: ${message}` : '';
}

function parts(received: Buffer): { status: number; body: string; isJson: boolean } {
  const end = received.indexOf('\r\n\r\n');
  const head = received.toString('latin1', 0, Math.max(0, end));
  const rest = received.subarray(end + 4);
  const body = (/^transfer-encoding: chunked/im.test(head) ? withoutChunks(rest) : rest).toString();
  return { status: Number(head.slice(9, 12)), body, isJson: /^content-type: application\/json/im.test(head) };
}

function withoutChunks(bytes: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    if (!(size > 0)) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
