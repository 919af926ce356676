import { inTurns, othersTurn } from '../../process/turns.ts';
import type { Warnings } from '../../process/warnings.ts';
import type { EditChange, LeftFile } from '../../rules/change.ts';
import type { HistoryIndex } from '../index/history-index.ts';
import { diffJson, shareStep } from '../json/json-diff.ts';
import { parseJson } from '../json/json-parse.ts';
import { printJsonLine } from '../json/json-print.ts';
import { type JsonNode, type JsonObject, sameJson } from '../json/json-tree.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { documentLeft, withoutMark } from '../state-file/document.ts';
import { contentOf, type FileContent } from '../state-file/file-content.ts';
import { NamelessFates } from '../state-file/nameless.ts';
import { joined } from '../state-file/problem.ts';
import { olderCopy, takenBack, UNKNOWN_BASE } from '../state-file/state-file-warnings.ts';
import { textOfView } from '../state-file/view.ts';
import { type EditBase, EditBases } from './edit-bases.ts';
import type { EditViews, LeftView } from './edit-views.ts';
import { mergePieces } from './merge.ts';
import { isUnchangedCopy, saysWhatOlderSaid } from './older-copy.ts';
import type { SetAside } from './set-aside.ts';

/** An edit as it was found, before it is known whether it came late. */
export interface FoundEdit {
  readonly change: EditChange;
  /** The mark that the file carried, if this ledger gave it, and what that mark stands for once the edit is committed. */
  readonly marked?: { readonly mark: string; readonly left: LeftView };
}

/** One in so many edits from one mark has its file kept whole, so that a rebuild goes back over few. */
const MAX_EDITS_APART = 32;

/** Finds the edit in what somebody has left in the state file, and keeps a copy of what that edit does not take over. */
export class EditFinder {
  readonly #views: EditViews;
  readonly #bases: EditBases;
  readonly #history: HistoryIndex;
  readonly #warnings: Warnings;
  readonly #setAside: SetAside;

  constructor(
    views: EditViews,
    { ledger, history }: { readonly ledger: Ledger; readonly history: HistoryIndex },
    warnings: Warnings,
    setAside: SetAside,
  ) {
    this.#views = views;
    this.#bases = new EditBases(views, ledger, history);
    this.#history = history;
    this.#warnings = warnings;
    this.#setAside = setAside;
  }

  /** The edit in a content that is the given document; `undefined` where it changes nothing that can be taken over. */
  async find(content: FileContent, document: JsonObject, nowMs: number): Promise<FoundEdit | undefined> {
    await this.#history.settled();
    const base = this.#bases.baseOf(document);
    await othersTurn();
    const left = withoutMark(document);
    const { recorded } = this.#history;
    const { latest } = this.#views;
    if (isUnchangedCopy(content, base, recorded)) {
      this.#setAside.keep(content, nowMs, 'state_file_older', olderCopy(base.marked.snapshot.revision, content.hash));
      return undefined;
    }
    // Read once, and only when a session without an id is sought.
    let fates: NamelessFates | undefined;
    const merging = mergePieces(
      {
        base: base.view,
        theirs: left,
        ours: latest,
        isSetSince: recorded.isTotalSetAfter(base.revision),
        isRenewedSince: recorded.isRenewedAfter(base.revision),
        standing: (id) => recorded.standingOf(id),
        isReading: (id) => recorded.isReading(id),
        namelessSince: (key) => {
          fates ??= new NamelessFates(recorded.namelessEdits(base.view.snapshot.revision));
          return fates.of(key);
        },
      },
      nowMs,
    );
    const merged = await inTurns(merging);
    await othersTurn();
    const problems = base.isUnknown ? [...merged.problems, UNKNOWN_BASE] : merged.problems;
    if (problems.length > 0) this.#setAside.keep(content, nowMs, 'state_file_edit', joined(problems));
    else this.#warnings.clear('state_file_edit');
    if (merged.isNothing) {
      if (saysWhatOlderSaid(base, latest)) {
        this.#setAside.keep(content, nowMs, 'state_file_older', olderCopy(base.view.snapshot.revision, content.hash));
      }
      return undefined;
    }
    if (base.from === undefined) return { change: { ...merged.change, taken: content.hash } };
    if (takesBack(left, base)) {
      // Its author may be somebody else, who had not seen the earlier edit.
      const ours = contentOf(textOfView(latest));
      this.#setAside.keep(ours, nowMs, 'state_file_taken_back', takenBack(base.from));
    }
    const change = { ...merged.change, from: base.from, left: merged.left };
    const view = { ...base.view, document: left, snapshot: { ...base.view.snapshot, ...merged.left } };
    return {
      change: { ...change, left: this.#told(change, left, base, merged.brought) },
      marked: {
        mark: base.from,
        left: { view, revision: change.revision, edits: base.edits + 1, weight: content.bytes.length },
      },
    };
  }

  /** The record of the file that the edit left: figures alone where the change can make the document again, else the whole document. */
  #told(
    change: EditChange & { readonly left: LeftFile },
    left: JsonObject,
    { view, edits }: EditBase,
    brought: ReadonlyMap<string, JsonNode>,
  ): LeftFile {
    const nodeOf = (json: string) => brought.get(json) ?? parseJson(json);
    const isTold = (edits + 1) % MAX_EDITS_APART !== 0 && sameJson(documentLeft(view.document, change, nodeOf), left);
    return isTold ? change.left : { ...change.left, document: printJsonLine(left) };
  }
}

/** True when an edit makes a member again what it was in the file that its author and an earlier one had read. */
function takesBack(left: JsonObject, { edits, view, marked }: EditBase): boolean {
  return edits > 0 && shareStep(diffJson(view.document, left), diffJson(view.document, marked.document));
}
