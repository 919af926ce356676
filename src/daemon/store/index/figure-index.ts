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
  NO_STATE,
  type Outcome,
  type State,
  showing,
  standing,
  standingAt,
  usedOf,
} from '../../rules/figures/fold.ts';
import { entriesOf } from '../../rules/figures/ledger-entries.ts';
import { type PackedState, packState } from '../../rules/figures/packed.ts';
import { Column, type Packed } from './columns/columns.ts';
import { type FigurePlace, KeptStates } from './kept-states.ts';
import type { SessionIndex } from './session-index.ts';

/** Which session, by ordinal, counts something else since, in order. */
export interface FigureRows {
  readonly touched: Packed;
  readonly counted: Packed;
  /** How much was used where the ledger begins: 0 unless what was before it is missing. */
  readonly begins: number;
  /** As it differs from the state at the place that they lie behind. */
  readonly state: PackedState;
}

interface Place {
  readonly number: number;
  readonly place: FigurePlace;
  readonly state: State;
}

type Undo = FigureEntry & { readonly kind: 'undo' };

/** What it takes to fold a part of the ledger again. */
export interface Past {
  /** The changes of the lines from one on; throws `storage_failed` where they cannot be read any more. */
  changesFrom(line: number): Iterable<LedgerChange>;
  /** The lowest ordinal among the sessions undone from a mark on; infinite for none. */
  lowestUndone(marksFrom: number): number;
  /** The ordinal of a session that is known to be there. */
  ordinalOf(id: string): number | undefined;
}

/** What the ledger comes to by the rules: the figures, and what its sessions count. */
export class FigureIndex {
  #figures: Figures = NO_FIGURES;
  readonly #touched = new Column();
  readonly #counted = new Column();
  #begins = 0;
  #places: Place[] = [{ number: 0, place: { lines: 0, sessions: 0, marks: 0 }, state: NO_STATE }];
  /** What is read back at a start, until it is needed. */
  #kept: KeptStates | undefined;
  readonly #sessions: SessionIndex;
  readonly #past: Past;

  constructor(sessions: SessionIndex, past: Past) {
    this.#sessions = sessions;
    this.#past = past;
  }

  get figures(): Figures {
    this.#takeKept();
    return this.#figures;
  }

  /** How many sessions came to count something else. */
  get length(): number {
    return this.#touched.length;
  }

  /**
   * The ledger begins where so much is used already, for what was before is missing: a counter without a name stands there,
   * so that the next figure is no first one. Only before anything was added.
   */
  beginAt(used: number): void {
    this.#begins = used;
    this.#figures = standingAt(used);
    const { state } = this.#figures;
    this.#places = this.#places.map((each) => ({ ...each, state }));
  }

  /** A segment begins here. The further back, the fewer places are held, for a busy segment shares little with the next. */
  keepPlace(place: FigurePlace): void {
    this.#addPlace(place, this.figures.state);
  }

  /** Takes in what a change does; what its sessions come to, in their order. Those that it touches are noted by `noteTouched`. */
  add(change: LedgerChange): Outcome[] {
    return entriesOf(change, usedOf(this.figures)).map((entry) => {
      const { figures, outcome } =
        entry.kind === 'undo' ? this.#undone(entry, change.revision) : foldEntry(this.#figures, entry);
      this.#figures = figures;
      return outcome;
    });
  }

  /** Notes what earlier sessions count since, once those of the same change are in the index. */
  noteTouched(outcomes: readonly Outcome[]): void {
    for (const { id, counted } of outcomes.flatMap(({ touched }) => touched)) {
      const ordinal = this.#past.ordinalOf(id);
      if (ordinal === undefined) continue;
      this.#touched.push(ordinal);
      this.#counted.push(counted);
      this.#sessions.setCounted(ordinal, counted);
    }
  }

  /** What there would be without a reading; of a ledger that cannot be read that far back nothing but that. */
  without(id: string): { readonly figures: Figures; readonly outcome: Outcome } {
    return this.#undone({ kind: 'undo', undone: id, committedMs: 0 }, Number.POSITIVE_INFINITY);
  }

  rowsFrom(first: number, place: FigurePlace): FigureRows {
    const earlier = this.#places.findLast((each) => each.place.lines === place.lines)!;
    return {
      touched: this.#touched.from(first),
      counted: this.#counted.from(first),
      begins: this.#begins,
      state: packState(earlier.state, this.figures.state),
    };
  }

