import fc from 'fast-check';
import { METHODS } from '../../../src/protocol/methods.ts';
import { CLOSE, closing, frame, PING } from '../../support/frames.ts';

/** Messages of honest callers, none of which changes anything, so that a change tells of a fault. */

/** Methods that change nothing whatever their params. */
const READS = Object.keys(METHODS).filter(
  (name) => /^(?:usage|conversation|rpc|daemon)\./.test(name) && !/record|undo|import|set_total|shutdown/.test(name),
);
/** Methods that would, but for a param that nobody knows. */
const WRITES = Object.keys(METHODS).filter((name) => /record|undo|import|set_total|clipboard/.test(name));

const id = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.double());
const anyParams = fc.dictionary(
  fc.oneof(fc.constantFrom('since', 'until', 'limit', 'before', 'query', 'points', 'bucket', 'time_zone'), fc.string()),
  fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('2025-11-18', 'day', 'UTC', -1, 1e300, '\u0000')),
  { maxKeys: 4 },
);

/** JSON-RPC requests of every shape, as JSON values. */
const rpcRequest = fc.oneof(
  fc.record({ jsonrpc: fc.constant('2.0'), id, method: fc.constantFrom(...READS), params: anyParams }),
  fc.record({
    jsonrpc: fc.constant('2.0'),
    id,
    method: fc.constantFrom(...WRITES),
    params: anyParams.map((params) => ({ ...params, 'nobody knows': 1 })),
  }),
  fc.record({ jsonrpc: fc.constantFrom('2.0', '1.0', 2), id, method: fc.string(), params: fc.jsonValue() }),
  fc.jsonValue(),
);

/** Texts that are JSON-RPC, or nearly. */
export const RPC_TEXTS = fc.oneof(
  rpcRequest.map((request) => JSON.stringify(request)),
  fc.array(rpcRequest, { maxLength: 8 }).map((batch) => JSON.stringify(batch)),
  fc.json(),
);

export const RPC_CORPUS = [
  '{"jsonrpc":"2.0","id":1,"method":"usage.get","params":{}}',
  '{"jsonrpc":"2.0","id":"a","method":"usage.history","params":{"limit":10,"since":"2025-11-18T20:30:00Z","query":"设计"}}',
  '{"jsonrpc":"2.0","id":2,"method":"usage.stats","params":{"bucket":"week","time_zone":"Europe/Berlin"}}',
  '{"jsonrpc":"2.0","id":3,"method":"usage.record","params":{"tokens":{},"event":"完成架构设计","sync_type":"manual"}}',
  '{"jsonrpc":"2.0","id":4,"method":"conversation.record","params":{"user_message":[],"assistant_message":"b"}}',
  '[{"jsonrpc":"2.0","id":5,"method":"usage.undo"},{"jsonrpc":"2.0","method":"usage.get"},{"jsonrpc":"2.0","id":6,"method":"rpc.discover"}]',
].map((text) => Buffer.from(text));

/** A request as bytes; `PORT` stands for the daemon's. */
export function requestBytes(port: number, line: string, body: string | Uint8Array = '', isLast = true): Buffer {
  const bytes = Buffer.from(body as string);
  const head = [
    `${line} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Accept-Language: en',
    ...(line.startsWith('GET') ? [] : ['Content-Type: application/json', `Content-Length: ${bytes.length}`]),
    ...(isLast ? ['Connection: close'] : []),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]);
}

export const GET_PATHS = [
  '/',
  '/healthz',
  '/metrics',
  '/openrpc.json',
  '/api/usage',
  '/api/token_sessions',
  '/api/architect_monitor',
  '/api/architect_events',
  '/api/history?format=csv&limit=10&since=2025-11-18',
];
export const POST_BODIES: readonly (readonly [path: string, body: string])[] = [
  [
    '/api/record_token_usage',
    '{"tokens": [], "event": "手动同步", "conversation_id": "manual-001", "sync_type": "manual"}',
  ],
  ['/api/import', '{"sessions":[{"tokens":{},"event":"x","timestamp":"2025-11-18 20:30:00"}],"x":1}'],
  ['/api/estimate', '{"user_message":"a","assistant_message":"b","encoding":"cl100k_base"}'],
  ['/api/clipboard', '{"event":"x","nobody knows":1}'],
  ['/rpc', '{"jsonrpc":"2.0","id":1,"method":"usage.get"}'],
];

/** Heads and bodies as bytes, two of them one after the other on a connection. */
export function httpCorpus(port: number): Buffer[] {
  const gets = GET_PATHS.map((path) => requestBytes(port, `GET ${path}`));
  const posts = POST_BODIES.map(([path, body]) => requestBytes(port, `POST ${path}`, body));
  const chunked = Buffer.from(
    `POST /rpc HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n` +
      '5\r\n{"a":\r\n2;x=y\r\n1}\r\n0\r\nTrailer: x\r\n\r\n',
  );
  return [
    ...gets,
    ...posts,
    chunked,
    Buffer.concat([requestBytes(port, 'GET /api/usage', '', false), ...gets.slice(0, 2)]),
  ];
}

/** The bytes after the upgrade. */
export const FRAME_CORPUS = [
  ...RPC_CORPUS.map((payload) => frame({ payload })),
  Buffer.concat([frame({ opcode: PING, payload: 'x' }), frame({ payload: RPC_CORPUS[0]! })]),
  Buffer.concat([
    frame({ isFinal: false, payload: RPC_CORPUS[0]!.subarray(0, 20) }),
    frame({ opcode: PING }),
    frame({ opcode: 0, payload: RPC_CORPUS[0]!.subarray(20) }),
  ]),
  frame({ payload: '{"jsonrpc":"2.0","id":1,"method":"usage.subscribe"}' }),
  frame({ payload: ' '.repeat(70_000) }),
  frame({ opcode: CLOSE, payload: closing(1000, 'bye') }),
];

export const UPGRADE = (port: number) =>
  Buffer.from(
    [
      'GET /rpc HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  );

export const DROP_CORPUS = [
  '350000 完成架构设计\n',
  '350,000 tokens used\r\n1.2M review\r\n35万 设计\r\n',
  '{"tokens": 350000, "event": "x", "sync_type": "auto"}',
  '[{"tokens": "350K"}, {"tokens": 5, "timestamp": "2025-11-18 20:30:00", "id": "a"}]',
  '{"tokens": 1}\n{"tokens": 2}\n',
  Buffer.from('\ufeff350000 UTF-16\n', 'utf16le'),
].map((content) => Buffer.from(content as string));
