import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { callOnce } from '../../../../src/client/sdk/daemon/http-call.ts';
import { startDaemon, useDaemon } from '../../../support/daemon.ts';
import { serveStub } from '../../../support/json-rpc-stub.ts';

const daemon = useDaemon();

async function serveText(status: number, text: string): Promise<{ url: string }> {
  const server = createServer((_, response) => response.writeHead(status).end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('a call over HTTP', () => {
  test('a call over HTTP gives the result', async () => {
    const receipt = await callOnce(daemon(), 'usage.record', { tokens: '350K', event: '完成架构设计 🚀' });
    expect(receipt).toMatchObject({ success: true, total_used: 350_000 });
  });

  test.each([
    ['zh', 'Token 数值不能是负数'],
    ['en', 'a token value cannot be negative'],
  ] as const)('throws what the daemon refused with, in %s and in both languages', async (language, message) => {
    await expect(callOnce(daemon(), 'usage.record', { tokens: -1 }, { language })).rejects.toMatchObject({
      name: 'TokenSyncError',
      kind: 'value_refused',
      message,
      field: 'tokens',
      text: { zh: 'Token 数值不能是负数', en: 'a token value cannot be negative' },
      hint: { zh: expect.stringContaining('例如'), en: expect.stringContaining('for example') },
    });
  });

  test('a call over HTTP throws in the words it was served where a daemon tells one language only', async () => {
    const error = { code: -32001, message: 'zu viel', data: { kind: 'value_refused', hint: 'weniger' } };
    const server = await serveText(200, JSON.stringify({ jsonrpc: '2.0', id: 1, error }));
    await expect(callOnce(server, 'usage.get', {})).rejects.toMatchObject({
      kind: 'value_refused',
      message: 'zu viel',
      text: { zh: 'zu viel', en: 'zu viel' },
      hint: { zh: 'weniger', en: 'weniger' },
    });
  });

  test('a call over HTTP says that the daemon cannot be reached where nobody listens, and why', async () => {
    const gone = await startDaemon();
    await gone.kill();
    await expect(callOnce(gone, 'usage.get', {})).rejects.toMatchObject({
      kind: 'unreachable',
      cause: { code: 'ECONNREFUSED' },
    });
  });

  test('a call over HTTP throws unauthorized when the token is missing or wrong', async () => {
    const { url } = await startDaemon({ args: ['--auth', 'token'] });
    await expect(callOnce({ url }, 'usage.get', {})).rejects.toMatchObject({ kind: 'unauthorized' });
    await expect(callOnce({ url, token: 'x'.repeat(43) }, 'usage.get', {})).rejects.toMatchObject({
      kind: 'unauthorized',
      hint: { en: expect.stringContaining('token') },
    });
  });

  test('a call over HTTP throws incompatible for a method that the daemon does not know', async () => {
    const call = callOnce(daemon(), 'usage.divine' as 'usage.get', {});
    await expect(call).rejects.toMatchObject({
      kind: 'incompatible',
      hint: { en: expect.stringContaining('restart') },
    });
  });

  test.each([
    [200, '<html>'],
    [404, 'Not found'],
    [200, 'null'],
    [200, '{"jsonrpc":"2.0","id":1}'],
  ])('a call over HTTP tells another program that answers %i %s from a daemon', async (status, text) => {
    const call = callOnce(await serveText(status, text), 'usage.get', {});
    await expect(call).rejects.toMatchObject({
      kind: 'unreachable',
      text: { en: 'what answers there is not a token-sync daemon' },
    });
  });

  test('a call over HTTP gives up on a daemon that does not answer in time', async () => {
    const call = callOnce(await serveStub({}), 'usage.get', {}, { timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({
      kind: 'unreachable',
      text: { en: 'the daemon did not answer within 0.05 s' },
    });
  });

  test('a call over HTTP rejects when the connection breaks before the answer', async () => {
    const stub = await serveStub({ 'usage.get': () => void setImmediate(() => stub.cut()) });
    await expect(callOnce(stub, 'usage.get', {})).rejects.toMatchObject({
      kind: 'unreachable',
      cause: { code: 'ECONNRESET' },
    });
  });

  test('a call over HTTP ends with the reason of the signal', async () => {
    const stop = new AbortController();
    const stub = await serveStub({ 'usage.get': () => stop.abort(new Error('enough')) });
    await expect(callOnce(stub, 'usage.get', {}, { signal: stop.signal })).rejects.toThrow('enough');
  });

  test('a call over HTTP refuses a request over 4 MiB before it is sent', async () => {
    const call = callOnce(daemon(), 'conversation.estimate', {
      user_message: '字'.repeat(1_400_000),
      assistant_message: '',
    });
    await expect(call).rejects.toMatchObject({ kind: 'too_large', text: { en: 'the request is over 4 MiB' } });
  });
});
