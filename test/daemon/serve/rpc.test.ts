import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type TestDaemon, useDaemon } from '../../support/daemon.ts';
import type { RpcResponse } from '../../support/rpc-failure.ts';

/** Sends a text and resolves with the answer, or `undefined` where none came. */
type Exchange = (text: string) => Promise<string | undefined>;

interface Transport {
  readonly name: string;
  open(daemon: TestDaemon): Promise<Exchange>;
}

/** Takes its turn after everything before it, changes nothing, and so tells whether something before it was answered. */
const SENTINEL = { jsonrpc: '2.0', id: 'sentinel', method: 'usage.import', params: { sessions: [] } };

const TRANSPORTS: readonly Transport[] = [
  {
    name: 'HTTP',
    open: async (daemon) => async (text) => {
      const answer = await daemon.post('/rpc', text, { 'accept-language': 'en' });
      if (answer.text === '') expect(answer.status).toBe(204);
      else expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      return answer.text || undefined;
    },
  },
  {
    name: 'WebSocket',
    async open(daemon) {
      const socket = await daemon.connect();
      return async (text) => {
        socket.send(text);
        socket.send(JSON.stringify(SENTINEL));
        const frames = [await socket.nextFrame()];
        const isSentinel = (frame: string) => JSON.parse(frame).id === SENTINEL.id;
        while (!frames.some(isSentinel)) frames.push(await socket.nextFrame());
        // The answer to what takes long comes after that to what does not.
        if (frames.length === 1 && expectsAnswer(text)) frames.push(await socket.nextFrame());
        const [answer, ...others] = frames.filter((frame) => !isSentinel(frame));
        expect(others).toEqual([]);
        return answer;
      };
    },
  },
];

/** Whether an answer is due; decided by the fixture, not by the daemon. */
let expectsAnswer: (text: string) => boolean = () => true;

const FOLDER = new URL('../../fixtures/json-rpc/', import.meta.url);
const FIXTURES = readdirSync(FOLDER).toSorted();

interface Step {
  readonly title: string;
  readonly request: string;
  readonly response: unknown;
}

/** The exchanges of a fixture file: `>>` and `<<` lines with the lines that go on with them, under a `#` title. */
function stepsOf(file: string): Step[] {
  const steps: Step[] = [];
  for (const block of readFileSync(new URL(file, FOLDER), 'utf8').split(/\n\n+/)) {
    const match = /^# (?<title>.*)\n>> ?(?<request>[\s\S]*?)\n<<(?<response>[\s\S]*)$/.exec(block);
    if (!match) continue;
    const { title = '', request = '', response = '' } = match.groups!;
    steps.push({ title, request, response: response.trim() === '' ? undefined : withWildcards(JSON.parse(response)) });
  }
  return steps;
}

function withWildcards(value: unknown): unknown {
  if (value === '…') return expect.anything();
  if (Array.isArray(value)) return value.map(withWildcards);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withWildcards(member)]));
}

/** Expects an answer to show no path, no stack, and none of a library's words. */
function expectDiscreet(answer: string, daemon: TestDaemon): void {
  for (const secret of [
    daemon.folder,
    import.meta.dirname,
    '/src/',
    'node_modules',
    '.ts',
    '    at ',
    'Error:',
    'zod',
  ]) {
    expect(answer).not.toContain(secret);
  }
}

