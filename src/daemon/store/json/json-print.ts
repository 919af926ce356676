import type { JsonNode } from './json-tree.ts';

/**
 * The text of a document as `JSON.stringify(value, null, 2)` would lay it out, numbers in their own spelling.
 * Text of unchanged parts is remembered, so printing a document anew after a small change costs little.
 * Throws a RangeError when the text would be longer than a string can be.
 */
export function printJson(node: JsonNode): string {
  const out: string[] = [];
  print(node, 0, out);
  return out.join('');
}

/** The text of a document on one line without spaces, as `JSON.stringify(value)` would write it. */
export function printJsonLine(node: JsonNode): string {
  const out: string[] = [];
  printCompact(node, out);
  return out.join('');
}

// Remembering every size would copy a text once per level around it; up to this size the copies stay few.
const MAX_REMEMBERED_LENGTH = 8_192;

/** By depth, since the indent is part of the text; nodes never change, so a remembered text never ages. */
const textsByDepth: WeakMap<JsonNode, string>[] = [];

/** Long strings only: quoting a short one again is quicker than looking it up. */
const quotedStrings = new WeakMap<JsonNode, string>();
const MIN_REMEMBERED_STRING = 64;

/** Adds the pieces of the node's text to `out` and returns their length. */
function print(node: JsonNode, depth: number, out: string[]): number {
  if (node.kind === 'literal') return add(node.text, out);
  if (node.kind === 'string') return add(quote(node, node.value), out);
  if (node.kind === 'array' && node.items.length === 0) return add('[]', out);
  if (node.kind === 'object' && node.entries.length === 0) return add('{}', out);

  textsByDepth[depth] ??= new WeakMap();
  const texts = textsByDepth[depth];
  const remembered = texts.get(node);
  if (remembered !== undefined) return add(remembered, out);

  const start = out.length;
  const length = printContainer(node, depth, out);
  if (length <= MAX_REMEMBERED_LENGTH) {
    const text = out.slice(start).join('');
    out.length = start;
    out.push(text);
    texts.set(node, text);
  }
  return length;
}

function printContainer(node: JsonNode & { kind: 'object' | 'array' }, depth: number, out: string[]): number {
  const indent = `\n${'  '.repeat(depth + 1)}`;
  let length = 0;
  if (node.kind === 'array') {
    let lead = `[${indent}`;
    for (const item of node.items) {
      length += add(lead, out) + print(item, depth + 1, out);
      lead = `,${indent}`;
    }
  } else {
    let lead = `{${indent}`;
    for (const [key, value] of node.entries) {
      length += add(`${lead}${JSON.stringify(key)}: `, out) + print(value, depth + 1, out);
      lead = `,${indent}`;
    }
  }
  return length + add(`${indent.slice(0, -2)}${node.kind === 'array' ? ']' : '}'}`, out);
}

function printCompact(node: JsonNode, out: string[]): void {
  if (node.kind === 'literal') {
    out.push(node.text);
  } else if (node.kind === 'string') {
    out.push(JSON.stringify(node.value));
  } else if (node.kind === 'array') {
    let lead = '[';
    for (const item of node.items) {
      out.push(lead);
      printCompact(item, out);
      lead = ',';
    }
    out.push(node.items.length === 0 ? '[]' : ']');
  } else {
    let lead = '{';
    for (const [key, value] of node.entries) {
      out.push(`${lead}${JSON.stringify(key)}:`);
      printCompact(value, out);
      lead = ',';
    }
    out.push(node.entries.length === 0 ? '{}' : '}');
  }
}

function quote(node: JsonNode, value: string): string {
  if (value.length < MIN_REMEMBERED_STRING) return JSON.stringify(value);
  const remembered = quotedStrings.get(node);
  if (remembered !== undefined) return remembered;
  const text = JSON.stringify(value);
  quotedStrings.set(node, text);
  return text;
}

function add(text: string, out: string[]): number {
  out.push(text);
  return text.length;
}
