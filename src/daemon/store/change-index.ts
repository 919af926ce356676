import type { LedgerChange } from '../rules/change.ts';
import type { Levels } from '../rules/series.ts';
import { Column } from './columns.ts';
import { TimeOrder } from './time-order.ts';

/** Figures after changes, one column each. */
export interface ChangeRows {
  readonly atMs: Float64Array;
  readonly used: Float64Array;
  readonly total: Float64Array;
}

/** The figures after every change of the ledger, by the instant of the change: 24 bytes each. */
export class ChangeIndex {
  readonly order = new TimeOrder();
  readonly #used = new Column((n) => new Float64Array(n));
  readonly #total = new Column((n) => new Float64Array(n));

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
    for (const ms of atMs) this.order.add(ms);
    this.#used.append(used);
    this.#total.append(total);
  }

  /** The figures by time. */
  levels(): Levels {
    const { order } = this;
    return { atMs: order.byRank(), used: order.byRank(this.#used), total: order.byRank(this.#total) };
  }
}
