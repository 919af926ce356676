import type { LedgerChange } from '../../rules/change.ts';
import type { DatedRises } from '../../rules/dated-line.ts';
import type { Levels } from '../../rules/series.ts';
import { EMPTY } from '../../rules/snapshot.ts';
import { ChangeClock } from './change-clock.ts';
import { Column, type Packed } from './columns/columns.ts';
import { type DatedRise, RiseIndex, type RiseRows } from './dated-rises.ts';

/** Figures after changes, one column each. */
export interface ChangeRows {
  readonly atMs: Packed;
  readonly revisionAhead: Packed;
  readonly used: Packed;
  readonly total: Packed;
  /** Whether somebody had named a budget by the last of them. */
  readonly isTotalNamed: boolean;
  readonly rises: RiseRows;
}

/** The figures after every change of the ledger, by the instant of the change: 24 bytes each at most, and mostly less than 10; as much again for each session that names an earlier time. */
export class ChangeIndex {
  readonly clock = new ChangeClock();
  /** What belongs to an earlier time than its change. */
  readonly rises = new RiseIndex();
  /** How far the revision is ahead of the place: the same for all but where changes were lost. */
  readonly #revisionAhead = new Column();
  readonly #used = new Column();
  readonly #total = new Column();
  #isTotalNamed = false;

  /** `isTotalNamed` says that the change itself names a budget, be it the default. */
  add(
    { revision, committed_at, used, total }: Pick<LedgerChange, 'revision' | 'committed_at' | 'used' | 'total'>,
    isTotalNamed = false,
    rises: readonly DatedRise[] = [],
  ): void {
    // Nobody but a person or another program brings about another one than the default.
    this.#isTotalNamed ||= isTotalNamed || (total !== 0 && total !== EMPTY.total);
    for (const rise of rises) this.rises.add(rise, this.length);
    this.#revisionAhead.push(revision - this.length);
    this.clock.add(Date.parse(committed_at));
    this.#used.push(used);
    this.#total.push(total);
  }

  /** Whether somebody has ever named a budget. */
  get isTotalNamed(): boolean {
    return this.#isTotalNamed;
  }

  /** The budget after the last change; `undefined` before the first. */
  get lastTotal(): number | undefined {
    return this.length === 0 ? undefined : this.#total.at(this.length - 1);
  }

  get length(): number {
    return this.clock.length;
  }

  /** The revision of the change at a place. */
  revisionOf(place: number): number {
    return this.#revisionAhead.at(place) + place;
  }

  /** What was added from `first` on, with the rises from `firstRise` on. */
  rowsFrom(first: number, firstRise: number): ChangeRows {
    return {
      atMs: this.clock.from(first),
      revisionAhead: this.#revisionAhead.from(first),
      used: this.#used.from(first),
      total: this.#total.from(first),
      isTotalNamed: this.#isTotalNamed,
      rises: this.rises.rowsFrom(firstRise),
    };
  }

  addRows({ atMs, revisionAhead, used, total, isTotalNamed, rises }: ChangeRows): void {
    this.#isTotalNamed ||= isTotalNamed;
    this.rises.addRows(rises);
    this.clock.append(atMs);
    this.#revisionAhead.append(revisionAhead);
    this.#used.append(used);
    this.#total.append(total);
  }

  /** The figures in the order of their commit, which is that of time as far as the clock is believed, and the rises that end with one of them. */
  told(nowMs: number): { readonly levels: Levels; readonly rises: DatedRises } {
    const { rises } = this;
    const atMs = this.clock.times(nowMs);
    const levels = { atMs, used: (rank: number) => this.#used.at(rank), total: (rank: number) => this.#total.at(rank) };
    const end = (rank: number) => [atMs(rises.changeOf(rank)), rises.tokensOf(rank)] as const;
    return { levels, rises: { length: rises.length, start: (rank) => rises.start(rank), end } };
  }
}
