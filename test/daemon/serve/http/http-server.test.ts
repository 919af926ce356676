import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../../../../src/protocol/addresses.ts';
import { startDaemon, useDaemon } from '../../../support/daemon.ts';
import { freshFolder } from '../../../support/folders.ts';
import { type HttpResponse, RawConnection } from '../../../support/http.ts';
import { needs } from '../../../support/needs.ts';
import { execFile } from '../../../support/programs.ts';
import { failureOf } from '../../../support/rpc-failure.ts';

const HAN = /\p{Script=Han}/u;
const RECORD = '/api/record_token_usage';
const daemon = useDaemon();

/** Brings the counter to a known figure. */
async function given(used: number): Promise<void> {
  await daemon().rpc('usage.record', { tokens: used, sync_type: 'correction' });
}

/** Expects an answer to have the form of a refusal, whatever the reason. */
function expectRefusal(answer: HttpResponse, status: number): void {
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.json()).toMatchObject({ success: false, error: expect.stringMatching(/./), kind: expect.any(String) });
  expect(answer.text).not.toContain(daemon().folder);
  expect(answer.text).not.toMatch(/\.ts|node_modules| at /);
}

describe('recording for existing callers', () => {
  test('the command of the contract does to the letter what it says', async () => {
    needs('curl');
    await given(335_000);
    const command = `curl -X POST http://localhost:8877/api/record_token_usage -H "Content-Type: application/json" \\
  -d '{"tokens": 350000, "event": "手动同步", "conversation_id": "manual-001", "sync_type": "manual"}'`;

    const { stdout } = await promisify(execFile)('bash', ['-c', command.replace('8877', String(daemon().port))]);

    const promised = '{"success":true,"message":"Token使用已记录","total_used":350000,"increment":15000}';
    expect(stdout.startsWith(promised.slice(0, -1))).toBe(true);
    expect(Object.keys(JSON.parse(stdout)).slice(4)).toEqual(['id', 'total', 'percent', 'revision']);
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({
      tokens: 15_000,
      event: '手动同步',
      conversation_id: 'manual-001',
      sync_type: 'manual',
      total_used: 350_000,
    });
  });

  test.each<[string, object]>([
    ['left out', {}],
    ['null', { event: null, conversation_id: null, sync_type: null, id: null, timestamp: null }],
  ])('a field that is %s has the defaults of before', async (_, fields) => {
    await given(100);

    const answer = await daemon().post(RECORD, { tokens: 57, ...fields });

    expect(answer.json()).toMatchObject({ success: true, total_used: 157, increment: 57 });
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({
      event: '对话',
      conversation_id: '',
      sync_type: 'auto',
    });
  });

  test('null in place of the value is refused', async () => {
    expectRefusal(await daemon().post(RECORD, { tokens: null }), 400);
  });

  test.each([
    [undefined, 'Token使用已记录'],
    ['', 'Token使用已记录'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'Token使用已记录'],
    ['fr', 'Token使用已记录'],
    ['*', 'Token使用已记录'],
    ['en', 'Token usage recorded'],
    ['en-US,en;q=0.9', 'Token usage recorded'],
    ['fr-FR, en;q=0.5', 'Token usage recorded'],
    ['zh;q=0.5, en-GB;q=0.6', 'Token usage recorded'],
    ['en;q=0, zh', 'Token使用已记录'],
    ['en;q=0.1, zh;q=0.2', 'Token使用已记录'],
    ['EN', 'Token usage recorded'],
    ['enm', 'Token使用已记录'],
    [';;;,,,q=', 'Token使用已记录'],
    [`en;q=${'9'.repeat(5_000)}`, 'Token使用已记录'],
  ])('the language for %.40j', async (language, message) => {
    const headers = language === undefined ? {} : { 'accept-language': language };

    expect((await daemon().post(RECORD, { tokens: 0 }, headers)).json().message).toBe(message);
    const refused = (await daemon().post(RECORD, { tokens: -1 }, headers)).json();
    expect(HAN.test(refused.error)).toBe(message.startsWith('Token使用'));
  });

  test('the same id again is answered as a duplicate', async () => {
    const first = (await daemon().post(RECORD, { tokens: 5, id: 'rest-again' })).json();

    expect((await daemon().post(RECORD, { tokens: 6, id: 'rest-again' })).json()).toEqual({
      ...first,
      duplicate: true,
    });
  });
});

