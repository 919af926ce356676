// Writes the tables of PROTOCOL.md from the schemas that validate; `--check` only tells whether they are current.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENT_FAILURES, DAEMON_FAILURES } from '../src/protocol/errors.ts';
import { METHODS, NAMED_TYPES, NOTIFICATIONS } from '../src/protocol/methods.ts';
import {
  baseOf,
  meaningOf,
  ownFieldsOf,
  type Schema,
  type Spelling,
  schemaOf,
  shapeText,
  typeText,
} from './contract-text.ts';

const SPELLING: Spelling = {
  integer: 'integer',
  anything: 'any',
  objectText({ properties = {}, required = [] }) {
    const members = Object.entries(properties).map(
      ([name, schema]) => `${name}${required.includes(name) ? '' : '?'}: ${typeText(schema, this)}`,
    );
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
  },
};

const path = join(import.meta.dirname, '..', 'PROTOCOL.md');
const before = readFileSync(path, 'utf8');
const after = [
  ['methods', methodsText()],
  ['types', typesText()],
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
      [
        `### \`${name}\``,
        summary,
        paramsText(schemaOf(params)),
        `Result: \`${typeText(schemaOf(result), SPELLING)}\``,
      ].join('\n\n'),
    )
    .join('\n\n');
}

function notificationsText(): string {
  return Object.entries(NOTIFICATIONS)
    .map(
      ([name, { summary, params }]) => `### \`${name}\`\n\n${summary}\n\n\`${typeText(schemaOf(params), SPELLING)}\``,
    )
    .join('\n\n');
}

function errorsText(): string {
  const sent = Object.entries(DAEMON_FAILURES).map(
    ([kind, { rpc, http, exit }]) => `| \`${kind}\` | ${rpc} | ${http} | ${exit} |`,
  );
  const own = Object.entries(CLIENT_FAILURES).map(([kind, { exit }]) => `| \`${kind}\` | ${exit} |`);
  return [
    'From the daemon, with the exit code of a command that meets them:',
    ['| `data.kind` | JSON-RPC code | HTTP status | exit code |', '|---|---|---|---|', ...sent].join('\n'),
    'From our own programs; none of these crosses the wire:',
    ['| kind | exit code |', '|---|---|', ...own].join('\n'),
  ].join('\n\n');
}

function typesText(): string {
  return Object.entries(NAMED_TYPES)
    .map(([name, named]) => {
      const schema = schemaOf(named);
      const base = baseOf(name);
      const inherited = base === undefined ? '' : `All fields of \`${base}\`, and:`;
      const body = schema.properties
        ? fieldsTable('field', { ...schema, properties: ownFieldsOf(name) })
        : `\`${shapeText(schema, SPELLING)}\``;
      return [`### \`${name}\``, schema.description ?? '', inherited, body].filter((part) => part !== '').join('\n\n');
    })
    .join('\n\n');
}

function paramsText(schema: Schema): string {
  if (schema.title !== undefined) return `Params: \`${schema.title}\``;
  return Object.keys(schema.properties ?? {}).length === 0 ? 'No params.' : fieldsTable('param', schema);
}

function fieldsTable(kind: string, { properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, schema]) => {
    const length =
      schema.maxLength === undefined ? '' : ` At most ${schema.maxLength.toLocaleString('en')} characters.`;
    const need = required.includes(name) ? 'yes' : 'no';
    return `| \`${name}\` | ${cell(typeText(schema, SPELLING))} | ${need} | ${meaningOf(schema)}${length} |`;
  });
  const always = kind === 'param' ? 'required' : 'always there';
  return [`| ${kind} | type | ${always} | meaning |`, '|---|---|---|---|', ...rows].join('\n');
}

function cell(type: string): string {
  return `\`${type}\``.replaceAll('|', '\\|');
}
