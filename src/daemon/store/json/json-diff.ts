import { Chain } from './chain.ts';
import { parseJson } from './json-parse.ts';
import { printJsonLine } from './json-print.ts';
import { type JsonNode, type JsonObject, sameJson } from './json-tree.ts';

/** The changes between two documents, without loss, and as plain JSON so that a ledger can hold them. */
export type JsonPatch = readonly PatchStep[];

/**
 * One change at a path of keys: `set` holds the new value as JSON text (so numbers keep their spelling),
 * `order` the keys of the object at the path in their new order.
 */
export type PatchStep =
  | { readonly path: readonly string[]; readonly set: string }
  | { readonly path: readonly string[]; readonly remove: true }
  | { readonly path: readonly string[]; readonly order: readonly string[] };

/** The members that a comparison leaves out, by their paths of keys, with all that is in them. */
export interface DiffOptions {
  readonly ignore?: readonly (readonly string[])[];
}

/**
 * The steps from `base` to `theirs`: objects member by member, anything else as a whole, the order of members too.
 * No step touches an ignored path on any target: an object above one is only descended into, and what stands in its place
 * counts as an empty object.
 */
export function diffJson(base: JsonObject, theirs: JsonObject, options: DiffOptions = {}): JsonPatch {
  const steps: PatchStep[] = [];
  diffMembers(base, theirs, [], options.ignore ?? [], steps);
  return steps;
}

/**
 * The target with the changes made, whatever it has become since: parents of a set member are made or replaced, a removal
 * or an order of what is no longer there does nothing. Throws only when a `set` is not JSON text, which `diffJson` never writes.
 */
export function applyPatch(target: JsonObject, patch: JsonPatch): JsonObject {
  if (patch.length === 0) return target;
  const root: Draft = new Map(target.entries);
  for (const step of patch) {
    if ('order' in step) reorder(root, step.path, step.order);
    else if ('set' in step) setMember(root, step.path, parseJson(step.set));
    else removeMember(root, step.path);
  }
  return close(root);
}

/**
 * The patch with a place for each member that it brings anew to the target: between those that stand beside it in `theirs`,
 * as far as the target has them.
 */
export function withPlaces(patch: JsonPatch, target: JsonObject, theirs: JsonObject): JsonPatch {
  const steps = [...patch];
  placeMembers(target, applyPatch(target, patch), theirs, [], steps);
  return steps;
}

/** The place of a new item: its index in its own list, and the item of the other list that it comes before; `null` for the end. */
export interface Place {
  readonly index: number;
  readonly before: string | null;
}

/**
 * Places the new items of `others` in a list that lacks them, beside the same neighbours, from the last one on: each before
 * the next that stands in the list or has just come into it, or else behind the one before it.
 */
export function placesAmong(
  list: readonly string[],
  others: readonly string[],
  isNew: (index: number) => boolean,
): Place[] {
  const has = new Set(list);
  const places: Place[] = [];
  let next: string | undefined;
  for (let index = others.length - 1; index >= 0; index--) {
    const other = others[index]!;
    if (isNew(index)) {
      places.push({ index, before: next ?? behindPrevious(list, has, others, index) });
      next = other;
      has.add(other);
    } else if (has.has(other)) next = other;
  }
  return places;
}

/** True when two patches make one and the same change, the order of members aside. */
export function shareStep(one: JsonPatch, other: JsonPatch): boolean {
  const steps = new Set(one.filter((step) => !('order' in step)).map((step) => JSON.stringify(step)));
  return other.some((step) => steps.has(JSON.stringify(step)));
}

const EMPTY: JsonObject = { kind: 'object', entries: [] };

function diffMembers(
  base: JsonObject,
  theirs: JsonObject,
  path: readonly string[],
  ignore: readonly (readonly string[])[],
  steps: PatchStep[],
): void {
  if (base === theirs || ignore.some((ignored) => ignored.length === 0)) return;
  const before = new Map(base.entries);
  const after = new Map(theirs.entries);
  const reached = new Set(before.keys());

  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const inner = ignore.filter((ignored) => ignored[0] === key).map((ignored) => ignored.slice(1));
    const was = before.get(key);
    const is = after.get(key);
    const here = [...path, key];
    if (inner.length > 0) {
      const count = steps.length;
      diffMembers(asObject(was), asObject(is), here, inner, steps);
      if (steps.length > count) reached.add(key);
    } else if (is === undefined) {
      steps.push({ path: here, remove: true });
    } else if (was?.kind === 'object' && is.kind === 'object') {
      diffMembers(was, is, here, inner, steps);
    } else if (was === undefined || !sameJson(was, is)) {
      steps.push({ path: here, set: printJsonLine(is) });
      reached.add(key);
    }
  }

  const wanted = [...after.keys()].filter((key) => reached.has(key));
  if (!isSameList([...reached], arrange([...reached], wanted))) steps.push({ path, order: wanted });
}

