import { TokenSyncError } from '../../../protocol/errors.ts';
import { isDiskError } from '../../disk/storage-failure.ts';
import type { EditChange } from '../../rules/change.ts';
import type { LedgerIndex } from '../index/ledger-index.ts';
import { parseJson } from '../json/json-parse.ts';
import type { JsonObject } from '../json/json-tree.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { revisionIn } from '../ledger/ledger-line.ts';
import type { Stretch } from '../ledger/stretches.ts';
import { documentLeft, markIn, sessionId, sessionNodes } from '../state-file/document.ts';
import { type View, viewOfLine } from '../state-file/view.ts';
import type { EditViews, LeftView } from './edit-views.ts';

/** The view that an edit is compared with. */
export interface EditBase {
  readonly view: View;
  /** The mark that the file carried, if this ledger gave it. */
  readonly from?: string;
  /** How many edits started from that mark before. `view` is the file as the last of them left it, `marked` as it went out. */
  readonly edits: number;
  readonly marked: View;
  /** The part of the ledger that the base lies in cannot be read; `view` is the latest instead. */
  readonly isUnknown?: true;
}

/** The base of a file without a mark is not sought further back, in revisions: it would cost seconds, and each view some memory. */
const MAX_REBUILT = 2_000;

/**
 * Finds the view that the author of an edit had read: the one whose mark the file carries, from memory or rebuilt from the
 * ledger, or the file as an earlier edit with that mark left it.
 */
export class EditBases {
  readonly #views: EditViews;
  readonly #ledger: Ledger;

  constructor(views: EditViews, ledger: Ledger) {
    this.#views = views;
    this.#ledger = ledger;
  }

  baseOf(file: JsonObject): EditBase {
    try {
      return this.#baseOf(file);
    } catch (error) {
      if (!(error instanceof TokenSyncError || isDiskError(error))) throw error;
      // A damaged part of the ledger keeps nobody from recording.
      const { latest } = this.#views;
      return { view: latest, marked: latest, edits: 0, isUnknown: true };
    }
  }

  #baseOf(file: JsonObject): EditBase {
    const from = markIn(file);
    const marked = from === undefined ? undefined : this.viewAt(from);
    if (from === undefined || !marked) {
      const view = this.#newestWithNewestOf(file) ?? this.#views.latest;
      return { view, marked: view, edits: 0 };
    }
    const left = this.#views.leftFrom(from) ?? this.#rebuiltLeft(from, marked);
    return { view: left?.view ?? marked, from, marked, edits: left?.edits ?? 0 };
  }

  /** The view that went out with this mark; `undefined` for a mark that this ledger never gave. */
  viewAt(mark: string): View | undefined {
    const held = this.#views.at(mark);
    const revision = revisionIn(mark);
    if (held || revision === undefined || revision > this.#views.latest.snapshot.revision) return held;
    for (const stretch of this.#ledger.stretches(revision, revision)) {
      const found = viewsOf(stretch, this.#ledger.index).find((view) => view.mark === mark);
      if (found) return found;
    }
    return undefined;
  }

  #rebuiltLeft(from: string, marked: View): LeftView | undefined {
    const edits = this.#ledger.index.editsFrom(from);
    if (edits.length === 0) return undefined;
    const whole = Math.max(
      0,
      edits.findLastIndex(({ edit }) => edit.left?.document !== undefined),
    );
    const view = edits.slice(whole).reduce((base, { edit, sessionsEnd }) => viewLeft(base, edit, sessionsEnd), marked);
    return { view, edits: edits.length, weight: 0 };
  }

  /** For a file of a program that drops the mark: the newest view whose newest session of ours is also the newest of ours in the file. */
  #newestWithNewestOf(file: JsonObject): View | undefined {
    const { index } = this.#ledger;
    const ownOrdinal = ownOrdinals(index);
    const newest = newestOwn(file, ownOrdinal);
    if (newest === undefined) return undefined;
    // A session that was removed and came back may have become the newest once more, even after later recordings.
    const next = index.sessions.wasAway(newest) ? undefined : nextOnTop(newest, index);
    const to = next === undefined ? this.#views.latest.snapshot.revision : revisionOf(next, index) - 1;
    const from = Math.max(revisionOf(newest, index), to - MAX_REBUILT);
    const [own = ''] = idsFrom(newest, newest + 1, index);
    const isNewestIn = ({ document }: View) =>
      sessionNodes(document).some((node) => sessionId(node) === own) && newestOwn(document, ownOrdinal) === newest;
    const held = this.#views.between(from, to).find(isNewestIn);
    return held ?? (this.#views.reachesTo(from) ? undefined : this.#rebuiltBetween(from, to).find(isNewestIn));
  }

  #rebuiltBetween(from: number, to: number): View[] {
    const isWithin = ({ snapshot }: View) => snapshot.revision >= from && snapshot.revision <= to;
    return [...this.#ledger.stretches(from, to)].flatMap((stretch) =>
      viewsOf(stretch, this.#ledger.index).filter(isWithin).reverse(),
    );
  }
}

