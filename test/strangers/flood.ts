import { WebSocket } from 'ws';

// A client that sends requests as fast as its socket takes them: `node flood.ts URL METHOD PARAMS COUNT`.
const [url = '', method = '', params = '', count = ''] = process.argv.slice(2);
const socket = new WebSocket(url, { perMessageDeflate: false });
let answers = 0;
socket.on('open', async () => {
  for (let id = 0; id < Number(count); id++) {
    socket.send(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`);
    // A client that never reads meanwhile is dropped at 4 MiB of answers, and floods no more.
    if (id % 500 === 499) await new Promise(setImmediate);
  }
});
socket.on('message', () => {
  answers++;
  if (answers === Number(count)) socket.close();
});
socket.on('error', () => socket.terminate());
socket.on('close', () => {
  process.stdout.write(`${answers}\n`);
});
