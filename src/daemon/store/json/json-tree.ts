/** A JSON document with everything that `JSON.parse` loses: member order, integer-like keys and the spelling of numbers; never changed once made. */
export type JsonNode = JsonObject | JsonArray | JsonString | JsonLiteral;

/** The members in file order; no key occurs twice. */
export interface JsonObject {
  readonly kind: 'object';
  readonly entries: ReadonlyArray<readonly [key: string, value: JsonNode]>;
}

/** The items in file order. */
export interface JsonArray {
  readonly kind: 'array';
  readonly items: readonly JsonNode[];
}

/** A string by its value: how it was escaped in the file is not kept. */
export interface JsonString {
  readonly kind: 'string';
  readonly value: string;
}

/** A number with its spelling, `true`, `false` or `null`. */
export interface JsonLiteral {
  readonly kind: 'literal';
  readonly text: string;
}

/** How many objects and arrays may stand inside one another, so that walking a document never exhausts the stack. */
export const MAX_JSON_DEPTH = 512;

/** The member's value, or `undefined` when the object has no such member; takes time in proportion to the members. */
export function getMember(object: JsonObject, key: string): JsonNode | undefined {
  return object.entries.find(([name]) => name === key)?.[1];
}

/** The object with this member: in the place of the one of that name, else at the end; the very same object when nothing changes. */
export function withMember(object: JsonObject, key: string, value: JsonNode): JsonObject {
  const at = object.entries.findIndex(([name]) => name === key);
  if (at === -1) return { kind: 'object', entries: [...object.entries, [key, value]] };
  if (object.entries[at]?.[1] === value) return object;
  return { kind: 'object', entries: object.entries.with(at, [key, value]) };
}

/** The object without the member of this name; the very same object when it had none. */
export function withoutMember(object: JsonObject, key: string): JsonObject {
  const at = object.entries.findIndex(([name]) => name === key);
  return at === -1 ? object : { kind: 'object', entries: object.entries.toSpliced(at, 1) };
}

/**
 * The tree of a plain value, the one that `JSON.stringify` would write; members that are `undefined` are left out.
 * Throws a TypeError on what JSON cannot hold (class instances, NaN, bigint …) and on nesting past `MAX_JSON_DEPTH`.
 */
export function toJsonNode(value: unknown): JsonNode {
  return plainToNode(value, 0);
}

/** The plain value that `JSON.parse` would give: a key named `__proto__` is an own key, numbers are as exact as a double. */
export function toPlain(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.entries.map(([key, value]) => [key, toPlain(value)]));
    case 'array':
      return node.items.map(toPlain);
    case 'string':
      return node.value;
    case 'literal':
      return literalToPlain(node.text);
  }
}

/** Whether both hold the same, numbers by spelling; the order of members does not matter, that of items does. */
export function equalJson(a: JsonNode, b: JsonNode): boolean {
  if (a === b) return true;
  if (a.kind === 'object' && b.kind === 'object') return equalMembers(a, b);
  return sameShape(a, b, equalJson);
}

/** Whether both print as the same text: values, spelling of numbers, and the order of members. */
export function sameJson(a: JsonNode, b: JsonNode): boolean {
  if (a === b) return true;
  if (a.kind === 'object' && b.kind === 'object') {
    if (a.entries.length !== b.entries.length) return false;
    return a.entries.every(([key, value], index) => {
      const other = b.entries[index];
      return other !== undefined && other[0] === key && sameJson(value, other[1]);
    });
  }
  return sameShape(a, b, sameJson);
}

function equalMembers(a: JsonObject, b: JsonObject): boolean {
  if (a.entries.length !== b.entries.length) return false;
  const others = new Map(b.entries);
  return a.entries.every(([key, value]) => {
    const other = others.get(key);
    return other !== undefined && equalJson(value, other);
  });
}

function sameShape(a: JsonNode, b: JsonNode, areEqual: (a: JsonNode, b: JsonNode) => boolean): boolean {
  if (a.kind === 'string' && b.kind === 'string') return a.value === b.value;
  if (a.kind === 'literal' && b.kind === 'literal') return a.text === b.text;
  if (a.kind !== 'array' || b.kind !== 'array' || a.items.length !== b.items.length) return false;
  return a.items.every((item, index) => {
    const other = b.items[index];
    return other !== undefined && areEqual(item, other);
  });
}

function plainToNode(value: unknown, depth: number): JsonNode {
  if (typeof value === 'string') return { kind: 'string', value };
  if (value === null || typeof value === 'boolean') return { kind: 'literal', text: String(value) };
  if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'literal', text: String(value) };
  // A cycle ends here too.
  if (depth >= MAX_JSON_DEPTH) throw new TypeError(`the value is nested deeper than ${MAX_JSON_DEPTH}`);
  if (Array.isArray(value)) {
    return { kind: 'array', items: Array.from(value, (item) => plainToNode(item, depth + 1)) };
  }
  if (!isPlainObject(value)) throw new TypeError('JSON cannot hold this value');
  const present = Object.entries(value).filter(([, member]) => member !== undefined);
  return { kind: 'object', entries: present.map(([key, member]) => [key, plainToNode(member, depth + 1)]) };
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function literalToPlain(text: string): unknown {
  switch (text) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'null':
      return null;
    default:
      return Number(text);
  }
}
