import { MAX_TOKENS } from '../../../protocol/limits.ts';
import { toLocalTime } from '../../../protocol/timestamp.ts';
import { formatTokens } from '../../../protocol/token-value.ts';
import { atOnce, type Pieces } from '../../process/turns.ts';
import type { EditChange, LeftFile, SessionsPatch } from '../../rules/change.ts';
import type { Snapshot } from '../../rules/snapshot.ts';
import { diffJson, type JsonPatch, withPlaces } from '../json/json-diff.ts';
import { printJsonLine } from '../json/json-print.ts';
import { getMember, type JsonNode, type JsonObject, withMember } from '../json/json-tree.ts';
import { sessionNodes, tokenUsageOf } from '../state-file/document.ts';
import type { Problem } from '../state-file/problem.ts';
import type { View } from '../state-file/view.ts';
import { diffSessions, type SessionsEdit } from './session-diff.ts';

/** The three sides of an edit: the file that its author started from, the file that they left, and ours by now. */
export interface Edit extends SessionsEdit {
  /** Without its mark. */
  readonly theirs: JsonObject;
  /** True when `used` was set to a total between `base` and `ours`. */
  readonly isSetSince: boolean;
  /** True when the budget began anew between them: then only what was added since is taken over. */
  readonly isRenewedSince: boolean;
}

/** The result of a merge; `problems` names the parts that were not taken over. */
export interface MergedEdit {
  readonly change: EditChange;
  readonly problems: readonly Problem[];
  /** The file as its author left it, and goes on from until they read ours. */
  readonly left: LeftFile;
  /** The sessions that it brings, by their text. */
  readonly brought: ReadonlyMap<string, JsonNode>;
  /** The edit changes nothing that can be taken over; a file that merely holds fewer sessions changes nothing. */
  readonly isNothing: boolean;
}

/** Carries an edit over to our latest state: both the person's change and the recordings since hold. */
export function mergeEdit(edit: Edit, nowMs: number): MergedEdit {
  return atOnce(mergePieces(edit, nowMs));
}

/** The same with stops, for an edit that may bring sessions by the thousand. */
export function* mergePieces(edit: Edit, nowMs: number): Pieces<MergedEdit> {
  const { base, theirs, ours, isSetSince, isRenewedSince } = edit;
  const problems: Problem[] = [];
  const usable = usableOf(theirs, base.document, problems);
  const { sessions, uncounted, brought } = yield* diffSessions(edit, usable.sessions, nowMs);
  yield;
  const changes = diffJson(base.document, usable.document);
  const patch = withPlaces(changes, ours.document, usable.document);
  const { snapshot } = ours;
  const time = getMember(theirs, 'last_updated');
  const left = {
    used: figure(usable.usage, 'used', base.snapshot.used, problems),
    total: figure(usable.usage, 'total', base.snapshot.total, problems),
    last_updated: time?.kind === 'string' ? time.value : '',
  };
  const isSet = isSetSince || (isRenewedSince && left.used < base.snapshot.used);
  const used = mergedUsed(base.snapshot.used, left.used, snapshot.used, isSet);
  if (used === undefined) problems.push(setSince(left.used, snapshot.used));
  return {
    problems,
    left,
    brought,
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

/** `undefined` where a total was recorded since the edit's start, and the edit says another. */
function mergedUsed(base: number, theirs: number, ours: number, isSetSince: boolean): number | undefined {
  if (theirs === base) return ours;
  if (ours === base) return theirs;
  if (isSetSince) return theirs === ours ? ours : undefined;
  // Amounts that were only added since are added to the edit too.
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
  // Other programs write `null` when they have no budget; that does not remove ours.
  if (isNull && key === 'total') return otherwise;
  const value = node.kind === 'literal' && !isNull ? Number(node.text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  problems.push(wrongType(`token_usage.${key}`, 'whole number', node));
  return otherwise;
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
