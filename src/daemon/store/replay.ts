import { toLocalTime } from '../../protocol/timestamp.ts';
import type { LedgerChange } from '../rules/change.ts';
import { EMPTY } from '../rules/snapshot.ts';
import { EditViews } from './edits/edit-views.ts';
import { getMember, type JsonObject, withMember } from './json/json-tree.ts';
import { isCheckpoint } from './ledger/ledger-line.ts';
import type { ScannedLine } from './ledger/ledger-scan.ts';
import { markInBatch } from './ledger/marks.ts';
import { newDocument, sessionId, sessionNodes, tokenUsageOf, withoutMark } from './state-file/document.ts';
import { type FileContent, hashOf, parseContent } from './state-file/file-content.ts';
import { textOf } from './state-file/state-file.ts';
import { textOfView, type View, viewOfLine } from './state-file/view.ts';

/** Rebuilds the last state, and the views before it, from what a ledger gives back at a start. */
export class Replay {
  /** The changes up to the last one without a gap, each with its mark, for subscribers that come back. */
  changes: { readonly change: LedgerChange; readonly mark: string }[] = [];
  /** The state that they started from, where a checkpoint tells it. */
  start: View | undefined;
  #views: EditViews | undefined;
  #taken: readonly string[] = [];

  add({ line, crc }: ScannedLine): void {
    const before = this.#views?.latest;
    const view = viewOfLine(before, line, crc);
    if (isCheckpoint(line)) {
      this.#views = new EditViews(view);
      this.start = view;
      this.changes = [];
      return;
    }
    if (line.changes[0]!.revision !== (before?.snapshot ?? EMPTY).revision + 1) this.changes = [];
    for (const change of line.changes) this.changes.push({ change, mark: markInBatch(change.revision, view.mark) });
    this.#taken = line.changes.flatMap((change) => (change.kind === 'edit' ? (change.taken ?? []) : []));
    if (this.#views) this.#views.push(view);
    else this.#views = new EditViews(view);
  }

  /** Hashes of the contents that a crash may have left in the place of the last state: the view before it, and an edit that was just taken. */
  get crashLeft(): string[] {
    const previous = this.#views?.previous;
    return [...(previous ? [hashOf(textOfView(previous))] : []), ...this.#taken];
  }

  /** The rebuilt views, or the given one where there was nothing to rebuild. */
  views(otherwise: View): EditViews {
    return this.#views ?? new EditViews(otherwise);
  }
}

/** The state before anything was recorded: that of a new file, or of one that another program made and that is yet to be adopted. */
export function firstView(content: FileContent | undefined, nowMs: number): View {
  const adopted = content && parseContent(content);
  if (adopted) {
    // A file with figures of its own but without a budget has none.
    const total = getMember(adopted, 'token_usage') === undefined ? EMPTY.total : 0;
    return startView({ kind: 'object', entries: [] }, { ...EMPTY, total });
  }
  const snapshot = { ...EMPTY, last_updated: toLocalTime(nowMs) };
  return startView(newDocument(snapshot.total, snapshot.last_updated), snapshot);
}

/**
 * The latest view of a ledger that was damaged: as the state file has it, when that is what the ledger's last line made,
 * but without the sessions that the ledger has lost, so that the next look at the file brings them back as an edit.
 */
export function mendedView(
  latest: View,
  content: FileContent | undefined,
  known: (ids: ReadonlySet<string>) => ReadonlySet<string>,
): View {
  const parsed = content && parseContent(content);
  const found = parsed && withoutMark(parsed);
  if (!found || hashOf(textOf(found)) !== latest.hash) return latest;
  const nodes = sessionNodes(found);
  const isKnown = known(new Set(nodes.map(sessionId).filter((id) => id !== undefined)));
  const items = nodes.filter((node) => {
    const id = sessionId(node);
    return id === undefined || isKnown.has(id);
  });
  const document = withMember(
    found,
    'token_usage',
    withMember(tokenUsageOf(found), 'sessions', { kind: 'array', items }),
  );
  const sessions_count = Math.max(0, latest.snapshot.sessions_count - (nodes.length - items.length));
  return {
    ...latest,
    document,
    // A hash of its own: a start after a crash must not take the file without the lost sessions for the one that has them.
    hash: hashOf(textOf(document)),
    snapshot: { ...latest.snapshot, sessions_count },
  };
}

function startView(document: JsonObject, snapshot: View['snapshot']): View {
  return { mark: '', document, hash: hashOf(textOf(document)), snapshot, weight: 0 };
}
