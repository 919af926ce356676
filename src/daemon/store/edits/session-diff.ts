import { parseTimestamp } from '../../../protocol/timestamp.ts';
import type { Pieces } from '../../process/turns.ts';
import type { AddedSession, SessionsPatch } from '../../rules/change.ts';
import { placesAmong } from '../json/json-diff.ts';
import { printJsonLine } from '../json/json-print.ts';
import { getMember, type JsonNode, sameJson, withMember, withoutMember } from '../json/json-tree.ts';
import {
  idOfKey,
  sessionId,
  sessionKey,
  sessionKeys,
  sessionNodes,
  timeOf,
  toldApart,
} from '../state-file/document.ts';
import type { NamelessFate } from '../state-file/nameless.ts';
import type { View } from '../state-file/view.ts';
import { matchSessions, type Placed } from './matched-sessions.ts';

/** A session's standing in the ledger: new; removed from the state file by an edit, so that it may come back; recorded; or recorded and undone. */
export type Standing = 'new' | 'removed' | 'recorded' | 'undone';

/** The part of an edit that its sessions are compared with. */
export interface SessionsEdit {
  readonly base: View;
  readonly ours: View;
  /** The standing of a session's id in the ledger. */
  readonly standing: (id: string) => Standing;
  /** Whether a session of this id was recorded here, so that its `counted` is ours to tell. */
  readonly isReading: (id: string) => boolean;
  /** The fate of a session without an id in the edits since the base; `undefined` where none of them names it. */
  readonly namelessSince: (key: string) => NamelessFate | undefined;
}

/** No session's key. */
const NOWHERE = '';

/** The difference that an edit makes to our sessions. */
export interface SessionsDiff {
  readonly sessions: SessionsPatch;
  /** How many of those that it takes away counted until now. */
  readonly uncounted: number;
  /** The sessions that it brings, by their text. */
  readonly brought: ReadonlyMap<string, JsonNode>;
}

