// Has one million characters after another counted while its standard input last said `on`: node bench/estimate-load.ts URL KIND.
// The request is made once: to make it anew each time would cost processor time that is not what is measured.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { EXTREME } from './estimate-texts.ts';
import { connectRaw, maskedFrame } from './raw-socket.ts';

const [url = '', kind = ''] = process.argv.slice(2);
const params = { user_message: EXTREME[kind]!(1_000_000), assistant_message: '' };
const request = maskedFrame(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'conversation.estimate', params }));
const socket = await connectRaw(url, '{"jsonrpc":"2.0","id":1,"method":"usage.unsubscribe"}', () => undefined);
let isOn = false;
let working = Promise.resolve();
for await (const line of createInterface({ input: process.stdin })) {
  isOn = line === 'on';
  if (isOn) working = work();
  else await working;
  console.log(line);
}

async function work(): Promise<void> {
  while (isOn) {
    socket.write(request);
    await once(socket, 'data');
  }
}
