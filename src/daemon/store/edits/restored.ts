import { TokenSyncError } from '../../../protocol/errors.ts';
import type { EditChange } from '../../rules/change.ts';
import { getMember, type JsonObject, withMember } from '../json/json-tree.ts';
import { sessionNodes, tokenUsageOf, withoutMark } from '../state-file/document.ts';
import { contentOf, parseContent } from '../state-file/file-content.ts';
import type { View } from '../state-file/view.ts';
import { mergeEdit } from './merge.ts';

/** The part of an older copy of the state file that comes back. */
export interface Restored {
  /** Its figure. */
  readonly used: number;
  /** Its other members, as an edit of the latest state; `undefined` where they are the same. */
  readonly change?: EditChange;
}

/** Members that the ledger decides, or that follow from it. */
const OURS = ['used', 'sessions', 'percentage'];

/** Reads a copy of the state file to go back to; members that it lacks stay. Throws `value_refused` for a text that is no such copy. */
export function restoredFrom(text: string, latest: View, nowMs: number): Restored {
  const parsed = parseContent(contentOf(text));
  const used = parsed && usedIn(parsed);
  if (used === undefined) throw noCopy();
  const copy = withoutMark(parsed!);
  let usage = tokenUsageOf(latest.document);
  for (const [key, value] of tokenUsageOf(copy).entries) if (!OURS.includes(key)) usage = withMember(usage, key, value);
  let theirs = latest.document;
  for (const [key, value] of copy.entries) if (key !== 'last_updated') theirs = withMember(theirs, key, value);
  usage = withMember(usage, 'sessions', { kind: 'array', items: sessionNodes(latest.document) });
  theirs = withMember(theirs, 'token_usage', usage);
  const merged = mergeEdit(
    {
      base: latest,
      theirs,
      ours: latest,
      isSetSince: false,
      isRenewedSince: false,
      standing: () => 'recorded',
      isReading: () => true,
      namelessSince: () => undefined,
    },
    nowMs,
  );
  return { used, ...(!merged.isNothing && { change: merged.change }) };
}

function usedIn(document: JsonObject): number | undefined {
  const node = getMember(tokenUsageOf(document), 'used');
  const used = node?.kind === 'literal' ? Number(node.text) : Number.NaN;
  return Number.isSafeInteger(used) && used >= 0 ? used : undefined;
}

function noCopy(): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    {
      zh: '这不是状态文件的副本：其中没有 token_usage.used',
      en: 'this is no copy of the state file: it has no token_usage.used',
    },
    {
      field: 'content',
      hint: {
        zh: '请选择 architect_monitor.json 的副本，例如 architect_monitor.older-….json',
        en: 'choose a copy of architect_monitor.json, such as architect_monitor.older-….json',
      },
    },
  );
}
