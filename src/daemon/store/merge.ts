import { MAX_TOKENS } from '../../protocol/fields.ts';
import { parseTimestamp, toLocalTime } from '../../protocol/timestamp.ts';
import { formatTokens } from '../../protocol/token-value.ts';
import type { AddedSession, EditChange, LeftFile, SessionsPatch } from '../rules/change.ts';
import type { Snapshot } from '../rules/snapshot.ts';
import { idOfKey, sessionId, sessionKey, sessionKeys, sessionNodes, timeOf, tokenUsageOf } from './document.ts';
import { diffJson, type JsonPatch, placeAmong, withPlaces } from './json-diff.ts';
import { printJsonLine } from './json-print.ts';
import { getMember, type JsonNode, type JsonObject, sameJson, withMember } from './json-tree.ts';
import type { NamelessFate } from './nameless.ts';
import { type Placed, pairRewritten } from './rewritten.ts';
import type { Problem } from './store-warnings.ts';
import type { View } from './view.ts';

/** An edit, three ways: what the person started from, what they left, and what we have by now. */
export interface Edit {
  readonly base: View;
  /** Without its mark. */
  readonly theirs: JsonObject;
  readonly ours: View;
  /** True when `used` was set to a total between `base` and `ours`. */
  readonly isSetSince: boolean;
  /** What the ledger knows of a session's id. */
  readonly standing: (id: string) => Standing;
  /** What edits since the base made of a session without an id; `undefined` where none of them names it. */
  readonly namelessSince: (key: string) => NamelessFate | undefined;
}

/** New to the ledger; removed from the state file by an edit, so that it may come back; recorded, so that it is no new session; or that, and undone. */
export type Standing = 'new' | 'removed' | 'recorded' | 'undone';

/** What an edit comes to; `problems` names what was not taken over. */
export interface MergedEdit {
  readonly change: EditChange;
  readonly problems: readonly Problem[];
  /** The file as its author left it, and goes on from until they read ours. */
  readonly left: LeftFile;
  /** Nothing was changed that can be taken over; that the file holds fewer of the sessions alone is nothing. */
  readonly isNothing: boolean;
}

/** Carries an edit over to what we have by now: both the person's change and the recordings since hold. */
export function mergeEdit(edit: Edit, nowMs: number): MergedEdit {
  const { base, theirs, ours, isSetSince } = edit;
  const problems: Problem[] = [];
  const usable = usableOf(theirs, base.document, problems);
  const { sessions, uncounted } = diffSessions(edit, usable.sessions, nowMs);
  const changes = diffJson(base.document, usable.document);
  const patch = withPlaces(changes, ours.document, usable.document);
  const { snapshot } = ours;
  const time = getMember(theirs, 'last_updated');
  const left = {
    used: figure(usable.usage, 'used', base.snapshot.used, problems),
    total: figure(usable.usage, 'total', base.snapshot.total, problems),
    last_updated: time?.kind === 'string' ? time.value : '',
  };
  const used = mergedUsed(base.snapshot.used, left.used, snapshot.used, isSetSince);
  if (used === undefined) problems.push(setSince(left.used, snapshot.used));
  return {
    problems,
    left,
    isNothing: isNothing(base.snapshot, left, changes, sessions),
    change: {
      kind: 'edit',
      revision: snapshot.revision + 1,
      used: used ?? snapshot.used,
      total: left.total === base.snapshot.total ? snapshot.total : left.total,
      sessions_count: Math.max(0, snapshot.sessions_count + sessions.added.length - uncounted),
      last_updated: mergedTime(base, theirs, snapshot.last_updated) || toLocalTime(nowMs),
      committed_at: new Date(nowMs).toISOString(),
      meter: 'main',
      source: 'edit',
      patch,
      sessions,
    },
  };
}

function isNothing(
  base: Snapshot,
  left: LeftFile,
  patch: JsonPatch,
  { removed, changed, added }: SessionsPatch,
): boolean {
  if (patch.length + removed.length + changed.length + added.length > 0) return false;
  return left.used === base.used && left.total === base.total;
}

/** `undefined` where a total recorded since the edit's start says what `used` is now, and the edit says another. */
function mergedUsed(base: number, theirs: number, ours: number, isSetSince: boolean): number | undefined {
  if (theirs === base) return ours;
  if (ours === base) return theirs;
  if (isSetSince) return theirs === ours ? ours : undefined;
  // What was only added since is added to the edit too.
  return Math.min(MAX_TOKENS, Math.max(0, theirs + ours - base));
}

function mergedTime(base: View, theirs: JsonObject, ours: string): string {
  const edited = getMember(theirs, 'last_updated');
  const isTheirs = edited?.kind === 'string' && edited.value !== base.snapshot.last_updated;
  return isTheirs && ours === base.snapshot.last_updated ? edited.value : ours;
}

interface Usable {
  /** The file with our part as the base has it wherever theirs cannot be taken over; its sessions are the base's. */
  readonly document: JsonObject;
  readonly usage: JsonObject;
  /** `undefined` where the file has none, which takes none away. */
  readonly sessions: readonly JsonNode[] | undefined;
}

