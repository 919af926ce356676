import type { Forecast, Receipt } from '../../protocol/methods.ts';

/** Says beside a receipt that it has turned the verdict on the budget, for a person who is told of nothing else just then. */
export class VerdictTurn {
  readonly #forecast: () => Forecast | undefined;
  #last: string | undefined;

  /** `forecast` answers at once, and with `undefined` while nobody knows. */
  constructor(forecast: () => Forecast | undefined) {
    this.#forecast = forecast;
  }

  /** The receipt, with the period where its verdict is another than with the receipt before; what is not known turns nothing. */
  beside(receipt: Receipt): Receipt {
    const period = this.#forecast()?.period;
    if (!period || period.verdict === 'unknown') return receipt;
    const isTurned = this.#last !== undefined && this.#last !== period.verdict;
    this.#last = period.verdict;
    return isTurned ? { ...receipt, period } : receipt;
  }
}