describe('refusals', () => {
  test.each<[number, string, string, string | undefined, Record<string, string>?]>([
    [400, 'POST', RECORD, '{"tokens": -1}'],
    [400, 'POST', RECORD, '{"tokens": "35,00,0"}'],
    [400, 'POST', RECORD, '{"tokens": 1, "colour": "red"}'],
    [400, 'POST', RECORD, '{"tokens": 350000'],
    [400, 'POST', RECORD, ''],
    [400, 'POST', RECORD, 'tokens=350000'],
    [400, 'POST', RECORD, '[]'],
    [400, 'POST', RECORD, 'null'],
    [400, 'POST', RECORD, '"350000"'],
    [400, 'POST', '/api/import', '{"sessions": 5}'],
    [400, 'POST', '/api/import', '5'],
    [400, 'POST', '/api/estimate', '{}'],
    [400, 'GET', '/api/history?format=xml', undefined],
    [400, 'GET', '/api/history?since=soon', undefined],
    [403, 'GET', '/api/usage', undefined, { origin: 'http://evil.example' }],
    [404, 'GET', '/nothing', undefined],
    [404, 'GET', '//', undefined],
    [404, 'GET', '//evil.example/api/usage', undefined],
    [404, 'GET', '/api/usage/', undefined],
    [404, 'GET', '/api/../api/usage', undefined],
    [404, 'GET', '/%', undefined],
    [404, 'GET', '/%2e%2e/%2e%2e/etc/passwd', undefined],
    [404, 'GET', '/__proto__', undefined],
    [404, 'GET', 'http://localhost/api/usage', undefined],
    [404, 'GET', '*', undefined],
    [404, 'POST', '/nothing', '{}'],
    [405, 'GET', RECORD, undefined],
    [405, 'HEAD', RECORD, undefined],
    [405, 'GET', '/rpc', undefined],
    [405, 'POST', '/api/usage', '{}'],
    [405, 'PUT', RECORD, '{"tokens": 5}'],
    [405, 'PATCH', RECORD, '{"tokens": 5}'],
    [405, 'DELETE', RECORD, '{"tokens": 5}'],
    [405, 'OPTIONS', RECORD, undefined],
    [415, 'POST', RECORD, '{"tokens": 5}', { 'content-type': 'text/plain' }],
    [421, 'GET', '/api/usage', undefined, { host: 'evil.example' }],
  ])('%i for %s %s %.40j', async (status, method, path, body, headers = {}) => {
    const before = await daemon().rpc('usage.get');

    const answer = await daemon().request({ method, path, headers, ...(body !== undefined && { body }) });

    if (method === 'HEAD') expect(answer).toMatchObject({ status, text: '' });
    else expectRefusal(answer, status);
    expect(await daemon().rpc('usage.get')).toEqual(before);
  });

  test('a body that is no UTF-8 is told as such, not recorded in pieces', async () => {
    const broken = Buffer.concat([
      Buffer.from('{"tokens": 5, "event": "'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('"}'),
    ]);
    const before = await daemon().rpc('usage.get');

    expectRefusal(await daemon().request({ method: 'POST', path: RECORD, body: broken }), 400);
    const answer = await daemon().request({ method: 'POST', path: '/rpc', body: broken });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32700 } });
    expect(await daemon().rpc('usage.get')).toEqual(before);
  });

  test('bytes that are no HTTP are answered shortly, and the daemon goes on', async () => {
    for (const bytes of [
      '\r\n\r\n',
      'nonsense\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
    ]) {
      const connection = await RawConnection.open(daemon().port);
      connection.socket.end(bytes);
      await connection.closed;
    }
    expect((await daemon().get('/healthz')).status).toBe(200);
  });

  test.each([
    ['bytes that are no request', '\0\0\0'],
    ['half a request', 'POST /api/usage HTTP/1.1\r\nHost'],
    ['a request that is none', 'nonsense\r\n\r\n'],
  ])('a reading with %s behind it is answered as what it is, recorded', async (_, surplus) => {
    const connection = await RawConnection.open(daemon().port);
    await given(0);
    connection.sendHead(
      [
        `POST ${RECORD} HTTP/1.1`,
        `Host: localhost:${daemon().port}`,
        'Content-Type: application/json',
        'Content-Length: 12',
      ],
      `{"tokens":7}${surplus}`,
    );

    expect((await connection.response())?.json()).toMatchObject({ success: true, total_used: 7 });
    connection.close();
  });

  test('an answer without content tells no length and no type of it', async () => {
    const answer = await daemon().post('/rpc', { jsonrpc: '2.0', method: 'usage.unsubscribe' });

    expect(answer.status).toBe(204);
    expect(answer.headers).not.toHaveProperty('content-length');
    expect(answer.headers).not.toHaveProperty('content-type');
  });

  test('a connection is of use after a refusal', async () => {
    const connection = await RawConnection.open(daemon().port);
    const host = `Host: localhost:${daemon().port}`;
    const json = 'Content-Type: application/json';
    const statuses: (number | undefined)[] = [];
    for (const [lines, body] of [
      [['GET /nothing HTTP/1.1', host], ''],
      [[`POST ${RECORD} HTTP/1.1`, host, json, 'Content-Length: 1'], '{'],
      [[`POST ${RECORD} HTTP/1.1`, host, json, 'Content-Length: 13'], '{"tokens":-1}'],
      [['GET /api/usage HTTP/1.1', host], ''],
    ] as const) {
      connection.sendHead(lines, body);
      statuses.push((await connection.response())?.status);
    }
    connection.close();

    expect(statuses).toEqual([404, 400, 400, 200]);
  });

  test('requests in a row on one connection are answered in their order', async () => {
    const connection = await RawConnection.open(daemon().port);
    const host = `Host: localhost:${daemon().port}`;
    await given(0);

    for (let times = 0; times < 5; times++) {
      connection.sendHead(
        [`POST ${RECORD} HTTP/1.1`, host, 'Content-Type: application/json', 'Content-Length: 12'],
        '{"tokens":1}',
      );
    }
    const totals = [];
    for (let times = 0; times < 5; times++) totals.push((await connection.response())?.json().total_used);
    connection.close();

    expect(totals).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('a body over 4 MiB', () => {
  /** A recording of exactly so many bytes. */
  const sized = (bytes: number) => `{"tokens":5${' '.repeat(bytes - 12)}}`;

  test('a body over 4 MiB is refused and one of exactly 4 MiB is not', async () => {
    await given(100);

    expect((await daemon().post(RECORD, sized(MAX_BODY_BYTES))).json()).toMatchObject({ total_used: 105 });
    expectRefusal(await daemon().post(RECORD, sized(MAX_BODY_BYTES + 1)), 413);
    expect(await daemon().rpc('usage.get')).toMatchObject({ used: 105 });
  });

  test.each([
    ['declared', { 'content-length': String(3 * MAX_BODY_BYTES) }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('the refusal of a body over 4 MiB, %s, reaches a caller who sends it all before listening', async (_, headers) => {
    for (let times = 0; times < 5; times++) {
      const answer = await daemon().request({ method: 'POST', path: RECORD, headers, body: sized(3 * MAX_BODY_BYTES) });
      expectRefusal(answer, 413);
    }
  });

  test('a body declared over 4 MiB is refused before it is sent, and the connection ends', async () => {
    const connection = await RawConnection.open(daemon().port);

    connection.sendHead([
      `POST ${RECORD} HTTP/1.1`,
      `Host: localhost:${daemon().port}`,
      'Content-Type: application/json',
      'Content-Length: 99999999999',
    ]);

    expect(await connection.response()).toMatchObject({ status: 413, headers: { connection: 'close' } });
    connection.socket.end();
    await connection.closed;
  });

  test('the refusal of a body over 4 MiB reaches curl', async () => {
    const folder = freshFolder();
    writeFileSync(folder, sized(2 * MAX_BODY_BYTES));
    const args = ['-sS', '-X', 'POST', '-H', 'Content-Type: application/json', '--data-binary', `@${folder}`];

    const { stdout } = await promisify(execFile)('curl', [...args, daemon().url + RECORD]);

    expect(JSON.parse(stdout)).toMatchObject({ success: false, kind: 'too_large' });
  });

  test('a body over 4 MiB is refused for JSON-RPC too', async () => {
    expectRefusal(await daemon().post('/rpc', ' '.repeat(MAX_BODY_BYTES + 1)), 413);
  });
});

test('an offer of HTTP/2 is passed over, as the libraries that make it with every request expect', async () => {
  await given(100);
  const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAEAAEAAAAIAAAAB' };

  const answer = await daemon().post(RECORD, { tokens: 7 }, headers);

  expect(answer.json()).toMatchObject({ success: true, total_used: 107 });
  expect((await daemon().get('/healthz', headers)).status).toBe(200);
});

describe('what can be read', () => {
  const FOREIGN = `{
    "token_usage": {"used": 299000, "total": 1000000, "percentage": 29.9, "sessions": [
      {"timestamp": "2025-11-18 21:39:51", "tokens": 115000, "event": "完成架构设计", "conversation_id": "c", "sync_type": "manual"},
      {"session_id": "s-1", "start_time": "2025-11-18 22:00:00", "tokens": 88000, "task": "架构审查", "achievements": ["a"]},
      {"timestamp": "2025-11-18 20:00:00", "tokens": 57, "event": "对话", "method": "auto_estimate"}]},
    "status": {"text": "✅", "completion_rate": 1.0, "big": 12345678901234567890},
    "__proto__": {"x": 1},
    "events": [{"id": "theirs", "type": "note"}]
  }`;
  const foreign = useDaemon({ state: FOREIGN });

  test('/api/usage is usage.get', async () => {
    expect((await foreign().get('/api/usage')).json()).toEqual(await foreign().rpc('usage.get'));
  });

  test('/api/history as CSV tells what older programs call by other names', async () => {
    const { text } = await foreign().get('/api/history?format=csv');
    const rows: Record<string, string>[] = parse(text, { columns: true });

    expect(rows).toContainEqual(
      expect.objectContaining({ id: 's-1', timestamp: '2025-11-18 22:00:00', tokens: '88000', event: '架构审查' }),
    );
    expect(rows).toContainEqual(expect.objectContaining({ tokens: '57', event: '对话', sync_type: 'auto_estimate' }));
  });

  test('/api/token_sessions is the sessions of the state file', async () => {
    const { token_usage } = foreign().state();

    expect((await foreign().get('/api/token_sessions')).json()).toEqual({ sessions: token_usage.sessions });
    expect(token_usage.sessions).toHaveLength(3);
  });

  test('/api/architect_events tells each of them, ours and others', async () => {
    const { events } = (await foreign().get('/api/architect_events')).json();

    expect(events).toEqual([
      {
        id: expect.stringMatching(/./),
        timestamp: '2025-11-18 21:39:51',
        type: 'token_usage',
        content: 'Token更新: 115,000 (手动同步 - 完成架构设计)',
        metadata: { tokens: 115_000, event: '完成架构设计', sync_type: 'manual' },
      },
      {
        id: 's-1',
        timestamp: '2025-11-18 22:00:00',
        type: 'token_usage',
        content: 'Token更新: 88,000 (架构审查)',
        metadata: { tokens: 88_000, event: '架构审查', sync_type: '' },
      },
      expect.objectContaining({ metadata: { tokens: 57, event: '对话', sync_type: 'auto_estimate' } }),
    ]);
    expect(new Set(events.map(({ id }: { id: string }) => id)).size).toBe(3);
  });

  test('/api/architect_monitor is the state file with our events, everything else as it is spelled', async () => {
    const { text } = await foreign().get('/api/architect_monitor');

    const { events, ...rest } = JSON.parse(text);
    const { events: theirs, ...state } = foreign().state() as unknown as Record<string, unknown>;
    expect(rest).toEqual(state);
    expect(Object.hasOwn(rest, '__proto__')).toBe(true);
    expect(events.slice(-1)).toEqual(theirs);
    expect(events.slice(0, -1)).toEqual((await foreign().get('/api/architect_events')).json().events);
    expect(text).toMatch(/"completion_rate":\s*1\.0\b/);
    expect(text).toContain('12345678901234567890');
  });

  test.each([
    ['no token_usage', '{"status": 1}'],
    ['no sessions', '{"token_usage": {"used": 5, "total": 10}}'],
    ['sessions that are none', '{"token_usage": {"used": 5, "total": 10, "sessions": {"a": 1}}}'],
    ['sessions of null', '{"token_usage": {"used": 5, "total": 10, "sessions": null}}'],
    [
      'odd sessions',
      '{"token_usage": {"used": 5, "total": 10, "sessions": [null, 5, "x", [], {}, {"tokens": "7", "event": 5}]}}',
    ],
    ['events that are none', '{"token_usage": {"used": 5, "total": 10}, "events": "none"}'],
  ])('a state file with %s is served all the same', async (_, state) => {
    const odd = await startDaemon({ state });

    for (const path of ['/api/token_sessions', '/api/architect_events', '/api/architect_monitor', '/api/history']) {
      expect([path, (await odd.get(path)).status]).toEqual([path, 200]);
    }
    expect((await odd.post(RECORD, { tokens: 5 })).json()).toMatchObject({ success: true });
    expect((await odd.get('/api/architect_events')).json().events[0]).toMatchObject({
      content: 'Token更新: 5 (自动记录 - 对话)',
    });
  });

  test('/healthz, /metrics and /openrpc.json answer what they promise', async () => {
    expect((await daemon().get('/healthz')).json()).toEqual({
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+/),
    });
    expect((await daemon().get('/openrpc.json')).json()).toMatchObject({ openrpc: expect.any(String) });
    const metrics = await daemon().get('/metrics');
    const usage = await daemon().rpc('usage.get');
    expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(metrics.text).toContain(`\ntoken_sync_used_tokens ${usage.used}\n`);
    for (const line of metrics.text.trimEnd().split('\n')) {
      expect(line).toMatch(
        /^(# (HELP|TYPE) (token_sync|process)_\w+ .+|(token_sync|process)_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[\d.e+-]+)$/,
      );
    }
  });

  test('HEAD is answered as GET, without the body', async () => {
    for (const path of ['/healthz', '/api/usage', '/metrics', '/api/history', '/api/history?format=csv']) {
      const got = await foreign().get(path);
      const head = await foreign().request({ method: 'HEAD', path });
      expect(head.text).toBe('');
      expect(head.status).toBe(200);
      const { date: _, 'transfer-encoding': __, 'content-length': length, ...headers } = got.headers;
      expect(head.headers).toMatchObject(headers);
      // The time that the process has used may have one digit more by now.
      if (path !== '/metrics') expect(head.headers['content-length']).toBe(length);
    }
  });

  test('every answer is guarded against being taken for something else', async () => {
    for (const path of ['/api/usage', '/api/history?format=csv', '/nothing']) {
      expect((await daemon().get(path)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
    }
  });
});

describe('/api/import and /api/estimate', () => {
  test('/api/import and /api/estimate take what their methods take, and the import a bare list too', async () => {
    await given(1_000);

    expect((await daemon().post('/api/import', [{ tokens: 5 }, { tokens: 0 }])).json()).toEqual({
      success: true,
      imported_count: 1,
      skipped: [{ index: 1, reason: expect.any(String) }],
      total_tokens: 5,
      current_usage: await daemon().rpc('usage.get'),
    });
    expect((await daemon().post('/api/import', { sessions: [{ tokens: 5 }] })).json()).toMatchObject({
      current_usage: { used: 1_010, total: 1_000_000, revision: expect.any(Number) },
    });
    expect((await daemon().post('/api/estimate', { user_message: 'Hello', assistant_message: '' })).json()).toEqual({
      success: true,
      user_tokens: 1,
      assistant_tokens: 0,
      total_tokens: 1,
      encoding: 'o200k_base',
    });
  });

  test('/api/estimate counts a long text, and says that it is no JSON where it is none', async () => {
    const text = 'a'.repeat(100_000);
    const estimate = (message: string) =>
      daemon().post('/api/estimate', `{"user_message":"${message}","assistant_message":"a"}`);

    expect((await estimate(`${text}\\n`)).json()).toMatchObject({ success: true, user_tokens: 12_501 });
    const refused = await estimate(`${text}\n`);
    expect([refused.status, refused.json()]).toEqual([400, (await estimate('\n')).json()]);
    const twice = await daemon().post('/api/estimate', `{"user_message":"${text}\n","bogus":1}`);
    expect(twice.json()).toEqual(refused.json());
  });
});

describe('exports', () => {
  const EVENTS = [
    '=1+1',
    "'=1+1",
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    'a,b',
    '"quoted"',
    'two\nlines',
    "it's",
    '',
    '完成 👩‍🚀',
    ' =1',
  ];
  const exporting = useDaemon();

  test('an export holds the whole history in both forms, and no cell that a spreadsheet would run', async () => {
    for (const event of EVENTS) {
      await exporting().rpc('usage.record', { tokens: 1, sync_type: 'auto', event, conversation_id: event });
    }
    await exporting().rpc('usage.record', { tokens: EVENTS.length });
    await exporting().rpc('usage.undo');
    await exporting().rpc('usage.import', {
      sessions: Array.from({ length: 2_500 }, () => ({ tokens: 1, timestamp: '2025-01-01' })),
    });
    const { sessions } = await exporting().rpc('usage.history', { limit: 1_000 });

    const json = await exporting().get('/api/history?format=json');
    const csv = await exporting().get('/api/history?format=csv');

    const exported = json.json().sessions;
    expect(exported).toHaveLength(EVENTS.length + 1 + 2_500);
    expect(exported.slice(0, 1_000)).toEqual(sessions);
    expect(json.headers['content-disposition']).toBe('attachment; filename="token-history.json"');
    expect(csv.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="token-history.csv"',
    });
    expect(csv.text.startsWith('id,timestamp,')).toBe(true);
    const rows: Record<string, string>[] = parse(csv.text, { columns: true });
    expect(rows).toHaveLength(exported.length);
    expect(rows[0]).toEqual({
      id: sessions[0]!.id,
      timestamp: sessions[0]!.timestamp,
      tokens: '0',
      event: '',
      conversation_id: '',
      sync_type: 'manual',
      total_used: String(EVENTS.length),
      reset: '',
      undone: 'true',
    });
    const shown = EVENTS.map((event) => (/^'*[=+\-@\t]/.test(event) ? `'${event}` : event)).toReversed();
    expect(rows.slice(1, 1 + EVENTS.length).map((row) => row.event)).toEqual(shown);
    expect(rows.slice(1, 1 + EVENTS.length).map((row) => row.conversation_id)).toEqual(shown);
    expect(csv.text).not.toMatch(/(^|,|\n)"?[=+@\t]/);
  });

  test('an export of nothing is a whole document', async () => {
    const query = 'query=there-is-nothing-like-this';

    expect((await exporting().get(`/api/history?${query}`)).json()).toEqual({ sessions: [] });
    expect((await exporting().get(`/api/history?format=csv&${query}`)).text).toBe(
      'id,timestamp,tokens,event,conversation_id,sync_type,total_used,reset,undone\r\n',
    );
  });
});

describe('a disk that refuses', () => {
  test('a disk that refuses is told as 503 and -32004: nothing is recorded, and nothing of before is lost', async () => {
    const full = await startDaemon({ under: 'ulimit -f 96' });
    const socket = await full.connect();
    await socket.call('usage.subscribe');
    let answer: HttpResponse;
    let acknowledged = 0;
    do {
      answer = await full.post(RECORD, { tokens: 1, event: 'x'.repeat(1_000) });
      if (answer.status === 200) acknowledged++;
    } while (answer.status === 200 && acknowledged < 500);

    expect(acknowledged).toBeGreaterThan(10);
    expectRefusal(answer, 503);
    expect(answer.json()).toMatchObject({ kind: 'storage_failed', error: expect.stringMatching(HAN) });
    const failure = await failureOf(
      full.rpc('usage.record', { tokens: 1, sync_type: 'auto', event: 'x'.repeat(1_000) }),
    );
    expect(failure).toMatchObject({ code: -32004, kind: 'storage_failed' });
    expect(failure.message).not.toContain(full.folder);
    expect(await full.rpc('usage.get')).toMatchObject({ used: acknowledged, revision: acknowledged });
    expect(socket.told('usage.changed')).toHaveLength(acknowledged);
    await full.stop();

    const again = await startDaemon({ folder: full.folder });
    expect(await again.rpc('usage.get')).toMatchObject({ used: acknowledged, revision: acknowledged });
    expect((await again.post(RECORD, { tokens: 1 })).status).toBe(200);
  });
});