function usableOf(theirs: JsonObject, base: JsonObject, problems: Problem[]): Usable {
  const usage = getMember(theirs, 'token_usage');
  const baseUsage = getMember(base, 'token_usage');
  if (usage?.kind !== 'object') {
    if (usage !== undefined) problems.push(wrongType('token_usage', 'object', usage));
    const document = baseUsage ? withMember(theirs, 'token_usage', baseUsage) : theirs;
    return { document, usage: tokenUsageOf(base), sessions: undefined };
  }
  const sessions = getMember(usage, 'sessions');
  if (sessions !== undefined && sessions.kind !== 'array')
    problems.push(wrongType('token_usage.sessions', 'array', sessions));
  // Sessions are compared one by one; here only the place of the member counts.
  const baseSessions: JsonNode = { kind: 'array', items: sessionNodes(base) };
  return {
    document: withMember(theirs, 'token_usage', withMember(usage, 'sessions', baseSessions)),
    usage,
    sessions: sessions?.kind === 'array' ? sessions.items : undefined,
  };
}

function figure(usage: JsonObject, key: string, otherwise: number, problems: Problem[]): number {
  const node = getMember(usage, key);
  if (node === undefined) return otherwise;
  const isNull = node.kind === 'literal' && node.text === 'null';
  // So other programs write that they have no budget; ours is written over no such word of theirs.
  if (isNull && key === 'total') return otherwise;
  const value = node.kind === 'literal' && !isNull ? Number(node.text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  problems.push(wrongType(`token_usage.${key}`, 'whole number', node));
  return otherwise;
}

/** No session's key. */
const NOWHERE = '';

/** What an edit does to our sessions, and how many of those that it takes away counted until now. */
function diffSessions(
  { base: { document }, ours, standing, namelessSince }: Edit,
  theirs: readonly JsonNode[] | undefined,
  nowMs: number,
): { readonly sessions: SessionsPatch; readonly uncounted: number } {
  if (theirs === undefined) return { sessions: { removed: [], changed: [], added: [] }, uncounted: 0 };
  const base = sessionNodes(document);
  const baseKeys = sessionKeys(base);
  const originals = new Map(baseKeys.map((key, index) => [key, base[index]!]));
  const ourKeys = sessionKeys(sessionNodes(ours.document));
  const isOurs = new Set(ourKeys);
  const nowOf = (key: string) => {
    if (isOurs.has(key) || idOfKey(key) !== undefined) return key;
    const fate = namelessSince(key);
    return fate === undefined ? key : fate.now;
  };
  const keys = sessionKeys(theirs);
  const kept = new Set(keys.filter((key) => originals.has(key)));
  const standings = theirs.map((node) => {
    const id = sessionId(node);
    return id === undefined ? 'new' : standing(id);
  });
  const rewritten = pairRewritten(
    unkept(base, baseKeys, kept),
    unkept(theirs, keys, kept).filter(({ index }) => standings[index] === 'new'),
  );
  for (const [index, original] of rewritten) {
    keys[index] = baseKeys[original.index]!;
    kept.add(keys[index]);
  }
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
  // Of the one below, when that is new too.
  let place: number | undefined;
  const added: AddedSession[] = [];
  // What another program adds stands on top; what stands elsewhere has pushed nothing off the end.
  let bringsOnTop = false;
  // From the oldest on, so that each stands before one that is already in place.
  for (let index = theirs.length - 1; index >= 0; index--) {
    const node = theirs[index]!;
    const key = placed[index]!;
    const original = originals.get(keys[index]!);
    if (original) {
      bringsOnTop = false;
      place = undefined;
      if (sameJson(original, node)) continue;
      if (key === NOWHERE) unplaced.push(sessionKey(node));
      else changed.push([key, printJsonLine(node)]);
    } else if (!isOurs.has(key) && isMissing(key, standings[index]!)) {
      bringsOnTop = true;
      const at = new Date(instantOf(node) ?? nowMs).toISOString();
      const restored = standings[index] === 'removed' ? { restored: true as const } : {};
      place ??= placeAmong(order, index, beside);
      added.push({ json: printJsonLine(node), before: order[place] ?? null, at, ...restored });
      order.splice(place, 0, key);
    }
  }
  const hasGone = gone.filter(([, now]) => now === undefined).map(([key]) => key);
  const goes = gone.flatMap(([, now]) => now ?? []);
  const nowhere = [...hasGone, ...unplaced];
  if (bringsOnTop && hasFallen(baseKeys, kept))
    return { sessions: { removed: nowhere, left: goes, changed, added }, uncounted: 0 };
  // What another edit or an undo has taken away already is not taken off the count again.
  const isCounted = (key: string) => !['removed', 'undone'].includes(standing(idOfKey(key)!));
  const uncounted = gone.filter(([key, now]) =>
    idOfKey(key) === undefined ? now !== undefined : isCounted(key),
  ).length;
  return { sessions: { removed: [...goes, ...nowhere], changed, added }, uncounted };
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

function instantOf(session: JsonNode): number | undefined {
  return parseTimestamp(timeOf(session));
}

function setSince(theirs: number, ours: number): Problem {
  return {
    zh: `状态文件被改为已用 ${formatTokens(theirs)}，但其间记录的总数为 ${formatTokens(ours)}，已保留后者`,
    en: `the state file was edited to ${formatTokens(theirs)} used, but ${formatTokens(ours)} was recorded as the total meanwhile, and stands`,
    lost: `used ${theirs}`,
  };
}

function wrongType(field: string, wanted: 'object' | 'array' | 'whole number', found: JsonNode): Problem {
  const zh = { object: '对象', array: '数组', 'whole number': '非负整数' }[wanted];
  return {
    zh: `状态文件中的 ${field} 应为${zh}，已保留原值`,
    en: `${field} in the state file should be ${wanted === 'whole number' ? 'a' : 'an'} ${wanted}; our value was kept`,
    lost: `${field} ${printJsonLine(found)}`,
  };
}
