import * as z from 'zod/mini';
import { METHODS, NOTIFICATIONS } from '../../protocol/methods.ts';

/** The contract as an OpenRPC 1.3 document, made from the schemas that validate. */
export function openRpcDocument(version: string): Record<string, unknown> {
  return {
    openrpc: '1.3.2',
    info: {
      title: 'token-sync',
      version,
      description:
        'Token usage of an AI assistant: recorded durably, pushed live. JSON-RPC 2.0 at /rpc, params by name.',
      license: { name: 'MIT' },
    },
    methods: Object.entries(METHODS).map(([name, { summary, params, result }]) => ({
      name,
      summary,
      paramStructure: 'by-name',
      params: contentDescriptors(schemaOf(params)),
      result: { name: 'result', schema: schemaOf(result) },
    })),
    'x-notifications': Object.entries(NOTIFICATIONS).map(([name, { summary, params }]) => ({
      name,
      summary,
      params: contentDescriptors(schemaOf(params)),
    })),
  };
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly required?: readonly string[];
}

function schemaOf(schema: z.ZodMiniType): ObjectSchema {
  // OpenRPC's meta-schema knows draft 7.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as ObjectSchema & {
    $schema?: string;
  };
  return rest;
}

function contentDescriptors({ properties = {}, required = [] }: ObjectSchema) {
  // Required ones first, as OpenRPC demands.
  return Object.entries(properties)
    .map(([name, schema]) => ({ name, required: required.includes(name), schema }))
    .sort((a, b) => Number(b.required) - Number(a.required));
}
