import { isStorageFailure } from '../../disk/storage-failure.ts';
import type { LedgerChange } from '../../rules/change.ts';
import {
  canUndo,
  type FigureEntry,
  type Figures,
  figuresOf,
  foldEntries,
  foldEntry,
  NO_FIGURES,
  type Outcome,
  showing,
  standing,
  standingAt,
  usedOf,
} from '../../rules/figures/fold.ts';
import { entriesOf } from '../../rules/figures/ledger-entries.ts';
import { type PackedState, packState, unpackState } from '../../rules/figures/packed.ts';
import type { CheckpointLine } from './ledger-line.ts';

type Undo = FigureEntry & { readonly kind: 'undo' };

/** The changes of one segment that can be read. */
export interface PastStretch {
  /** The state before them, where the segment's checkpoint tells it; that of the oldest is always known. */
  readonly before?: PackedState;
  readonly changes: readonly LedgerChange[];
}

/** What it takes to fold a part of the ledger again. */
export interface Past {
  /** The ledger up to a revision, the newest segment first; throws `storage_failed` where it cannot be read any more. */
  stretchesBack(to: number): Iterable<PastStretch>;
  /** What a recorded session counts by now, and its own time; `undefined` for one that the ledger does not hold. */
  countOf(id: string): { readonly counted: number; readonly atMs: number } | undefined;
}

/** What the ledger comes to by the rules, change by change. */
export class LedgerFigures {
  /** Unknown where a part of the ledger was skipped, until they are needed. */
  #figures: Figures | undefined = NO_FIGURES;
  /** The last that was added or skipped. */
  #revision = 0;
  #isAtBeginning = true;
  #isTold = false;
  readonly #past: Past;

  constructor(past: Past) {
    this.#past = past;
  }

  /** Those of a ledger up to a revision, as `skipTo` gives them. */
  static at(past: Past, revision: number): LedgerFigures {
    const figures = new LedgerFigures(past);
    figures.skipTo(revision);
    return figures;
  }

  /** Throws `storage_failed` where a part that was skipped cannot be read. */
  get figures(): Figures {
    this.#figures ??= this.#foldedTo(this.#revision);
    return this.#figures;
  }

  /** False where the last checkpoint tells no state, or another than the ledger comes to, as when something before it was lost since. */
  get isTold(): boolean {
    return this.#isTold;
  }

  /** The ledger goes on behind a revision; what is before is read when it is needed, from the last checkpoint that tells its state. */
  skipTo(revision: number): void {
    this.#figures = undefined;
    this.#revision = revision;
    this.#isAtBeginning = false;
  }

  /**
   * A segment begins. Its checkpoint tells the state where nothing before it was read. Where that cannot be known, as in a
   * ledger of an older version that lacks its beginning, a counter without a name stands at what was used, so that the
   * next figure is no first one.
   */
  begin({ checkpoint: { revision, used }, figures }: Pick<CheckpointLine, 'checkpoint' | 'figures'>): void {
    const isNext = this.#isAtBeginning || revision === this.#revision;
    const isUnread = this.#isAtBeginning || this.#figures === undefined;
    if (figures && isNext && isUnread) {
      this.#figures = figuresOf(unpackState(figures));
      this.#isTold = true;
    } else {
      if (this.#isAtBeginning || !this.#canBeRead()) this.#figures = standingAt(used);
      this.#isTold = figures !== undefined && JSON.stringify(figures) === JSON.stringify(packState(this.figures.state));
    }
    this.#revision = Math.max(this.#revision, revision);
  }

  /** Takes in what a change does; what its sessions come to, in their order. */
  add(change: LedgerChange): Outcome[] {
    const outcomes = entriesOf(change, usedOf(this.figures)).map((entry) => {
      const { figures, outcome } =
        entry.kind === 'undo' ? this.#undone(entry, change.revision - 1) : foldEntry(this.figures, entry);
      this.#figures = figures;
      return outcome;
    });
    this.#isAtBeginning = false;
    this.#revision = change.revision;
    return outcomes;
  }

  /** What there would be without a reading; of a ledger that cannot be read that far back nothing but that. */
  without(id: string): { readonly figures: Figures; readonly outcome: Outcome } {
    return this.#undone({ kind: 'undo', undone: id, committedMs: 0 }, this.#revision);
  }

  #canBeRead(): boolean {
    try {
      return this.figures !== undefined;
    } catch (error) {
      if (!isStorageFailure(error)) throw error;
      return false;
    }
  }

