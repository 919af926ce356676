import type { Session } from '../../../protocol/methods.ts';
import {
  type EditChange,
  type LedgerChange,
  type RecountedReading,
  type SessionsPatch,
  sessionOf,
} from '../../rules/change.ts';
import { percentOf } from '../../rules/snapshot.ts';
import { Chain } from '../json/chain.ts';
import { applyPatch, type JsonPatch } from '../json/json-diff.ts';
import { parseJson } from '../json/json-parse.ts';
import { printJsonLine } from '../json/json-print.ts';
import {
  getMember,
  type JsonNode,
  type JsonObject,
  toJsonNode,
  toPlain,
  withMember,
  withoutMember,
} from '../json/json-tree.ts';

/** The state file holds the latest sessions only; the ledger holds them all. */
export const MAX_SESSIONS = 100;

const NOTHING: JsonObject = { kind: 'object', entries: [] };

/** A new state file's content. */
export function newDocument(total: number, lastUpdated: string): JsonObject {
  return toJsonNode({ token_usage: { used: 0, total, sessions: [] }, last_updated: lastUpdated }) as JsonObject;
}

/** The state file's content after a change; foreign members stay as they are. */
export function applyChange(document: JsonObject, change: LedgerChange): JsonObject {
  const patched = change.kind === 'edit' ? applyPatch(document, change.patch as JsonPatch) : document;
  const { used, total } = change;
  let usage = tokenUsageOf(patched);
  usage = withMember(usage, 'used', number(used));
  if (total > 0) usage = withMember(usage, 'total', number(total));
  usage = withCurrentPercentage(usage, percentOf(used, total, 1));
  // Not the patched ones: an edit of the sessions comes one by one, and a patch may bring their member back empty.
  usage = withMember(usage, 'sessions', { kind: 'array', items: sessionsAfter(sessionNodes(document), change) });
  const whole = withMember(patched, 'token_usage', usage);
  return change.last_updated === '' ? whole : withMember(whole, 'last_updated', string(change.last_updated));
}

/** The mark that a state file carries in `token_usage`, if it has one. */
export function markIn(document: JsonObject): string | undefined {
  const mark = getMember(tokenUsageOf(document), 'mark');
  return mark?.kind === 'string' ? mark.value : undefined;
}

/** The document as it lies in the file: with its mark, behind the figures. */
export function withMark(document: JsonObject, mark: string): JsonObject {
  const { entries } = tokenUsageOf(document);
  const figures = entries.findLastIndex(([key]) => key === 'used' || key === 'total');
  const usage = entries.toSpliced(figures + 1, 0, ['mark', string(mark)]);
  return withMember(document, 'token_usage', { kind: 'object', entries: usage });
}

/** The document without the mark that it carries, as views hold it. */
export function withoutMark(document: JsonObject): JsonObject {
  const usage = tokenUsageOf(document);
  const rest = withoutMember(usage, 'mark');
  return rest === usage ? document : withMember(document, 'token_usage', rest);
}

/** A file as the author of an edit left it, from the one that they had read; `nodeOf` gives a session of the edit by its text. */
export function documentLeft(
  base: JsonObject,
  { patch, sessions, left }: EditChange,
  nodeOf: (json: string) => JsonNode = parseJson,
): JsonObject {
  const patched = applyPatch(base, patch as JsonPatch);
  let usage = tokenUsageOf(patched);
  if (left)
    for (const key of ['used', 'total'] as const) {
      const was = getMember(usage, key);
      if (was?.kind === 'literal' && Number(was.text) !== left[key]) usage = withMember(usage, key, number(left[key]));
    }
  usage = withMember(usage, 'sessions', { kind: 'array', items: patchSessions(sessionNodes(base), sessions, nodeOf) });
  const whole = withMember(patched, 'token_usage', usage);
  return getMember(whole, 'last_updated') === undefined || !left
    ? whole
    : withMember(whole, 'last_updated', string(left.last_updated));
}

/** `token_usage` of a state file; empty where there is none. */
export function tokenUsageOf(document: JsonObject): JsonObject {
  const usage = getMember(document, 'token_usage');
  return usage?.kind === 'object' ? usage : NOTHING;
}

/** The sessions of a state file, newest first. */
export function sessionNodes(document: JsonObject): readonly JsonNode[] {
  const sessions = getMember(tokenUsageOf(document), 'sessions');
  return sessions?.kind === 'array' ? sessions.items : [];
}

/** The sessions of a state file as plain values, without items of other programs that are no objects, such as `null`. */
export function plainSessions(document: JsonObject): Session[] {
  return sessionNodes(document)
    .filter(({ kind }) => kind === 'object')
    .map((node) => toPlain(node) as Session);
}

/** The key that identifies a session: its id, or its whole content where it has none. */
export function sessionKey(node: JsonNode): string {
  const id = sessionId(node);
  return id === undefined ? printJsonLine(node) : keyOfId(id);
}

/** The id in a key, if it holds one. */
export function idOfKey(key: string): string | undefined {
  return key.startsWith('#') ? key.slice(1) : undefined;
}

