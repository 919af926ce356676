import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exchange } from '../../../../src/client/sdk/daemon/http-exchange.ts';

/** A connection to a server that answers the first bytes it hears with these pieces, and may then hang up. */
async function answeredWith(pieces: readonly string[], { hangsUp = false } = {}) {
  const heard: string[] = [];
  const server = createServer((peer: Socket) => {
    peer.on('error', () => peer.destroy());
    peer.once('data', async (bytes) => {
      heard.push(String(bytes));
      for (const piece of pieces) await new Promise((resolve) => peer.write(Buffer.from(piece, 'latin1'), resolve));
      if (hangsUp) peer.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  const ask = (method: 'HEAD' | 'POST', headers = {}, options: Parameters<typeof exchange>[2] = { timeoutMs: 5_000 }) =>
    exchange(socket, { method, url: new URL(`http://127.0.0.1:${port}/rpc`), headers, body: '完' }, options);
  return { ask, heard, port, socket };
}

/** The bytes of a text, as characters. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

describe('an exchange over HTTP', () => {
  const body = bytesOf('{"text":"完成"}');
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';

  test.each<[string, readonly string[], { hangsUp: boolean }]>([
    ['at once', [`${head}Content-Length: ${body.length}\r\n\r\n${body}`], { hangsUp: false }],
    ['byte by byte', [...`${head}Content-Length: ${body.length}\r\n\r\n${body}`], { hangsUp: false }],
    ['with more behind it', [`${head}Content-Length: ${body.length}\r\n\r\n${body}HTTP/1.1`], { hangsUp: false }],
    [
      'in parts',
      [
        `${head}Transfer-Encoding: chunked\r\n\r\n6\r\n${body.slice(0, 6)}\r\n`,
        `${(body.length - 6).toString(16)};a=b\r\n${body.slice(6)}\r\n0\r\n`,
        '\r\n',
      ],
      { hangsUp: false },
    ],
    [
      'in parts that are cut anywhere, with headers behind them',
      [
        `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n${body.slice(0, 5)}`,
        `\r\n${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\nTrailer: a\r\n`,
        '\r\n',
      ],
      { hangsUp: false },
    ],
    [
      'behind the word that it will come',
      [
        'HTTP/1.1 100 Continue\r\n\r\n',
        `HTTP/1.1 103 Early\r\na: b\r\n\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`,
      ],
      { hangsUp: false },
    ],
    ['up to the end of the connection', [`${head}\r\n${body.slice(0, 11)}`, body.slice(11)], { hangsUp: true }],
  ])('an answer that comes %s is read whole', async (_, pieces, how) => {
    const { ask, heard, port } = await answeredWith(pieces, how);
    const answer = await ask('POST', { accept: 'a' });
    expect(answer.text).toBe('{"text":"完成"}');
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(heard.join('')).toBe(
      `POST /rpc HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: a\r\ncontent-length: 3\r\n\r\n完`,
    );
  });

  test('the answer to HEAD ends with its head, whatever length it tells', async () => {
    const { ask } = await answeredWith([`${head}Content-Length: 33\r\nToken-Sync-Proof: it: is me\r\n\r\n`]);
    const answer = await ask('HEAD');
    expect([...answer.headers.keys()]).toEqual(['content-type', 'content-length', 'token-sync-proof']);
    expect(answer.headers.get('token-sync-proof')).toBe('it: is me');
    expect(answer.text).toBe('');
  });

  test.each([
    ['in its head', head],
    ['in its body', `${head}Content-Length: ${body.length}\r\n\r\n${body.slice(1)}`],
    ['between its parts', `${head}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`],
    ['before it', ''],
  ])('an answer that breaks off %s is none', async (_, piece) => {
    const { ask } = await answeredWith([piece], { hangsUp: true });
    await expect(ask('POST')).rejects.toMatchObject({ kind: 'unreachable', cause: { code: 'ECONNRESET' } });
  });

  test('a part that ends as the last one does is no end', async () => {
    const text = '{"a":"x"}\n0\r\n\r\n{"b":1}';
    const { ask } = await answeredWith([
      `${head}Transfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text.slice(0, 15)}`,
      `${text.slice(15)}\r\n0\r\n\r\n`,
    ]);
    expect((await ask('POST')).text).toBe(text);
  });

  test.each([
    ['the banner of another program', 'SSH-2.0-OpenSSH_9\r\n'],
    ['an older HTTP', 'HTTP/0.9 200'],
    ['a head without an end', `${head}a: ${'A'.repeat(17_000)}`],
    ['a body without an end of sense', `${head}Content-Length: 99999999999\r\n\r\n`],
    ['a length that is none', `${head}Content-Length: many\r\n\r\n`],
    ['two lengths', `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n`],
    ['a coding that nobody asked for', `${head}Transfer-Encoding: gzip, chunked\r\n\r\n`],
    ['parts without lengths', `${head}Transfer-Encoding: chunked\r\n\r\nmany\r\n`],
    ['a part that is longer than it says', `${head}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`],
    ['a line of a part without an end', `${head}Transfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(17_000)}`],
  ])('%s is told at once to be no daemon, though the connection stands', async (_, piece) => {
    const { ask } = await answeredWith([piece]);
    await expect(ask('POST', {}, { timeoutMs: 60_000 })).rejects.toMatchObject({
      kind: 'unreachable',
      text: { en: expect.stringContaining('not a token-sync daemon') },
    });
  });

  test('an answer is waited for no longer because another one took some of the time', async () => {
    const { ask } = await answeredWith([head]);
    const startedMs = performance.now() - 59_990;
    await expect(ask('POST', {}, { timeoutMs: 60_000, startedMs })).rejects.toMatchObject({
      text: { en: 'the daemon did not answer within 60 s' },
    });
  });

  test('nothing is waited for on a connection that has ended', async () => {
    const { ask, socket } = await answeredWith([`${head}Content-Length: 0\r\n\r\n`], { hangsUp: true });
    await ask('POST');
    if (!socket.destroyed) await once(socket, 'close');
    await expect(ask('POST', {}, { timeoutMs: 60_000 })).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  });

  test('a header with the end of a line in it is never sent', async () => {
    const { ask, heard } = await answeredWith([`${head}Content-Length: 0\r\n\r\n`]);
    await expect(ask('POST', { authorization: 'Bearer a\r\nhost: b' })).rejects.toThrow(TypeError);
    await ask('POST');
    expect(heard).toHaveLength(1);
    expect(heard[0]).not.toContain('authorization');
  });

  test('nothing is sent for a signal that was aborted before', async () => {
    const { ask, heard } = await answeredWith([`${head}Content-Length: 0\r\n\r\n`]);
    await expect(ask('POST', {}, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect(heard).toEqual([]);
  });
});
