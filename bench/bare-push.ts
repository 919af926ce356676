// The floor for telling a crowd: `ws.send` of BYTES bytes to each, for each line on standard input: node bench/bare-push.ts BYTES.
import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';

const text = 'x'.repeat(Number(process.argv[2]));
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (peer) => peer.on('message', () => peer.send('{}')));
server.once('listening', () => console.log((server.address() as { port: number }).port));
for await (const _ of createInterface({ input: process.stdin })) for (const peer of server.clients) peer.send(text);
process.exit();
