import { describe, expect, onTestFinished, test } from 'vitest';
import { MAX_SHARED_BYTES } from '../../../src/daemon/serve/limits/shared-budget.ts';
import { MAX_BODY_BYTES } from '../../../src/protocol/addresses.ts';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { CLOSE, CONTINUATION, FrameSocket, frame } from '../../support/frames.ts';
import { RawConnection } from '../../support/http.ts';
import { until } from '../../support/until.ts';

/** A body or message whose end is not sent. */
const HALF = Buffer.alloc(3_900_000, ' ');
/** Enough of these are more than all may hold. */
const PEERS = Math.ceil(MAX_SHARED_BYTES / HALF.length) + 4;

/** One that has sent half of something, and what it hears. */
interface Half {
  refusal(): Promise<unknown>;
}

async function sent(write: (done: () => void) => void): Promise<void> {
  await new Promise<void>((resolve) => write(resolve));
}

/** A body in one of its forms, of which the end is missing. */
async function halfBody({ port }: TestDaemon, header: string, before: string): Promise<Half> {
  const connection = await RawConnection.open(port);
  onTestFinished(() => connection.close());
  connection.sendHead(
    ['POST /api/record_token_usage HTTP/1.1', `Host: localhost:${port}`, 'Content-Type: application/json', header],
    before,
  );
  await sent((done) => connection.socket.write(HALF, () => done()));
  return {
    refusal: async () => {
      const answer = await connection.response();
      return { status: answer?.status, retryAfter: answer?.headers['retry-after'], ...answer?.json() };
    },
  };
}

async function halfMessage({ port }: TestDaemon, ...parts: readonly Buffer[]): Promise<Half> {
  const socket = await FrameSocket.open(port);
  onTestFinished(() => socket.close());
  await sent((done) => socket.socket.write(Buffer.concat(parts), () => done()));
  return {
    refusal: async () => {
      const closing = await socket.next();
      return {
        opcode: closing?.opcode,
        code: closing?.payload.readUInt16BE(),
        reason: `${closing?.payload.subarray(2)}`,
      };
    },
  };
}

const REFUSED_BODY = { status: 503, retryAfter: '1', success: false, kind: 'busy', hint: expect.any(String) };
const REFUSED_MESSAGE = { opcode: CLOSE, code: 1013, reason: expect.stringContaining('try again') };
const WHOLE_FRAME = frame({ payload: HALF });

describe('what many peers have begun to send and do not end', () => {
  test.each<[string, (daemon: TestDaemon) => Promise<Half>, object]>([
    ['as bodies', (daemon) => halfBody(daemon, `Content-Length: ${HALF.length + 1}`, ''), REFUSED_BODY],
    [
      'as bodies in chunks',
      (daemon) => halfBody(daemon, 'Transfer-Encoding: chunked', `${(HALF.length + 1).toString(16)}\r\n`),
      REFUSED_BODY,
    ],
    ['as a frame each', (daemon) => halfMessage(daemon, WHOLE_FRAME.subarray(0, -1)), REFUSED_MESSAGE],
    [
      'as parts of a message each',
      (daemon) => {
        const [one, other] = [HALF.subarray(0, HALF.length / 2), HALF.subarray(HALF.length / 2)];
        return halfMessage(
          daemon,
          frame({ payload: one, isFinal: false }),
          frame({ payload: other, isFinal: false, opcode: CONTINUATION }),
        );
      },
      REFUSED_MESSAGE,
    ],
  ])('%s: the first is told to try again, and everybody else is served', async (_, begin, refusal) => {
    const daemon = await startDaemon();
    const honest = await daemon.connect();
    const first = await begin(daemon);
    for (let others = 1; others < PEERS; others++) await begin(daemon);

    expect(await first.refusal()).toMatchObject(refusal);

    expect(await honest.call('usage.record', { tokens: 1, sync_type: 'auto' })).toMatchObject({ total_used: 1 });
    const largest = `{"tokens":5${' '.repeat(MAX_BODY_BYTES - 12)}}`;
    expect((await daemon.post('/api/record_token_usage', largest)).json()).toMatchObject({ total_used: 6 });
    const padded = '{"jsonrpc":"2.0","id":1,"method":"usage.unsubscribe"}'.padEnd(MAX_BODY_BYTES, ' ');
    const big = await daemon.connect();
    big.send(padded);
    expect(await big.nextFrame()).toContain('"result":{}');
  });

  test('gives way to no one as long as all of it has room', async () => {
    const daemon = await startDaemon();
    const all = await Promise.all(Array.from({ length: 10 }, () => FrameSocket.open(daemon.port)));
    const request = `{"jsonrpc":"2.0","id":1,"method":"usage.unsubscribe"}`.padEnd(HALF.length, ' ');
    const whole = frame({ payload: request });
    for (const { socket } of all) await sent((done) => socket.write(whole.subarray(0, -100), () => done()));

    for (const socket of all) socket.send(whole.subarray(-100));

    for (const socket of all) expect(String((await socket.next())?.payload)).toContain('"result":{}');
    for (const socket of all) socket.close();
  });
});

test('60 peers that send two whole messages of 3 MB each at the same time all get their answers', async () => {
  const daemon = await startDaemon();
  const peers = await Promise.all(Array.from({ length: 60 }, () => daemon.connect()));
  const sessions = [{ tokens: 1, event: 'e'.repeat(1_000) }];
  const requests = [1, 2].map((id) =>
    JSON.stringify({ jsonrpc: '2.0', id, method: 'usage.import', params: { sessions } }).padEnd(3_000_000, ' '),
  );

  const closed: number[] = [];
  for (const peer of peers) {
    void peer.closed.then((code) => closed.push(code));
    for (const request of requests) peer.send(request);
  }

  await until(() => closed.length > 0 || peers.every(({ frames }) => frames.length === 2), 'all have answers', 30_000);
  expect(closed).toEqual([]);
  expect(peers.flatMap(({ frames }) => frames).filter((frame) => !frame.includes('"result"'))).toEqual([]);
  expect(await daemon.rpc('usage.get')).toMatchObject({ used: 120 });
  for (const peer of peers) peer.socket.close();
});