function placeMembers(
  before: JsonObject,
  after: JsonObject,
  theirs: JsonObject,
  path: readonly string[],
  steps: PatchStep[],
): void {
  if (before === after) return;
  const was = new Map(before.entries);
  const wanted = new Map(theirs.entries);
  const keys = after.entries.map(([key]) => key);
  const old = keys.filter((key) => was.has(key));
  const others = [...wanted.keys()];
  const isNew = new Set(keys.filter((key) => !was.has(key)));
  const chain = new Chain(old.map((key) => [key, key] as const));
  for (const { index, before: next } of placesAmong(old, others, (index) => isNew.has(others[index]!))) {
    chain.add(others[index]!, others[index]!, next);
  }
  const order = chain.first(Number.POSITIVE_INFINITY);
  if (order.length === keys.length && !isSameList(order, keys)) steps.push({ path, order });
  for (const [key, node] of after.entries) {
    const [one, other] = [was.get(key), wanted.get(key)];
    if (node.kind === 'object' && one?.kind === 'object' && other?.kind === 'object')
      placeMembers(one, node, other, [...path, key], steps);
  }
}

/** Only the last of all needs this: every item above it has a next one. */
function behindPrevious(
  list: readonly string[],
  has: ReadonlySet<string>,
  others: readonly string[],
  index: number,
): string | null {
  const previous = others.findLast((other, at) => at < index && has.has(other));
  return list[previous === undefined ? 0 : list.indexOf(previous) + 1] ?? null;
}

function asObject(node: JsonNode | undefined): JsonObject {
  return node?.kind === 'object' ? node : EMPTY;
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** All wanted keys in their order; a key that is not among them stays behind the one it stood behind. */
function arrange(keys: readonly string[], wanted: readonly string[]): string[] {
  const followers = new Map<string, string[]>(wanted.map((key) => [key, []]));
  const first: string[] = [];
  let group = first;
  for (const key of keys) {
    const own = followers.get(key);
    if (own) group = own;
    else group.push(key);
  }
  return [...first, ...[...followers].flatMap(([key, behind]) => [key, ...behind])];
}

/** An object being changed: only those that steps reach are opened, all others keep their identity and so their printed text. */
type Draft = Map<string, JsonNode | Draft>;

function setMember(root: Draft, path: readonly string[], value: JsonNode): void {
  const key = path.at(-1);
  if (key === undefined) return;
  let draft = root;
  for (const parent of path.slice(0, -1)) draft = openDraft(draft, parent) ?? makeDraft(draft, parent);
  draft.set(key, value);
}

function removeMember(root: Draft, path: readonly string[]): void {
  const key = path.at(-1);
  if (key !== undefined) findDraft(root, path.slice(0, -1))?.delete(key);
}

function reorder(root: Draft, path: readonly string[], order: readonly string[]): void {
  const draft = findDraft(root, path);
  if (!draft) return;
  const members = arrange([...draft.keys()], order).map((key) => [key, draft.get(key)] as const);
  draft.clear();
  for (const [key, member] of members) if (member) draft.set(key, member);
}

function findDraft(root: Draft, path: readonly string[]): Draft | undefined {
  let draft: Draft | undefined = root;
  for (const key of path) draft = draft && openDraft(draft, key);
  return draft;
}

function openDraft(parent: Draft, key: string): Draft | undefined {
  const member = parent.get(key);
  if (member === undefined || member instanceof Map) return member;
  if (member.kind !== 'object') return undefined;
  const draft: Draft = new Map(member.entries);
  parent.set(key, draft);
  return draft;
}

function makeDraft(parent: Draft, key: string): Draft {
  const draft: Draft = new Map();
  parent.set(key, draft);
  return draft;
}

function close(draft: Draft): JsonObject {
  return {
    kind: 'object',
    entries: [...draft].map(([key, member]) => [key, member instanceof Map ? close(member) : member]),
  };
}
