import { sessionId, sessionNodes, tokenUsageOf } from './document.ts';
import { getMember, type JsonObject, withMember } from './json-tree.ts';
import type { LedgerIndex } from './ledger-index.ts';
import type { Start, Views } from './views.ts';

/**
 * Where an edit started whose author read the file before the oldest view that is held, as an editor does that was open
 * for days: the ledger still tells the figures of that time. `undefined` when the file is not that old.
 */
export function staleBaseOf(theirs: JsonObject, views: Views, index: LedgerIndex): Start | undefined {
  const newest = newestOrdinal(theirs, index);
  if (newest === undefined || newest >= (newestOrdinal(views.oldest.document, index) ?? 0)) return undefined;
  const session = index.read(newest);
  if (session?.kind !== 'reading') return undefined;
  const { used, total, timestamp } = session.reading;
  const usage = tokenUsageOf(theirs);
  const shown = getMember(usage, 'used');
  const time = getMember(theirs, 'last_updated');
  const last_updated = time?.kind === 'string' ? time.value : '';
  const isSameUsed = shown?.kind === 'literal' && Number(shown.text) === used;
  if (views.hasTime(last_updated) || (!isSameUsed && last_updated !== timestamp.replace(' ', 'T'))) return undefined;
  const { oldest } = views;
  const items = sessionNodes(theirs).filter((node) => index.ordinalOf(sessionId(node) ?? '') !== undefined);
  let base = withMember(tokenUsageOf(oldest.document), 'sessions', { kind: 'array', items });
  for (const key of ['used', 'total', 'percentage']) base = withMemberOf(usage, key, base);
  const document = withMemberOf(theirs, 'last_updated', withMember(oldest.document, 'token_usage', base));
  return {
    base: { ...oldest, hash: '', document, snapshot: { ...oldest.snapshot, used, total, last_updated } },
    from: oldest,
    setSinceBase: isSetAfter(newest, index),
  };
}

function withMemberOf(source: JsonObject, key: string, target: JsonObject): JsonObject {
  const value = getMember(source, key);
  return value && getMember(target, key) ? withMember(target, key, value) : target;
}

function newestOrdinal(document: JsonObject, index: LedgerIndex): number | undefined {
  let newest: number | undefined;
  for (const node of sessionNodes(document)) {
    const id = sessionId(node);
    const ordinal = id === undefined ? undefined : index.ordinalOf(id);
    if (ordinal !== undefined && ordinal >= (newest ?? 0)) newest = ordinal;
  }
  return newest;
}

function isSetAfter(ordinal: number, { sessions }: LedgerIndex): boolean {
  for (let later = ordinal + 1; later < sessions.length; later++) {
    if (sessions.isUndone(later) || ['manual', 'correction'].includes(sessions.kindOf(later))) return true;
  }
  return false;
}
