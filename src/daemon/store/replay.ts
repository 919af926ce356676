import { toLocalTime } from '../../protocol/timestamp.ts';
import type { LedgerChange } from '../rules/change.ts';
import { EMPTY } from '../rules/snapshot.ts';
import { applyChange, newDocument, sessionId, sessionNodes, tokenUsageOf } from './document.ts';
import { type FileContent, hashOf, parseContent } from './file-content.ts';
import { parseJson } from './json-parse.ts';
import { getMember, type JsonObject, withMember } from './json-tree.ts';
import { isCheckpoint, type LedgerLine } from './ledger-line.ts';
import { type View, viewAfter } from './merge.ts';
import { textOf } from './state-file.ts';
import { Views } from './views.ts';

const NOTHING: JsonObject = { kind: 'object', entries: [] };

/** Rebuilds the last state, and the views before it, from what a ledger gives back at a start. */
export class Replay {
  /** The changes up to the last one without a gap, for subscribers that come back. */
  changes: LedgerChange[] = [];
  #views: Views | undefined;

  add(line: LedgerLine): void {
    if (isCheckpoint(line)) {
      const { view: hash, document, checkpoint: snapshot } = line;
      this.#views = new Views(startView(parseJson(document) as JsonObject, snapshot, hash));
      this.changes = [];
      return;
    }
    // Without its checkpoint a damaged ledger still tells every figure; the state file gives back the rest as an edit.
    this.#views ??= new Views(startView(NOTHING, EMPTY, ''));
    const { document, snapshot } = this.#views.latest;
    if (line.changes[0]!.revision !== snapshot.revision + 1) this.changes = [];
    this.changes.push(...line.changes);
    this.#views.push(viewAfter(line.changes.reduce(applyChange, document), line.changes, line.view));
  }

  /** What was rebuilt, or, where there was nothing, the given view. */
  views(otherwise: View): Views {
    return this.#views ?? new Views(otherwise);
  }
}

/** The state before anything was recorded: that of a new file, or of one that another program made and that is yet to be adopted. */
export function firstView(content: FileContent | undefined, nowMs: number): View {
  const adopted = content && parseContent(content);
  if (adopted) {
    // A file with figures of its own but without a budget has none.
    const total = getMember(adopted, 'token_usage') === undefined ? EMPTY.total : 0;
    return startView(NOTHING, { ...EMPTY, total }, '');
  }
  const snapshot = { ...EMPTY, last_updated: toLocalTime(nowMs) };
  const document = newDocument(snapshot.total, snapshot.last_updated);
  return startView(document, snapshot, hashOf(textOf(document)));
}

/**
 * The latest view of a ledger that was damaged: as the state file has it, when that is what the ledger's last line made,
 * but without the sessions that the ledger has lost, so that the next look at the file brings them back as an edit.
 */
export function mendedView(latest: View, content: FileContent | undefined, isKnownId: (id: string) => boolean): View {
  const found = content?.hash === latest.hash ? parseContent(content!) : undefined;
  if (!found) return latest;
  const nodes = sessionNodes(found);
  const items = nodes.filter((node) => {
    const id = sessionId(node);
    return id === undefined || isKnownId(id);
  });
  const usage = withMember(tokenUsageOf(found), 'sessions', { kind: 'array', items });
  const sessions_count = Math.max(0, latest.snapshot.sessions_count - (nodes.length - items.length));
  return {
    ...latest,
    document: withMember(found, 'token_usage', usage),
    snapshot: { ...latest.snapshot, sessions_count },
  };
}

function startView(document: JsonObject, snapshot: View['snapshot'], hash: string): View {
  return { hash, document, snapshot, cause: 'start', isAbsolute: true, weight: 0 };
}