  /** Adds what `rowsFrom` gave of a segment that begins at a place, before anything else. */
  addRows({ touched, counted, begins, state }: FigureRows, place: FigurePlace): void {
    const first = this.length;
    this.#touched.append(touched);
    this.#counted.append(counted);
    for (let at = first; at < this.length; at++) {
      this.#sessions.setCounted(this.#touched.at(at), this.#counted.at(at));
    }
    if (!this.#kept || place.lines === 0) {
      this.beginAt(begins);
      this.#kept = new KeptStates(this.#figures.state);
    }
    this.#kept.add(place, state);
  }

  #takeKept(): void {
    if (!this.#kept) return;
    const { places, last } = this.#kept.unpacked();
    this.#kept = undefined;
    for (const { place, state } of places) this.#addPlace(place, state);
    this.#figures = figuresOf(last);
  }

  #addPlace(place: FigurePlace, state: State): void {
    const number = this.#places.at(-1)!.number + 1;
    this.#places.push({ number, place, state });
    this.#places = this.#places.filter((each) => each.number % spacingAt(number - each.number) === 0);
  }

  #undone(entry: Undo, revision: number) {
    if (canUndo(this.figures, entry.undone)) return foldEntry(this.#figures, entry);
    try {
      return this.#refolded(entry, revision);
    } catch (error) {
      if (!isStorageFailure(error)) throw error;
      return this.#usedOnly(entry);
    }
  }

  /** What is used is known at least: the counter stands there, lest it seems to begin anew with the next figure. */
  #usedOnly({ committedMs, used = usedOf(this.#figures) }: Undo) {
    return foldEntry(this.#figures, { kind: 'edit', used, committedMs });
  }

  /** Folds again, up to a revision, from the last place that holds nothing which was undone since. */
  #refolded(entry: Undo, revision: number): { readonly figures: Figures; readonly outcome: Outcome } {
    const target = this.#past.ordinalOf(entry.undone) ?? Number.POSITIVE_INFINITY;
    const { place, state } = this.#places.findLast(
      ({ place: { sessions, marks } }) => sessions <= target && this.#past.lowestUndone(marks) >= sessions,
    )!;
    const entries = standing(this.#entriesFrom(place.lines, state.world.used, { revision, but: entry }));
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
    // What only the undone reading had touched may lie before the place: it counts again what it did until then.
    foldEntries(entries.slice(at), before, (_, { touched }) => {
      for (const { id, counted: tokens, difference } of touched) {
        if (id !== entry.undone && !counted.has(id)) counted.set(id, tokens - difference);
      }
    });
    const figures = entry.used === undefined ? without : showing(without, entry.used);
    return { figures, outcome: { ...this.#outcomeOf(figures), touched: this.#touchedBy(counted) } };
  }

  /** The entries of the lines from one on, up to a revision, but for an undo that the ledger may hold already as the last. */
  #entriesFrom(
    line: number,
    usedBefore: number,
    { revision, but }: { readonly revision: number; readonly but: Undo },
  ): FigureEntry[] {
    const entries: FigureEntry[] = [];
    let used = usedBefore;
    for (const change of this.#past.changesFrom(line)) {
      if (change.revision > revision) break;
      entries.push(...entriesOf(change, used));
      used = change.used;
    }
    const last = entries.at(-1);
    if (last?.kind === 'undo' && last.undone === but.undone) entries.pop();
    return entries;
  }

  #outcomeOf(figures: Figures): Omit<Outcome, 'touched'> {
    const used = usedOf(figures);
    return { used, increment: used - usedOf(this.#figures), counted: 0, setAside: 0, flags: {} };
  }

  #touchedBy(counted: ReadonlyMap<string, number>) {
    return [...counted].flatMap(([id, tokens]) => {
      const ordinal = this.#past.ordinalOf(id);
      const difference = ordinal === undefined ? 0 : tokens - this.#sessions.countedOf(ordinal);
      return difference === 0 ? [] : [{ id, counted: tokens, atMs: this.#sessions.atMs(ordinal!), difference }];
    });
  }
}

/** Of the places that lie so far back, one in so many is held. */
function spacingAt(age: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, age))) - 1);
}
