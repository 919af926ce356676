import type { LedgerChange } from '../rules/change.ts';
import type { Levels } from '../rules/series.ts';
import { Column, type Packed } from './columns.ts';
import { TimeOrder } from './time-order.ts';

/** Figures after changes, one column each. */
export interface ChangeRows {
  readonly atMs: Packed;
  readonly used: Packed;
  readonly total: Packed;
}

/** The figures after every change of the ledger, by the instant of the change: 24 bytes each at most, and mostly less than 10. */
export class ChangeIndex {
  readonly order = new TimeOrder();
  readonly #used = new Column();
  readonly #total = new Column();

  add({ committed_at, used, total }: Pick<LedgerChange, 'committed_at' | 'used' | 'total'>): void {
    this.order.add(Date.parse(committed_at));
    this.#used.push(used);
    this.#total.push(total);
  }

  get length(): number {
    return this.order.length;
  }

  /** What was added from `first` on. */
  rowsFrom(first: number): ChangeRows {
    return { atMs: this.order.from(first), used: this.#used.from(first), total: this.#total.from(first) };
  }

  addRows({ atMs, used, total }: ChangeRows): void {
    this.order.append(atMs);
    this.#used.append(used);
    this.#total.append(total);
  }

  /** The figures by time. */
  levels(): Levels {
    const { order } = this;
    return {
      atMs: (rank) => order.atMs(order.ordinalAt(rank)),
      used: (rank) => this.#used.at(order.ordinalAt(rank)),
      total: (rank) => this.#total.at(order.ordinalAt(rank)),
    };
  }
}
