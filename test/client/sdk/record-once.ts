import type * as Sdk from '../../../src/client/sdk/index.ts';

const { TokenSyncManager }: typeof Sdk = await import(new URL('../../../dist/sdk.js', import.meta.url).href);

// A client as it is shipped: finds or starts the daemon of the folder, records, prints who took it, and ends.
const [dataDir = '', id = ''] = process.argv.slice(2);
const manager = new TokenSyncManager({ dataDir, port: 0 });
await manager.quickRecord(1, '', { id, syncType: 'auto' });
await manager.close();
// The SDK does not tell it, and what does is loaded only now, so that the sources are no part of the start.
const { findDaemon } = await import('../../../src/client/sdk/daemon/daemon-finder.ts');
const { callOnce } = await import('../../../src/client/sdk/daemon/http-call.ts');
const address = await findDaemon({ dataDir, mayStart: false, language: 'en' });
console.log((await callOnce(address, 'daemon.info', {})).pid);
