import type { State } from '../../rules/figures/fold.ts';
import { type PackedState, unpackState } from '../../rules/figures/packed.ts';

/** Of so many of the latest segments the state before each can be given back. */
const LATEST = 4;

type Lines = PackedState['world']['lines'];

/** How far a ledger had come, so that it can be folded again from there. */
export interface FigurePlace {
  readonly lines: number;
  readonly sessions: number;
  readonly marks: number;
}

/**
 * The states that were kept with closed segments, each as it differs from the one before. Only the last few are put
 * together: a start would otherwise spend longer on what each conversation once was than on all else.
 */
export class KeptStates {
  readonly #lines = new Map<string, Lines[number][1]>();
  readonly #latest: { readonly place: FigurePlace; readonly packed: PackedState }[] = [];
  #before: PackedState | undefined;
  readonly #first: State;

  /** `first` is the state that the ledger begins with. */
  constructor(first: State) {
    this.#first = first;
  }

  /** Adds that of the next segment, which begins at a place. */
  add(place: FigurePlace, packed: PackedState): void {
    this.#latest.push({ place, packed });
    if (this.#latest.length <= LATEST) return;
    this.#before = this.#latest.shift()!.packed;
    for (const [name, line] of this.#before.world.lines) this.#lines.set(name, line);
  }

  /** The states at the beginnings of the latest segments, and that behind the last. */
  unpacked(): { readonly places: { readonly place: FigurePlace; readonly state: State }[]; readonly last: State } {
    const before = this.#before;
    let last = before
      ? unpackState(this.#first, { ...before, world: { ...before.world, lines: [...this.#lines] } })
      : this.#first;
    const places = this.#latest.map(({ place, packed }) => {
      const state = last;
      last = unpackState(state, packed);
      return { place, state };
    });
    return { places, last };
  }
}
