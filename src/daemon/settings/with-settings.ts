import type { SettingValue } from '../../shared/written-setting.ts';
import { JsonSyntaxError, parseJson } from '../store/json/json-parse.ts';
import { printJson } from '../store/json/json-print.ts';
import {
  getMember,
  type JsonNode,
  type JsonObject,
  sameJson,
  toJsonNode,
  withMember,
} from '../store/json/json-tree.ts';

/** A setting and what is to be written down for it; `null` takes it out. */
export interface WrittenSetting {
  readonly setting: { readonly key: string; readonly older?: string };
  readonly value: SettingValue | null;
}

/**
 * The text of `config.json` with these settings set; everything else says what it said, in its order, numbers in their
 * spelling, with the file's indentation, ends of lines and byte order mark. Wherever a setting stood before, under its older
 * name too, it is taken out, so that one value is left. Throws `JsonSyntaxError` where `text` is no JSON object.
 */
export function withSettings(text: string, changes: readonly WrittenSetting[]): string {
  const content = parseJson(text.replace(/^\uFEFF/, ''));
  if (!isObject(content)) throw new JsonSyntaxError('the settings are no object', 1, 1);
  const changed = changes.reduce(withOne, content);
  return sameJson(content, changed) ? text : inFormOf(text, printJson(changed).trimEnd());
}

function withOne(content: JsonObject, { setting: { key, older }, value }: WrittenSetting): JsonObject {
  const [group, name] = key.split('.') as [string, string?];
  if (value === null) return without(content, '', new Set([key, older]));
  // In its place, where it stands alone.
  if (name === undefined) return withMember(content, key, toJsonNode(value));
  const rest = without(content, '', new Set([key, older]));
  const members = getMember(rest, group);
  const settings = withMember(members && isObject(members) ? members : NO_MEMBERS, name, toJsonNode(value));
  return withMember(rest, group, settings);
}

/** No text in JSON holds the end of a line, so that whatever a line begins with is indentation. */
function inFormOf(text: string, printed: string): string {
  const [mark = ''] = /^\uFEFF/.exec(text) ?? [];
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const [, indent = '  '] = /\n([ \t]+)\S/.exec(text) ?? [];
  const lines = printed.split('\n').map((line) => line.replace(/^(?: {2})+/, (by) => indent.repeat(by.length / 2)));
  return `${mark}${lines.join(end)}${end}`;
}

const NO_MEMBERS: JsonObject = { kind: 'object', entries: [] };

/** A group that held nothing else goes with it: an empty one would be read as a setting of that name. */
function without({ entries }: JsonObject, prefix: string, names: ReadonlySet<string | undefined>): JsonObject {
  const kept = entries.flatMap(([name, value]): (readonly [string, JsonNode])[] => {
    const path = `${prefix}${name}`;
    if (names.has(path)) return [];
    if (!isObject(value)) return [[name, value]];
    const inner = without(value, `${path}.`, names);
    return inner.entries.length === 0 ? [] : [[name, inner]];
  });
  return { kind: 'object', entries: kept };
}

function isObject(node: JsonNode): node is JsonObject {
  return node.kind === 'object';
}
