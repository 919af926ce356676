// Writes the tables of PROTOCOL.md from the schemas that validate; `--check` only tells whether they are current.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { FAILURES } from '../src/protocol/errors.ts';
import { METHODS, NOTIFICATIONS } from '../src/protocol/methods.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly maxLength?: number;
}

const path = join(import.meta.dirname, '..', 'PROTOCOL.md');
const before = readFileSync(path, 'utf8');
const after = [
  ['methods', methodsText()],
  ['notifications', notificationsText()],
  ['errors', errorsText()],
].reduce((text, [name = '', body = '']) => fill(text, name, body), before);
if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error('PROTOCOL.md is behind the schemas; run npm run docs');
    process.exitCode = 1;
  }
} else writeFileSync(path, after);

function fill(text: string, name: string, body: string): string {
  const [open, close] = [`<!-- ${name}: made by npm run docs -->`, `<!-- end of ${name} -->`];
  const start = text.indexOf(open);
  const end = text.indexOf(close);
  if (start === -1 || end === -1) throw new Error(`PROTOCOL.md has no place for ${name}`);
  return `${text.slice(0, start + open.length)}\n\n${body.trim()}\n\n${text.slice(end)}`;
}

function methodsText(): string {
  return Object.entries(METHODS)
    .map(([name, { summary, params, result }]) =>
      [`### \`${name}\``, summary, paramsTable(schemaOf(params)), `Result: \`${typeText(schemaOf(result))}\``].join(
        '\n\n',
      ),
    )
    .join('\n\n');
}

function notificationsText(): string {
  return Object.entries(NOTIFICATIONS)
    .map(([name, { summary, params }]) => `### \`${name}\`\n\n${summary}\n\n\`${typeText(schemaOf(params))}\``)
    .join('\n\n');
}

function errorsText(): string {
  const rows = Object.entries(FAILURES).map(
    ([kind, { rpc, http, exit }]) => `| \`${kind}\` | ${rpc} | ${http} | ${exit} |`,
  );
  return ['| `data.kind` | JSON-RPC code | HTTP status | exit code |', '|---|---|---|---|', ...rows].join('\n');
}

function paramsTable({ properties = {}, required = [] }: Schema): string {
  const names = Object.keys(properties);
  if (names.length === 0) return 'No params.';
  const rows = names.map((name) => {
    const schema = properties[name]!;
    const length =
      schema.maxLength === undefined ? '' : ` At most ${schema.maxLength.toLocaleString('en')} characters.`;
    const need = required.includes(name) ? 'yes' : 'no';
    return `| \`${name}\` | ${cell(typeText(schema))} | ${need} | ${schema.description ?? ''}${length} |`;
  });
  return ['| param | type | required | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function cell(type: string): string {
  return `\`${type}\``.replaceAll('|', '\\|');
}

function typeText(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' | ');
  if (schema.type === 'array') return `${wrapped(schema.items ?? {})}[]`;
  if (schema.type === 'object') return objectText(schema);
  return schema.type === undefined ? 'any' : [schema.type].flat().join(' | ');
}

function wrapped(schema: Schema): string {
  const text = typeText(schema);
  return text.includes(' | ') ? `(${text})` : text;
}

function objectText({ properties = {}, required = [] }: Schema): string {
  const members = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? '' : '?'}: ${typeText(schema)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function schemaOf(schema: z.ZodMiniType): Schema {
  return z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as Schema;
}
