import * as z from 'zod/mini';
import { NAMED_TYPES } from '../src/protocol/methods.ts';

/** As much of JSON Schema as the contract uses. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  /** The same of shapes that a field tells apart. */
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly description?: string;
  readonly maxLength?: number;
  /** The name of a named type. */
  readonly title?: string;
}

/** How a document spells types: PROTOCOL.md tells integers apart and has every object on one line. */
export interface Spelling {
  readonly integer: string;
  readonly anything: string;
  objectText(schema: Schema): string;
}

const names = new Map<z.core.$ZodType, string>(Object.entries(NAMED_TYPES).map(([name, schema]) => [schema, name]));

/** The JSON Schema of a schema; each named type within it has its name as `title`. */
export function schemaOf(schema: z.ZodMiniType): Schema {
  return z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      const name = names.get(zodSchema);
      if (name !== undefined) jsonSchema.title = name;
    },
  }) as Schema;
}

/** A type by its name where it has one, else spelled out. */
export function typeText(schema: Schema, spelling: Spelling): string {
  return schema.title ?? shapeText(schema, spelling);
}

/** A type spelled out, also where it has a name. */
export function shapeText(schema: Schema, spelling: Spelling): string {
  const { type, oneOf, anyOf = oneOf, items = {} } = schema;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (anyOf) return anyOf.map((option) => typeText(option, spelling)).join(' | ');
  if (type === 'array') return `${wrapped(typeText(items, spelling))}[]`;
  // Any names, with values of one type.
  if (type === 'object' && !schema.properties) {
    return `Record<string, ${typeText(schema.additionalProperties as Schema, spelling)}>`;
  }
  if (type === 'object') return spelling.objectText(schema);
  return type === undefined ? spelling.anything : [type].flat().join(' | ').replace('integer', spelling.integer);
}

function wrapped(text: string): string {
  return text.includes(' | ') ? `(${text})` : text;
}

/** The named type of which another one has all fields, and more. */
export function baseOf(name: string): string | undefined {
  const fields = fieldsOf(name);
  return Object.keys(NAMED_TYPES).find((other) => {
    const entries = Object.entries(fieldsOf(other));
    const isPart = entries.every(([key, schema]) => JSON.stringify(fields[key]) === JSON.stringify(schema));
    return isPart && entries.length > 0 && entries.length < Object.keys(fields).length;
  });
}

/** The fields of a named type that its base has not. */
export function ownFieldsOf(name: string): Readonly<Record<string, Schema>> {
  const base = baseOf(name);
  const inherited = base === undefined ? {} : fieldsOf(base);
  return Object.fromEntries(Object.entries(fieldsOf(name)).filter(([key]) => !(key in inherited)));
}

/** The meaning of a field in words; a list means what its items do. */
export function meaningOf({ description, items }: Schema): string {
  return description ?? items?.description ?? '';
}

function fieldsOf(name: string): Readonly<Record<string, Schema>> {
  return schemaOf(NAMED_TYPES[name as keyof typeof NAMED_TYPES]).properties ?? {};
}