/** The file as the author of an adopted edit left it, and goes on from without reading it again. */
function viewLeft(base: View, edit: EditChange, sessionsEnd: number): View {
  const { document, ...figures } = edit.left!;
  return {
    ...base,
    document: document === undefined ? documentLeft(base.document, edit) : (parseJson(document) as JsonObject),
    snapshot: { ...base.snapshot, ...figures },
    sessionsEnd,
  };
}

function viewsOf({ segment, lines }: Stretch, index: LedgerIndex): View[] {
  const views: View[] = [];
  for (const { line, crc, start } of lines) {
    views.push(viewOfLine(views.at(-1), line, crc, index.sessionsUpTo(segment, start)));
  }
  return views;
}

/** Looks up ordinals of sessions of ours by id, reading each once: view after view asks for the same few. */
function ownOrdinals(index: LedgerIndex): (id: string) => number | undefined {
  const known = new Map<string, number | undefined>();
  return (id) => {
    if (known.has(id)) return known.get(id);
    const ordinal = index.ordinalOf(id);
    const own = ordinal === undefined || index.sessions.kindOf(ordinal) === 'foreign' ? undefined : ordinal;
    known.set(id, own);
    return own;
  };
}

function newestOwn(file: JsonObject, ownOrdinal: (id: string) => number | undefined): number | undefined {
  let newest: number | undefined;
  for (const id of sessionNodes(file).map(sessionId)) {
    const ordinal = id === undefined ? undefined : ownOrdinal(id);
    if (ordinal !== undefined && (newest === undefined || ordinal > newest)) newest = ordinal;
  }
  return newest;
}

/** The next reading after an ordinal that was recorded on top of the file and was never taken away, not even for a while. */
function nextOnTop(ordinal: number, { sessions }: LedgerIndex): number | undefined {
  for (let next = ordinal + 1; next < sessions.length; next++) {
    const isOurs = sessions.kindOf(next) !== 'foreign' && !sessions.isDated(next);
    if (isOurs && !sessions.isUndone(next) && !sessions.wasAway(next)) return next;
  }
  return undefined;
}

function revisionOf(ordinal: number, index: LedgerIndex): number {
  const session = index.readOrThrow(ordinal);
  if (session.kind !== 'reading') throw new Error(`session ${ordinal} is no reading of ours`);
  return session.revision;
}

function idsFrom(first: number, end: number, index: LedgerIndex): string[] {
  const ids: string[] = [];
  for (let ordinal = first; ordinal < end; ordinal++) {
    if (index.sessions.kindOf(ordinal) === 'foreign') continue;
    const session = index.readOrThrow(ordinal);
    if (session.kind === 'reading') ids.push(session.reading.id);
  }
  return ids;
}
