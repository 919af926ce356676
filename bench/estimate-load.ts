// Has one million characters after another counted while its standard input last said `on`: node bench/estimate-load.ts URL KIND.
import { createInterface } from 'node:readline';
import { EXTREME } from './estimate-texts.ts';
import { connectRpc } from './rpc-client.ts';

const [url = '', kind = ''] = process.argv.slice(2);
const text = EXTREME[kind]!(1_000_000);
const client = await connectRpc(url);
let isOn = false;
let working = Promise.resolve();
for await (const line of createInterface({ input: process.stdin })) {
  isOn = line === 'on';
  if (isOn) working = work();
  else await working;
  console.log(line);
}

async function work(): Promise<void> {
  while (isOn) await client.call('conversation.estimate', { user_message: text, assistant_message: '' });
}
