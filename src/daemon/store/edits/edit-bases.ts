import { TokenSyncError } from '../../../protocol/errors.ts';
import { isDiskError } from '../../disk/storage-failure.ts';
import type { EditChange } from '../../rules/change.ts';
import type { HistoryIndex } from '../index/history-index.ts';
import type { RecordedPlace } from '../index/reading/found-sessions.ts';
import type { Lookups } from '../index/reading/lookups.ts';
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
  /** Up to which all that was recorded is settled with the author of `view`: its own, or that of the edit that left it. */
  readonly revision: number;
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
  readonly #history: HistoryIndex;

  constructor(views: EditViews, ledger: Ledger, history: HistoryIndex) {
    this.#views = views;
    this.#ledger = ledger;
    this.#history = history;
  }

  baseOf(file: JsonObject): EditBase {
    try {
      return this.#baseOf(file);
    } catch (error) {
      if (!(error instanceof TokenSyncError || isDiskError(error))) throw error;
      // A damaged part of the ledger keeps nobody from recording.
      const { latest } = this.#views;
      return { ...unedited(latest), isUnknown: true };
    }
  }

  #baseOf(file: JsonObject): EditBase {
    const from = markIn(file);
    const marked = from === undefined ? undefined : this.viewAt(from);
    if (from === undefined || !marked) return unedited(this.#newestWithNewestOf(file) ?? this.#views.latest);
    const left = this.#views.leftFrom(from) ?? this.#rebuiltLeft(from, marked);
    const { view, revision, edits } = left ?? unedited(marked);
    return { view, from, edits, marked, revision };
  }

  /** The view that went out with this mark; `undefined` for a mark that this ledger never gave. */
  viewAt(mark: string): View | undefined {
    const held = this.#views.at(mark);
    const revision = revisionIn(mark);
    if (held || revision === undefined || revision > this.#views.latest.snapshot.revision) return held;
    for (const stretch of this.#ledger.stretches(revision, revision)) {
      const found = viewsOf(stretch).find((view) => view.mark === mark);
      if (found) return found;
    }
    return undefined;
  }

  #rebuiltLeft(from: string, marked: View): LeftView | undefined {
    const edits = this.#history.recorded.editsFrom(from);
    if (edits.length === 0) return undefined;
    const whole = Math.max(
      0,
      edits.findLastIndex(({ left }) => left?.document !== undefined),
    );
    const view = edits.slice(whole).reduce(viewLeft, marked);
    return { view, revision: edits.at(-1)!.revision, edits: edits.length, weight: 0 };
  }

  /** For a file of a program that drops the mark: the newest view whose newest session of ours is also the newest of ours in the file. */
  #newestWithNewestOf(file: JsonObject): View | undefined {
    const { recorded } = this.#history;
    const places = new RecordedPlaces(recorded);
    const newest = places.newestIn(file);
    if (!newest) return undefined;
    // A session that was removed and came back may have become the newest once more, even after later recordings.
    const next = newest.wasAway ? undefined : recorded.nextOnTop(newest.ordinal);
    const to = next === undefined ? this.#views.latest.snapshot.revision : next - 1;
    const from = Math.max(newest.revision, to - MAX_REBUILT);
    const isNewestIn = ({ document }: View) => places.newestIn(document)?.id === newest.id;
    const held = this.#views.between(from, to).find(isNewestIn);
    return held ?? (this.#views.reachesTo(from) ? undefined : this.#rebuiltBetween(from, to).find(isNewestIn));
  }

  #rebuiltBetween(from: number, to: number): View[] {
    const isWithin = ({ snapshot }: View) => snapshot.revision >= from && snapshot.revision <= to;
    return [...this.#ledger.stretches(from, to)].flatMap((stretch) => viewsOf(stretch).filter(isWithin).reverse());
  }
}

/** The base of an edit whose author has started from a view of ours. */
function unedited(view: View): EditBase {
  return { view, marked: view, revision: view.snapshot.revision, edits: 0 };
}

/** The file as the author of an adopted edit left it, and goes on from without reading it again. */
function viewLeft(base: View, edit: EditChange): View {
  const { document, ...figures } = edit.left!;
  return {
    ...base,
    document: document === undefined ? documentLeft(base.document, edit) : (parseJson(document) as JsonObject),
    snapshot: { ...base.snapshot, ...figures },
  };
}

function viewsOf({ lines }: Stretch): View[] {
  const views: View[] = [];
  for (const { line, crc } of lines) views.push(viewOfLine(views.at(-1), line, crc));
  return views;
}

/** Where readings of ours stand in the ledger, each looked up once: view after view asks for the same few. */
class RecordedPlaces {
  readonly #recorded: Lookups;
  readonly #known = new Map<string, RecordedPlace | undefined>();

  constructor(recorded: Lookups) {
    this.#recorded = recorded;
  }

  /** The reading in a file that was recorded last. */
  newestIn(file: JsonObject): (RecordedPlace & { readonly id: string }) | undefined {
    let newest: (RecordedPlace & { readonly id: string }) | undefined;
    for (const id of sessionNodes(file).map(sessionId)) {
      const place = id === undefined ? undefined : this.#placeOf(id);
      if (id !== undefined && place && (!newest || place.ordinal > newest.ordinal)) newest = { ...place, id };
    }
    return newest;
  }

  #placeOf(id: string): RecordedPlace | undefined {
    if (!this.#known.has(id)) this.#known.set(id, this.#recorded.recordedAt(id));
    return this.#known.get(id);
  }
}
