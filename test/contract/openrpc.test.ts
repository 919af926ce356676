import metaSchema from '@open-rpc/meta-schema';
import { Ajv } from 'ajv';
import draft7 from 'ajv/dist/refs/json-schema-draft-07.json' with { type: 'json' };
import { expect, test } from 'vitest';
import { useDaemon } from '../support/daemon.ts';
import type { RpcSocket } from '../support/socket.ts';

const daemon = useDaemon();

interface Descriptor {
  readonly name: string;
  readonly required?: boolean;
  readonly schema: object;
}

interface Method {
  readonly name: string;
  readonly params: readonly Descriptor[];
  readonly result: Descriptor;
}

interface Document {
  readonly methods: readonly Method[];
  readonly 'x-notifications': readonly Omit<Method, 'result'>[];
}

const ajv = new Ajv({ strict: false });

/** A schema for named params, made of nothing but what the document says. */
const paramsSchema = ({ params }: Pick<Method, 'params'>) => ({
  type: 'object',
  properties: Object.fromEntries(params.map(({ name, schema }) => [name, schema])),
  required: params.filter(({ required }) => required).map(({ name }) => name),
  additionalProperties: false,
});

/** The address by which OpenRPC names JSON Schema, with what it looks for there. */
const JSON_SCHEMA = {
  ...draft7,
  $id: 'https://meta.json-schema.tools/',
  definitions: { ...draft7.definitions, JSONSchemaObject: { properties: draft7.properties } },
};

/** The complaints of a schema about a value. */
function faults(schema: object, value: unknown): string {
  return ajv.validate(schema, value) ? '' : ajv.errorsText();
}

/** A client that knows a daemon by its document only: it sends and takes nothing that the document does not allow. */
class DocumentClient {
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #socket: RpcSocket;

  constructor({ methods }: Document, socket: RpcSocket) {
    this.#methods = new Map(methods.map((method) => [method.name, method]));
    this.#socket = socket;
  }

  async call(name: string, params: object = {}) {
    const method = this.#methods.get(name);
    if (!method) throw new Error(`the document has no ${name}`);
    expect(faults(paramsSchema(method), params)).toBe('');
    const { result, error } = await this.#socket.request({ jsonrpc: '2.0', id: name, method: name, params });
    if (error) throw new Error(error.message);
    expect(faults(method.result.schema, result)).toBe('');
    return result;
  }
}

test('the OpenRPC document is valid by its meta-schema, and the same over WebSocket and HTTP', async () => {
  const document = (await daemon().get('/openrpc.json')).json();
  const meta = new Ajv({ strict: false, validateSchema: false, validateFormats: false });
  // It writes the address with its last slash and without.
  meta.addSchema(JSON_SCHEMA).addSchema({ ...JSON_SCHEMA, $id: JSON_SCHEMA.$id.slice(0, -1) });
  const { $schema: _, ...schema } = metaSchema as unknown as Record<string, unknown>;

  expect(meta.validate(schema, document) ? '' : meta.errorsText()).toBe('');
  expect(await daemon().rpc('rpc.discover')).toEqual(document);
  expect(meta.validate(schema, { ...document, methods: [{ name: 1 }] })).toBe(false);
});

test('a client that knows nothing but the OpenRPC document records, subscribes and is told', async () => {
  const document: Document = (await daemon().get('/openrpc.json')).json();
  const socket = await daemon().connect();
  const client = new DocumentClient(document, socket);

  const { revision } = await client.call('usage.subscribe');
  const receipt = await client.call('usage.record', { tokens: 350_000, event: 'by the document' });
  const change = await socket.next('usage.changed');

  expect(change).toMatchObject({ previous_revision: revision, revision: receipt.revision });
  const told = document['x-notifications'].find(({ name }) => name === 'usage.changed')!;
  expect(faults(paramsSchema(told), change)).toBe('');
});

test('every method without params answers as the OpenRPC document says', async () => {
  const document: Document = (await daemon().get('/openrpc.json')).json();
  const client = new DocumentClient(document, await daemon().connect());
  const harmless = document.methods.filter(
    ({ name, params }) => !params.some(({ required }) => required) && !/shutdown|clipboard|set_total/.test(name),
  );

  expect(harmless.length).toBeGreaterThan(8);
  for (const { name } of harmless) await client.call(name);
});