/** Compares the sessions of a file with those that its author had read. */
export function* diffSessions(
  { base: { document }, ours, standing, isReading, namelessSince }: SessionsEdit,
  theirs: readonly JsonNode[] | undefined,
  nowMs: number,
): Pieces<SessionsDiff> {
  const brought = new Map<string, JsonNode>();
  if (theirs === undefined) return { sessions: { removed: [], changed: [], added: [] }, uncounted: 0, brought };
  const base = sessionNodes(document);
  const baseKeys = sessionKeys(base);
  const originals = new Map(baseKeys.map((key, index) => [key, base[index]!]));
  yield;
  const ourSessions = sessionNodes(ours.document);
  const ourKeys = sessionKeys(ourSessions);
  const ourNodes = new Map(ourKeys.map((key, index) => [key, ourSessions[index]!]));
  const isOurs = new Set(ourKeys);
  const nowOf = (key: string) => {
    if (isOurs.has(key) || idOfKey(key) !== undefined) return key;
    const fate = namelessSince(key);
    return fate === undefined ? key : fate.now;
  };
  const plainKeys = theirs.map(sessionKey);
  const keys = toldApart(plainKeys);
  yield;
  const kept = new Set(keys.filter((key) => originals.has(key)));
  const standings = theirs.map((node) => {
    const id = sessionId(node);
    return id === undefined ? 'new' : standing(id);
  });
  yield;
  const rewritten = matchSessions(
    unkept(base, baseKeys, kept),
    unkept(theirs, keys, kept).filter(({ index }) => standings[index] === 'new'),
  );
  for (const [index, original] of rewritten) {
    keys[index] = baseKeys[original.index]!;
    kept.add(keys[index]);
  }
  yield;
  const gone = baseKeys.filter((key) => !kept.has(key)).map((key) => [key, nowOf(key)] as const);
  const goneNow = new Set(gone.map(([, now]) => now));
  const order = ourKeys.filter((key) => !goneNow.has(key));
  const held = new Set(keys.flatMap((key) => (originals.has(key) ? (nowOf(key) ?? []) : [])));
  // Without an id, one may stand in ours under another key, or have fallen off the end.
  const isMissing = (key: string, standing: Standing) => {
    const now = standing === 'new' ? namelessSince(key)?.now : undefined;
    return standing === 'removed' || (standing === 'new' && (now === undefined || goneNow.has(now) || held.has(now)));
  };
  const changed: [string, string][] = [];
  // Rewritten by one and removed by another before: nothing stands under its new key either.
  const unplaced: string[] = [];
  const placed = keys.map((key) => (originals.has(key) ? (nowOf(key) ?? NOWHERE) : key));
  // One that stands in ours already, and not in the base, has its place.
  const beside = placed.map((key, index) => (originals.has(keys[index]!) || !isOurs.has(key) ? key : NOWHERE));
  const isNew = theirs.map(
    (_, index) =>
      !originals.has(keys[index]!) && !isOurs.has(placed[index]!) && isMissing(placed[index]!, standings[index]!),
  );
  yield;
  // From the oldest on, so that each stands before one that is already in place.
  const added = placesAmong(order, beside, (index) => isNew[index]!).map(({ index, before }): AddedSession => {
    const node = theirs[index]!;
    const at = new Date(instantOf(node) ?? nowMs).toISOString();
    const restored = standings[index] === 'removed' ? { restored: true as const } : {};
    // Without an id its text is its key.
    const json = sessionId(node) === undefined ? plainKeys[index]! : printJsonLine(node);
    brought.set(json, node);
    return { json, before, at, ...restored };
  });
  yield;
  for (let index = theirs.length - 1; index >= 0; index--) {
    const node = theirs[index]!;
    const key = placed[index]!;
    const original = originals.get(keys[index]!);
    if (!original || sameJson(original, node)) continue;
    const id = idOfKey(key);
    const isCountOurs = id !== undefined && isReading(id);
    if (isCountOurs && sameJson(withoutCount(original), withoutCount(node))) continue;
    if (key === NOWHERE) unplaced.push(plainKeys[index]!);
    else changed.push([key, printJsonLine(isCountOurs ? withCountOf(node, ourNodes.get(key)) : node)]);
  }
  // Another program adds on top; a session that was added elsewhere has pushed nothing off the end.
  const topmost = keys.findIndex((key, index) => isNew[index] || originals.has(key));
  const bringsOnTop = isNew[topmost] === true;
  const hasGone = gone.filter(([, now]) => now === undefined).map(([key]) => key);
  const goes = gone.flatMap(([, now]) => now ?? []);
  const nowhere = [...hasGone, ...unplaced];
  if (bringsOnTop && hasFallen(baseKeys, kept))
    return { sessions: { removed: nowhere, left: goes, changed, added }, uncounted: 0, brought };
  // A session that another edit or an undo has already taken away is not taken off the count twice.
  const isCounted = (key: string) => !['removed', 'undone'].includes(standing(idOfKey(key)!));
  const uncounted = gone.filter(([key, now]) =>
    idOfKey(key) === undefined ? now !== undefined : isCounted(key),
  ).length;
  return { sessions: { removed: [...goes, ...nowhere], changed, added }, uncounted, brought };
}

/** The sessions of a list that are not among the kept ones. */
function unkept(sessions: readonly JsonNode[], keys: readonly string[], kept: ReadonlySet<string>): Placed[] {
  const oldestKept = keys.findLastIndex((key) => kept.has(key));
  return sessions
    .map((node, index) => ({ node, index, isAtEnd: index > oldestKept }))
    .filter(({ index }) => !kept.has(keys[index]!));
}

/**
 * Whether what a file lacks of its base has only fallen off the end, as when a program adds on top and keeps no more than it
 * used to. Where none of the base is left the list was replaced, which is to take all of it away.
 */
function hasFallen(baseKeys: readonly string[], kept: ReadonlySet<string>): boolean {
  const oldestKept = baseKeys.findLastIndex((key) => kept.has(key));
  const isEnd = baseKeys.slice(0, oldestKept + 1).every((key) => kept.has(key));
  return isEnd && oldestKept !== -1 && oldestKept < baseKeys.length - 1;
}

/** A session without what it counts by now, which later readings change and a program of a fixed schema drops. */
function withoutCount(session: JsonNode): JsonNode {
  return session.kind === 'object' ? withoutMember(session, 'counted') : session;
}

function withCountOf(session: JsonNode, ours: JsonNode | undefined): JsonNode {
  const counted = ours?.kind === 'object' ? getMember(ours, 'counted') : undefined;
  if (session.kind !== 'object' || counted === undefined) return withoutCount(session);
  return withMember(session, 'counted', counted);
}

function instantOf(session: JsonNode): number | undefined {
  return parseTimestamp(timeOf(session));
}