describe.each(TRANSPORTS)('over $name', (transport) => {
  describe.each(FIXTURES)('%s', (file) => {
    const daemon = useDaemon();
    let exchange: Exchange;
    beforeAll(async () => {
      exchange = await transport.open(daemon());
    });

    test.each(stepsOf(file))('$title', async ({ request, response }) => {
      expectsAnswer = () => response !== undefined;

      const answer = await exchange(request);

      expect(answer === undefined ? undefined : JSON.parse(answer)).toEqual(response);
      expectDiscreet(answer ?? '', daemon());
    });
  });

  describe('hostile requests', () => {
    const daemon = useDaemon();
    let exchange: Exchange;
    beforeAll(async () => {
      expectsAnswer = () => true;
      exchange = await transport.open(daemon());
    });
    const request = (id: number, method = 'usage.get', params?: object) => ({ jsonrpc: '2.0', id, method, params });

    test('a batch of 1,000 is carried out and one of 1,001 is refused whole', async () => {
      const record = (length: number) =>
        JSON.stringify(
          Array.from({ length }, (_, id) => request(id, 'usage.record', { tokens: 1, sync_type: 'auto' })),
        );

      const answers: RpcResponse[] = JSON.parse((await exchange(record(1_000)))!);
      expect(answers.map(({ id, result }) => [id, result.total_used])).toEqual(answers.map((_, id) => [id, id + 1]));
      expect(answers).toHaveLength(1_000);

      const refusal: RpcResponse = JSON.parse((await exchange(record(1_001)))!);
      expect(refusal).toEqual({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32005, message: expect.any(String), data: { kind: 'too_large', text: expect.any(Object) } },
      });
      expect(await daemon().rpc('usage.get')).toMatchObject({ used: 1_000 });
    });

    test.each<[string, () => string, number]>([
      ['lists in lists without end', () => '['.repeat(1_000_000), -32700],
      ['lists in lists', () => '['.repeat(100_000) + ']'.repeat(100_000), -32600],
      ['objects in objects', () => `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, -32600],
      [
        'lists in lists as a value',
        () =>
          JSON.stringify(request(1, 'usage.record', { tokens: 0 })).replace(
            ':0}',
            `:${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
          ),
        -32602,
      ],
      [
        'a name of a million letters',
        () => JSON.stringify(request(1, 'usage.get', { ['x'.repeat(1_000_000)]: 1 })),
        -32602,
      ],
      ['a method of a million letters', () => JSON.stringify(request(1, 'x'.repeat(1_000_000))), -32601],
      [
        'a value of a million digits',
        () => JSON.stringify(request(1, 'usage.record', { tokens: '9'.repeat(1_000_000) })),
        -32001,
      ],
      [
        'a value of a million brackets',
        () => JSON.stringify(request(1, 'usage.record', { tokens: '('.repeat(1_000_000) })),
        -32001,
      ],
      [
        'a number of a million digits',
        () => `{"jsonrpc":"2.0","id":1,"method":"usage.record","params":{"tokens":${'9'.repeat(1_000_000)}}}`,
        -32602,
      ],
      [
        'a hundred thousand unknown params',
        () =>
          JSON.stringify(
            request(
              1,
              'usage.get',
              Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`p${index}`, 1])),
            ),
          ),
        -32602,
      ],
      ['a batch of a million', () => `[${'1,'.repeat(999_999)}1]`, -32005],
      [
        'a value 64 levels deep',
        () =>
          JSON.stringify(request(1, 'usage.record', { tokens: 0 })).replace(
            ':0}',
            `:${'{"a":'.repeat(64)}1${'}'.repeat(64)}}`,
          ),
        -32602,
      ],
      [
        'an import of one too many',
        () => JSON.stringify(request(1, 'usage.import', { sessions: Array(100_001).fill({ tokens: 1 }) })),
        -32005,
      ],
    ])('hostile requests such as %s are refused with a short answer', async (_, text, code) => {
      const answer = (await exchange(text()))!;

      const parsed = JSON.parse(answer);
      expect((Array.isArray(parsed) ? parsed[0] : parsed).error.code).toBe(code);
      expect(answer.length).toBeLessThan(1_000);
      expectDiscreet(answer, daemon());
    });

    test.each([
      ['a text', 'conversation.estimate', 'a'.repeat(100_000), '\\n'],
      ['a text to record', 'conversation.record', 'a'.repeat(100_000), '\\n'],
      ['a short text', 'conversation.estimate', 'a', '\\n'],
    ])('%s with a raw line break in it is no JSON, and with an escaped one it is counted', async (_, ...asked) => {
      const [method, text, escaped] = asked;
      const json = JSON.stringify(request(1, method, texts('TEXT')));
      const before = await daemon().rpc('usage.get');

      const refused = JSON.parse((await exchange(json.replace('TEXT', `${text}\n`)))!);
      expect(refused).toEqual(JSON.parse((await exchange('{'))!));
      expect(await daemon().rpc('usage.get')).toEqual(before);

      const counted = JSON.parse((await exchange(json.replace('TEXT', `${text}${escaped}`)))!);
      expect(counted).toMatchObject({ id: 1, result: { user_tokens: Math.ceil(text.length / 8) + 1 } });
    });

    test.each<[string, (text: string) => unknown]>([
      ['a notification', (text) => ({ ...request(1, 'conversation.estimate', texts(text)), id: undefined })],
      [
        'a batch',
        (text) => [request(1, 'usage.record', { tokens: 5 }), request(2, 'conversation.record', texts(text))],
      ],
      ['a request of wrong params', (text) => request(1, 'conversation.estimate', { ...texts(text), bogus: 1 })],
      ['a request without a param', (text) => request(1, 'conversation.record', { user_message: text })],
    ])('a raw line break in a long text makes %s no JSON, and nothing of it is carried out', async (_, frameOf) => {
      const before = await daemon().rpc('usage.get');
      const frame = JSON.stringify(frameOf('a'.repeat(100_000))).replace('aaa', 'a\na');

      expect(JSON.parse((await exchange(frame))!)).toEqual(JSON.parse((await exchange('{'))!));
      expect(await daemon().rpc('usage.get')).toEqual(before);
    });

    test('a batch that takes long lets others have their turn', async () => {
      const asking = Array.from({ length: 60 }, (_, id) => request(id, 'rpc.discover'));
      const order: string[] = [];
      const other = await daemon().connect();

      const batch = exchange(JSON.stringify(asking)).then(() => order.push('batch'));
      for (let times = 0; times < 3; times++) await other.call('usage.get');
      order.push('other');
      await batch;

      expect(order).toEqual(['other', 'batch']);
    });

    test('a batch whose answers would fill the memory is answered within bounds, and the daemon goes on', async () => {
      const event = '🚀'.repeat(1_000);
      const records = Array.from({ length: 900 }, (_, id) =>
        request(id, 'usage.record', { tokens: 1, sync_type: 'auto', event }),
      );
      await exchange(JSON.stringify(records.slice(0, 450)));
      await exchange(JSON.stringify(records.slice(450)));
      const asking = Array.from({ length: 1_000 }, (_, id) => request(id, 'usage.history', { limit: 1_000 }));

      const answer = (await exchange(JSON.stringify(asking)))!;

      const answers: RpcResponse[] = JSON.parse(answer);
      expect(Buffer.byteLength(answer)).toBeLessThan(64 * 1024 * 1024);
      expect(answers.map(({ id }) => id)).toEqual(asking.map(({ id }) => id));
      expect(answers[0]!.result.sessions.length).toBeGreaterThan(900);
      expect(answers.at(-1)!.error).toMatchObject({ code: -32005, data: { kind: 'too_large' } });
      expect(await daemon().rpc('daemon.info')).toMatchObject({ pid: daemon().pid });
    });
  });
});

function texts(user_message: string) {
  return { user_message, assistant_message: '' };
}

describe('the language of a refusal', () => {
  const daemon = useDaemon({ args: ['--lang', 'en'] });
  const WRONG = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'usage.record', params: { tokens: -1 } });

  test.each([
    ['zh-CN', /\p{Script=Han}/u],
    ['en', /^[\x20-\x7e]+$/],
  ])('a refusal is in the language that the caller prefers: %s', async (language, words) => {
    const headers = { 'accept-language': language };
    const socket = await daemon().connect({ headers });
    socket.send(WRONG);

    expect(JSON.parse(await socket.nextFrame()).error.message).toMatch(words);
    expect((await daemon().post('/rpc', WRONG, headers)).json().error.message).toMatch(words);
  });

  test.each([
    ['usage.record', { tokens: -1 }],
    ['usage.record', []],
    ['no.such.method', {}],
  ])('a refusal holds both languages beside it: %s %j', async (method, params) => {
    const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const { message, data } = (await daemon().post('/rpc', request, { 'accept-language': 'zh' })).json().error;

    expect(data.text).toEqual({ zh: message, en: expect.stringMatching(/^[\x20-\x7e]+$/) });
    expect(data.hint_text?.zh).toBe(data.hint);
  });
});