/** The key of each session; equal ones are told apart by their count from the oldest, because new ones come on top. */
export function sessionKeys(sessions: readonly JsonNode[]): string[] {
  return toldApart(sessions.map(sessionKey));
}

/** The keys of sessions from their plain keys, as `sessionKey` gave them. */
export function toldApart(keys: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return keys
    .toReversed()
    .map((key) => {
      const count = counts.get(key) ?? 0;
      counts.set(key, count + 1);
      return count === 0 ? key : `${key}~${count}`;
    })
    .reverse();
}

/** The id of a session, if it has one. */
export function sessionId(node: JsonNode): string | undefined {
  const id = node.kind === 'object' ? getMember(node, 'id') : undefined;
  return id?.kind === 'string' && id.value !== '' ? id.value : undefined;
}

function sessionsAfter(sessions: readonly JsonNode[], change: LedgerChange): readonly JsonNode[] {
  switch (change.kind) {
    case 'reading':
      return withSession(
        recounted(without(sessions, change.in_place_of), change.touched),
        toJsonNode(sessionOf(change.reading)),
        change.reading.dated === true,
      );
    case 'import':
      return change.readings.reduce<readonly JsonNode[]>(
        (list, reading) => withSession(list, toJsonNode(sessionOf(reading)), reading.dated === true),
        sessions,
      );
    case 'undo': {
      const rest = recounted(without(sessions, change.undone), change.touched);
      return change.backfill === undefined ? rest : [...rest, parseJson(change.backfill)].slice(0, MAX_SESSIONS);
    }
    case 'edit':
      return patchSessions(sessions, change.sessions, parseJson, MAX_SESSIONS);
    case 'total':
      return sessions;
  }
}

function without(sessions: readonly JsonNode[], id: string | undefined): readonly JsonNode[] {
  return id === undefined ? sessions : sessions.filter((node) => sessionId(node) !== id);
}

/** The sessions with a `counted` member where they count something else than their increment by now. */
function recounted(sessions: readonly JsonNode[], touched: readonly RecountedReading[] = []): readonly JsonNode[] {
  if (touched.length === 0) return sessions;
  const countedBy = new Map(touched.map(({ id, counted }) => [id, counted]));
  return sessions.map((node) => {
    const id = sessionId(node);
    const counted = id === undefined ? undefined : countedBy.get(id);
    if (counted === undefined || node.kind !== 'object') return node;
    const tokens = getMember(node, 'tokens');
    const isIncrement = tokens?.kind === 'literal' && Number(tokens.text) === counted;
    return isIncrement ? withoutMember(node, 'counted') : withMember(node, 'counted', number(counted));
  });
}

/** Newest first: a reading of now is on top, whatever the clock says; a dated one goes where its time belongs. */
function withSession(sessions: readonly JsonNode[], session: JsonNode, isDated: boolean): readonly JsonNode[] {
  const time = timeOf(session);
  const older = isDated ? sessions.findIndex((other) => timeOf(other) <= time) : 0;
  const at = older === -1 ? sessions.length : older;
  if (at >= MAX_SESSIONS) return sessions;
  return [...sessions.slice(0, at), session, ...sessions.slice(at, MAX_SESSIONS - 1)];
}

/** The local time of a session as text, which sorts as time does; other programs call it `start_time`. */
export function timeOf(session: JsonNode): string {
  if (session.kind !== 'object') return '';
  const time = getMember(session, 'timestamp') ?? getMember(session, 'start_time');
  return time?.kind === 'string' ? time.value.replace('T', ' ') : '';
}

/** The sessions after an edit; of those that it brings only the ones among the newest `most` are built. */
function patchSessions(
  sessions: readonly JsonNode[],
  { removed, left = [], changed, added }: SessionsPatch,
  nodeOf: (json: string) => JsonNode,
  most = Number.POSITIVE_INFINITY,
): JsonNode[] {
  const gone = new Set([...removed, ...left]);
  const texts = new Map(changed);
  const keys = sessionKeys(sessions);
  const chain = new Chain<JsonNode | string>(
    sessions.flatMap((node, index) => {
      const key = keys[index]!;
      return gone.has(key) ? [] : [[key, texts.get(key) ?? node] as const];
    }),
  );
  for (const { json, before } of added) chain.add(keyOfText(json), json, before);
  return chain.first(most).map((session) => (typeof session === 'string' ? nodeOf(session) : session));
}

/** The key of a session by its text as `printJsonLine` writes it, for a fraction of what its tree costs. */
function keyOfText(json: string): string {
  const { id } = Object(JSON.parse(json)) as { readonly id?: unknown };
  return typeof id === 'string' && id !== '' ? keyOfId(id) : json;
}

function keyOfId(id: string): string {
  return `#${id}`;
}

function withCurrentPercentage(usage: JsonObject, percent: number): JsonObject {
  const percentage = getMember(usage, 'percentage');
  if (percentage?.kind !== 'literal' || Number(percentage.text) === percent) return usage;
  return withMember(usage, 'percentage', { kind: 'literal', text: percent.toFixed(1) });
}

function number(value: number): JsonNode {
  return { kind: 'literal', text: String(value) };
}

function string(value: string): JsonNode {
  return { kind: 'string', value };
}
