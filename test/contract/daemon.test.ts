import { beforeAll, describe, expect, test } from 'vitest';
import { METHODS, NOTIFICATIONS } from '../../src/protocol/methods.ts';
import { startDaemon, useDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';
import { type Call, TRANSPORTS } from '../support/transports.ts';

const daemon = useDaemon();

describe.each(TRANSPORTS.filter((transport) => transport.has('daemon.info')))('over $name', (transport) => {
  let call: Call;
  beforeAll(async () => {
    call = await transport.open(daemon());
  });

  test('daemon.info tells version, process and folder of the daemon', async () => {
    const { started_at, ...info } = await call('daemon.info');

    expect(info).toEqual({
      name: 'token-sync',
      version: (await daemon().get('/healthz')).json().version,
      protocol: 2,
      protocol_min: 1,
      pid: daemon().pid,
      data_dir: daemon().folder,
      state_file: daemon().path('architect_monitor.json'),
      drop_dir: daemon().path('drop'),
      url: daemon().url,
      command: expect.stringMatching(/scripts.token-sync/),
      warnings: [],
      alerts: [],
    });
    expect(new Date(started_at).toISOString()).toBe(started_at);
    expect(Date.parse(started_at)).toBeLessThanOrEqual(Date.now());
  });

  test('rpc.discover is the OpenRPC document of every method and notification', async () => {
    const document = (await call('rpc.discover')) as unknown as OpenRpc;

    expect(document.openrpc).toMatch(/^1\./);
    expect(document.methods.map(({ name }) => name)).toEqual(Object.keys(METHODS));
    expect(document['x-notifications'].map(({ name }) => name)).toEqual(Object.keys(NOTIFICATIONS));
    expect(document).toEqual((await daemon().get('/openrpc.json')).json());
    const record = document.methods.find(({ name }) => name === 'usage.record')!;
    expect(record.params.map(({ name, required }) => [name, required])).toEqual([
      ['tokens', true],
      ['event', false],
      ['conversation_id', false],
      ['id', false],
      ['timestamp', false],
      ['sync_type', false],
      ['ask', false],
    ]);
  });

  test('rpc.discover names exactly the params that each method takes', async () => {
    const { methods } = (await call('rpc.discover')) as unknown as OpenRpc;

    for (const { name, params } of methods) {
      if (name === 'daemon.shutdown') continue;
      const failure = await failureOf(call(name as 'usage.get', { colour: 'red' }));
      const known = params.map((param) => param.name);
      // A missing one may be told first.
      if (failure.field === 'colour') expect(failure.hint).toContain(known.join(', ') || 'no parameters');
      else expect(params).toContainEqual(expect.objectContaining({ name: failure.field, required: true }));
    }
  });

  test.each(Object.keys(METHODS))('%s refuses unknown params', async (method) => {
    expect(await failureOf(call(method as 'usage.get', { colour: 'red' }))).toMatchObject({ code: -32602 });
  });

  test('daemon.shutdown answers, then the daemon stops cleanly', async () => {
    const own = await startDaemon();
    const ownCall = await transport.open(own);

    expect(await ownCall('daemon.shutdown')).toEqual({});
    expect(await own.exited).toEqual({ code: 0, signal: null });
  });
});

interface OpenRpc {
  readonly openrpc: string;
  readonly methods: readonly {
    readonly name: string;
    readonly params: readonly { readonly name: string; readonly required: boolean }[];
  }[];
  readonly 'x-notifications': readonly { readonly name: string }[];
}
