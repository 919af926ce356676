// Writes the published types into a folder: those that tsc makes, and in the place of zod's plain interfaces with their words.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type * as z from 'zod/mini';
import { METHODS, NAMED_TYPES, NOTIFICATIONS, PROTOCOL_MIN, PROTOCOL_VERSION } from '../src/protocol/methods.ts';
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

const TYPES: Spelling = { integer: 'number', anything: 'unknown', objectText: membersText };

const root = dirname(import.meta.dirname);
const [, , folder = join(root, 'dist', 'types')] = process.argv;

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
if (!existsSync(tsc)) throw new Error('typescript is not installed');
const args = [tsc, '-p', 'tsconfig.types.json', '--outDir', folder];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
if (status === 0) {
  writeFileSync(join(folder, 'protocol', 'methods.d.ts'), indented(contractText()));
  // Their schemas were imported by those of the methods alone.
  for (const name of ['fields', 'meters', 'settings-wire']) rmSync(join(folder, 'protocol', `${name}.d.ts`));
} else process.exitCode = status ?? 1;

function contractText(): string {
  return [
    `export declare const PROTOCOL_VERSION = ${PROTOCOL_VERSION};`,
    `export declare const PROTOCOL_MIN = ${PROTOCOL_MIN};`,
    ...Object.entries(NAMED_TYPES).map(([name, schema]) => namedText(name, schemaOf(schema))),
    tableText('Methods', 'Every method of the contract with its params and result.', METHODS),
    tableText('Notifications', 'Notifications, which the daemon sends to subscribers.', NOTIFICATIONS),
    'export type MethodName = keyof Methods;',
    "export type Params<M extends MethodName> = Methods[M]['params'];",
    "export type Result<M extends MethodName> = Methods[M]['result'];",
    'export type NotificationName = keyof Notifications;',
    "export type NotificationParams<N extends NotificationName> = Notifications[N]['params'];",
    '',
  ].join('\n');
}

function namedText(name: string, schema: Schema): string {
  const { description = '', properties } = schema;
  if (!properties) return `${docText(description)}export type ${name} = ${shapeText(schema, TYPES)};`;
  const base = baseOf(name);
  const heading = `export interface ${name}${base === undefined ? '' : ` extends ${base}`}`;
  return `${docText(description)}${heading} ${membersText({ ...schema, properties: ownFieldsOf(name) })}`;
}

type Entry = { readonly summary: string; readonly params: z.ZodMiniType; readonly result?: z.ZodMiniType };

function tableText(name: string, summary: string, entries: Readonly<Record<string, Entry>>): string {
  const members = Object.entries(entries).map(([key, { summary: words, params, result }]) => {
    const parts = [['params', params], ...(result ? [['result', result] as const] : [])] as const;
    const sides = parts.map(([side, schema]) => `${side}: ${typeText(schemaOf(schema as z.ZodMiniType), TYPES)};`);
    return `${docText(words)}'${key}': { ${sides.join(' ')} };`;
  });
  return `${docText(summary)}export interface ${name} {\n${members.join('\n')}\n}`;
}

function docText(words: string): string {
  return words === '' ? '' : `/** ${words.replaceAll('*/', '* /')} */\n`;
}

function membersText({ properties = {}, required = [], additionalProperties }: Schema): string {
  const members = Object.entries(properties).map(([name, schema]) => {
    const type = typeText(schema, TYPES);
    return `${docText(meaningOf(schema))}${name}${required.includes(name) ? `: ${type}` : `?: ${type} | undefined`};`;
  });
  const others = additionalProperties === false ? [] : ['[name: string]: unknown;'];
  return `{\n${[...members, ...others].join('\n')}\n}`;
}

/** By its braces, of which each opens at the end of a line and closes at the beginning of one. */
function indented(text: string): string {
  let depth = 0;
  const lines = text.split('\n').map((line) => {
    if (line.startsWith('}')) depth--;
    const indent = '    '.repeat(line === '' ? 0 : depth);
    if (line.endsWith('{')) depth++;
    return indent + line;
  });
  return lines.join('\n');
}
