import { withDaemon } from '../../../src/client/sdk/daemon-finder.ts';
import { callOnce } from '../../../src/client/sdk/http-call.ts';

// A client as short as the CLI: finds or starts the daemon of the folder, records, prints who took it, and ends.
const [dataDir = '', id = ''] = process.argv.slice(2);
const pid = await withDaemon({ dataDir, port: 0, mayStart: true, language: 'en' }, async (address) => {
  await callOnce(address, 'usage.record', { tokens: 1, id, sync_type: 'auto' });
  return (await callOnce(address, 'daemon.info', {})).pid;
});
console.log(pid);
