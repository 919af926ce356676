import { inTurns, othersTurn } from '../../process/turns.ts';
import type { Warnings } from '../../process/warnings.ts';
import type { EditChange, LeftFile } from '../../rules/change.ts';
import { NamelessFates } from '../index/nameless.ts';
import { diffJson, shareStep } from '../json/json-diff.ts';
import { parseJson } from '../json/json-parse.ts';
import { printJsonLine } from '../json/json-print.ts';
import { type JsonNode, type JsonObject, sameJson } from '../json/json-tree.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { documentLeft, withoutMark } from '../state-file/document.ts';
import { contentOf, type FileContent, hashOf } from '../state-file/file-content.ts';
import { joined, type Problem } from '../state-file/problem.ts';
import { textOf } from '../state-file/state-file.ts';
import { olderCopy, takenBack, UNKNOWN_BASE } from '../state-file/state-file-warnings.ts';
import { type EditBase, EditBases } from './edit-bases.ts';
import type { Left, Views } from './edit-views.ts';
import { mergePieces } from './merge.ts';

/** An edit of the state file, to be committed next, and where it came from, which the commit has to be told. */
export interface TakenEdit {
  readonly change: EditChange;
  readonly origin: EditOrigin;
}

/** Where an edit came from. */
export interface EditOrigin {
  /** The mark that the file carried, if this ledger gave it, and what that mark stands for once the edit is committed. */
  readonly marked?: { readonly mark: string; readonly left: Left };
  /** The content, where it was found in a file that we had just replaced. */
  readonly late?: FileContent;
}

/** Keeps a copy of a content for a reason, and says so; throws `storage_failed` when there is no room for it. */
export type KeepCopy = (content: FileContent, nowMs: number, code: EditWarning, problem: Problem) => void;

/** What is said of an edit, as the code of a warning. */
export type EditWarning = 'state_file_invalid' | 'state_file_edit' | 'state_file_older' | 'state_file_taken_back';

/** Of so many edits from one mark the file that one of them left is kept whole, so that a rebuild goes back over few. */
const MAX_EDITS_APART = 32;

/** Makes of a state file that somebody has changed the edit to commit, in pieces that let others have their turn, and keeps a copy of what that does not take over. */
export class EditIntake {
  readonly #views: Views;
  readonly #bases: EditBases;
  readonly #ledger: Ledger;
  readonly #warnings: Warnings;
  readonly #keepCopy: KeepCopy;

  constructor(views: Views, ledger: Ledger, warnings: Warnings, keepCopy: KeepCopy) {
    this.#views = views;
    this.#bases = new EditBases(views, ledger);
    this.#ledger = ledger;
    this.#warnings = warnings;
    this.#keepCopy = keepCopy;
  }

  /** The edit in a content that is the given document; `undefined` where it changes nothing that can be taken over. */
  async takeFrom(content: FileContent, document: JsonObject, nowMs: number): Promise<TakenEdit | undefined> {
    const base = this.#bases.baseOf(document);
    await othersTurn();
    const left = withoutMark(document);
    const { index } = this.#ledger;
    const { latest } = this.#views;
    if (this.#isCopy(content, base)) {
      this.#keepCopy(content, nowMs, 'state_file_older', olderCopy(base.marked.snapshot.revision, content.hash));
      return undefined;
    }
    // Read once, and only where such a session is looked for.
    let fates: NamelessFates | undefined;
    const merging = mergePieces(
      {
        base: base.view,
        theirs: left,
        ours: latest,
        isSetSince: index.sessions.isTotalSetFrom(base.view.sessionsEnd),
        standing: (id) => index.standingOf(id),
        isReading: (id) => {
          const ordinal = index.ordinalOf(id);
          return ordinal !== undefined && index.sessions.kindOf(ordinal) !== 'foreign';
        },
        namelessSince: (key) => {
          fates ??= new NamelessFates(index.namelessEdits(base.view.snapshot.revision));
          return fates.of(key);
        },
      },
      nowMs,
    );
    const merged = await inTurns(merging);
    await othersTurn();
    const problems = base.isUnknown ? [...merged.problems, UNKNOWN_BASE] : merged.problems;
    if (problems.length > 0) this.#keepCopy(content, nowMs, 'state_file_edit', joined(problems));
    else this.#warnings.clear('state_file_edit');
    if (merged.isNothing) {
      if (base.edits === 0 && base.view.snapshot.revision < latest.snapshot.revision) {
        // It says what an older one of ours said, so somebody has put that there.
        this.#keepCopy(content, nowMs, 'state_file_older', olderCopy(base.view.snapshot.revision, content.hash));
      }
      return undefined;
    }
    if (base.from === undefined) return { change: { ...merged.change, taken: content.hash }, origin: {} };
    if (takesBack(left, base)) {
      // Its author may be another one, who had not seen the edit before.
      const ours = contentOf(textOf(latest.document, latest.mark));
      this.#keepCopy(ours, nowMs, 'state_file_taken_back', takenBack(base.from));
    }
    const change = { ...merged.change, from: base.from, left: merged.left };
    const view = { ...base.view, document: left, snapshot: { ...base.view.snapshot, ...merged.left } };
    return {
      change: { ...change, left: this.#told(change, left, base, merged.brought) },
      origin: { marked: { mark: base.from, left: { view, edits: base.edits + 1, weight: content.bytes.length } } },
    };
  }

  /** An edit from here is committed: its mark stands for what it left from now on. */
  settle({ marked }: EditOrigin, sessionsEnd: number): void {
    if (!marked) return;
    const { mark, left } = marked;
    this.#views.keepLeft(mark, { ...left, view: { ...left.view, sessionsEnd } });
  }

  /** True for the very file of a mark, unchanged, after something was recorded: nobody has edited that, but put it back. */
  #isCopy(content: FileContent, { from, marked }: EditBase): boolean {
    if (from === undefined || !this.#ledger.index.sessions.hasReadingFrom(marked.sessionsEnd)) return false;
    return content.hash === hashOf(textOf(marked.document, marked.mark));
  }

  /** What the ledger has to know beside the change to tell again what the edit left. */
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
