import type { LedgerChange } from '../rules/change.ts';
import { Column } from './columns.ts';
import { TimeOrder } from './time-order.ts';

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

  used(ordinal: number): number {
    return this.#used.at(ordinal);
  }

  total(ordinal: number): number {
    return this.#total.at(ordinal);
  }
}
