import { describe, expect, test } from 'vitest';
import { CLOSE, closing, frame } from '../../support/frames.ts';
import { areFrames, type Check, isHttp, isRest, isRpc } from './answers.ts';

const answer = (status: string, body: string, more = '') =>
  Buffer.from(`HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\n${more}\r\n${body}`);
const upgraded = (...frames: readonly Buffer[]) =>
  Buffer.concat([Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\n'), ...frames]);
const fromServer = (payload: string | Uint8Array, opcode?: number) =>
  frame({ isMasked: false, payload, ...(opcode !== undefined && { opcode }) });
const result = '{"jsonrpc":"2.0","id":1,"result":{}}';
const error = (code: number, message: string) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message, data: { kind: 'x' } } });

/** Answers that the daemon may give, and answers that would be a fault. */
const CASES: readonly (readonly [name: string, check: Check, received: Buffer, isGood: boolean])[] = [
  ['a page', isHttp, answer('200 OK', '<html>'), true],
  ['a closed connection', isHttp, Buffer.alloc(0), true],
  ['a refusal', isHttp, answer('400 Bad Request', ''), true],
  ['a failure of ours', isHttp, answer('500 Internal Server Error', '{}'), false],
  ['what is no HTTP', isHttp, Buffer.from('hello'), false],
  ['a stack', isHttp, answer('400 Bad Request', 'Error: x\n    at y (/src/daemon/main.ts:1:1)'), false],
  ['JSON', isRest, answer('200 OK', '{"a":1}'), true],
  ['JSON in chunks', isRest, answer('200 OK', '2\r\n{}\r\n0\r\n\r\n', 'Transfer-Encoding: chunked\r\n'), true],
  ['half of a JSON', isRest, answer('200 OK', '{"a":'), false],
  ['no answer to REST', isRest, Buffer.alloc(0), false],
  ['a response', isRpc, answer('200 OK', result), true],
  ['a batch of them', isRpc, answer('200 OK', `[${result},${error(-32601, 'no')}]`), true],
  ['nothing to a notification', isRpc, answer('204 No Content', ''), true],
  ['an empty batch', isRpc, answer('200 OK', '[]'), false],
  ['a response without an id', isRpc, answer('200 OK', '{"jsonrpc":"2.0","result":{}}'), false],
  ['a response with both', isRpc, answer('200 OK', `${result.slice(0, -1)},"error":{"code":1,"message":""}}`), false],
  ['an internal error', isRpc, answer('200 OK', error(-32603, 'oops')), false],
  ['an error that tells a path', isRpc, answer('200 OK', error(-32602, 'in /src/daemon/x')), false],
  ['a frame', areFrames, upgraded(fromServer(result)), true],
  ['a protocol error', areFrames, upgraded(fromServer(closing(1002), CLOSE)), true],
  ['a failure of ours in a close', areFrames, upgraded(fromServer(closing(1011), CLOSE)), false],
  ['a text that is no response', areFrames, upgraded(fromServer('{}')), false],
  ['no upgrade', areFrames, answer('200 OK', ''), false],
];

describe('the fuzzer takes', () => {
  test.each(CASES)('%s for what it is', (_, check, received, isGood) => {
    expect(check(received) === '').toBe(isGood);
  });

  test('a frame that no server may send for a fault', () => {
    expect(() => areFrames(upgraded(frame({ payload: result })))).toThrow('no server may send');
  });
});