  #foldedTo(revision: number): Figures {
    const { before, changes } = goneBack(this.#past.stretchesBack(revision), () => true);
    this.#figures = figuresOf(unpackState(before));
    for (const change of changes) this.add(change);
    this.#revision = revision;
    return this.#figures;
  }

  /** `to` is the last revision before the undo. */
  #undone(entry: Undo, to: number) {
    if (canUndo(this.figures, entry.undone)) return foldEntry(this.figures, entry);
    try {
      return this.#refolded(entry, to);
    } catch (error) {
      if (!isStorageFailure(error)) throw error;
      return this.#usedOnly(entry);
    }
  }

  /** What is used is known at least: the counter stands there, lest it seems to begin anew with the next figure. */
  #usedOnly({ committedMs, used = usedOf(this.figures) }: Undo) {
    return foldEntry(this.figures, { kind: 'edit', used, committedMs });
  }

  /** Folds again from the last known state that holds nothing which was undone since. */
  #refolded(entry: Undo, to: number): { readonly figures: Figures; readonly outcome: Outcome } {
    const { before: packed, changes } = goneBack(this.#past.stretchesBack(to), this.#holdsAll(entry.undone));
    const state = unpackState(packed);
    const entries = standing(allEntries(changes, state.world.used));
    const at = entries.findLastIndex((each) => each.kind === 'reading' && each.reading.id === entry.undone);
    // A ledger that lacks a part may hold the undo alone.
    if (at === -1) return this.#usedOnly(entry);
    const counted = new Map<string, number>();
    const note = (each: FigureEntry, { counted: tokens, touched }: Outcome) => {
      if (each.kind === 'reading') counted.set(each.reading.id, tokens);
      for (const touch of touched) counted.set(touch.id, touch.counted);
    };
    const before = foldEntries(entries.slice(0, at), figuresOf(state), note);
    const others = entries.slice(at + 1).filter(({ kind }) => kind === 'reading');
    const without = foldEntries(others, before, note);
    // What only the undone reading had touched may lie before that state: it counts again what it did until then.
    foldEntries(entries.slice(at), before, (_, { touched }) => {
      for (const { id, counted: tokens, difference } of touched) {
        if (id !== entry.undone && !counted.has(id)) counted.set(id, tokens - difference);
      }
    });
    const figures = entry.used === undefined ? without : showing(without, entry.used);
    return { figures, outcome: { ...this.#outcomeOf(figures), touched: this.#touchedBy(counted) } };
  }

  /** Asked for one segment after the other, the newest first: true once a reading and all that was undone since lie in them. */
  #holdsAll(undone: string): (changes: readonly LedgerChange[]) => boolean {
    const wanted = new Set<string>();
    const want = (id: string) => this.#past.countOf(id) && wanted.add(id);
    want(undone);
    return (changes) => {
      for (const change of changes) if (change.kind === 'undo') want(change.undone);
      for (const change of changes) {
        if (change.kind === 'reading') wanted.delete(change.reading.id);
        if (change.kind === 'import') for (const { id } of change.readings) wanted.delete(id);
      }
      return wanted.size === 0;
    };
  }

  #outcomeOf(figures: Figures): Omit<Outcome, 'touched'> {
    const used = usedOf(figures);
    return { used, increment: used - usedOf(this.figures), counted: 0, setAside: 0, flags: {} };
  }

  #touchedBy(counted: ReadonlyMap<string, number>) {
    return [...counted].flatMap(([id, tokens]) => {
      const known = this.#past.countOf(id);
      const difference = known ? tokens - known.counted : 0;
      return difference === 0 ? [] : [{ id, counted: tokens, atMs: known!.atMs, difference }];
    });
  }
}

/** The changes since the newest known state before which, segment by segment, `isEnough`, or since the oldest. */
function goneBack(
  stretches: Iterable<PastStretch>,
  isEnough: (changes: readonly LedgerChange[]) => boolean,
): { readonly before: PackedState; readonly changes: LedgerChange[] } {
  const parts: (readonly LedgerChange[])[] = [];
  let state: PackedState | undefined;
  for (const { before, changes } of stretches) {
    parts.push(changes);
    state = before;
    if (isEnough(changes) && before) break;
  }
  return { before: state ?? packState(NO_FIGURES.state), changes: parts.reverse().flat() };
}

/** The entries of changes that follow on each other; `used` is the figure before them. */
function allEntries(changes: readonly LedgerChange[], used: number): FigureEntry[] {
  return changes.flatMap((change, at) => entriesOf(change, changes[at - 1]?.used ?? used));
}
