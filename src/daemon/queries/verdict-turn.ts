import type { Forecast, Receipt } from '../../protocol/methods.ts';

/** Says beside a receipt that the verdict on the budget has turned, for a person who is told of nothing else just then. */
export class VerdictTurn {
  readonly #forecast: () => Forecast | undefined;
  /** As the last receipt found it. */
  #last: string | undefined;

  /** `forecast` answers at once, and with `undefined` while nobody knows. */
  constructor(forecast: () => Forecast | undefined) {
    this.#forecast = forecast;
  }

  /**
   * Records, and adds the period to the receipt where its verdict is another than with the receipt before, and with the first
   * receipt than just before it; what is not known turns nothing.
   */
  async beside(record: () => Promise<Receipt>): Promise<Receipt> {
    const before = this.#last ?? this.#period()?.verdict;
    const receipt = await record();
    const period = this.#period();
    if (!period || receipt.duplicate) return receipt;
    this.#last = period.verdict;
    return before !== undefined && before !== period.verdict ? { ...receipt, period } : receipt;
  }

  #period(): Forecast['period'] {
    const period = this.#forecast()?.period;
    return period?.verdict === 'unknown' ? undefined : period;
  }
}
