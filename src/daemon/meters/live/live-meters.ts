import type { MeterReport, MeterStats, MeterStatsQuery, Meters } from '../../../protocol/methods.ts';
import { feedOf, type MeterSettings } from '../../../shared/settings.ts';
import type { Subscriber, Subscribers } from '../../subscribers.ts';
import { MeterBoard } from './meter-board.ts';

export interface LiveMetersOptions {
  readonly settings: MeterSettings;
  /** Those who subscribed to meters. */
  readonly subscribers: Subscribers;
}

/** The live meters, as the rest of the daemon knows them. */
export class LiveMeters {
  readonly #subscribers: Subscribers;
  readonly #board: MeterBoard;
  #settings: MeterSettings;

  constructor({ settings, subscribers }: LiveMetersOptions) {
    this.#settings = settings;
    this.#subscribers = subscribers;
    this.#board = new MeterBoard({
      tell: (change) => subscribers.publish([{ method: 'meters.changed', params: change }]),
    });
  }

  get settings(): MeterSettings {
    return this.#settings;
  }

  /** Every meter as it stands, or those that changed after a number of this run. */
  get(sinceSeq?: number): Meters {
    const { epoch, seq, sources } = this.#board;
    const { main, count } = this.#settings;
    return {
      ...{ epoch, seq, meters: this.#board.meters(sinceSeq), sources: [...sources] },
      ...(feedOf(this.#settings) && { feeding: { main: [...main], count } }),
    };
  }

  subscribe(subscriber: Subscriber, sinceSeq?: number): Meters {
    const now = this.get(sinceSeq);
    this.#subscribers.add(subscriber);
    return now;
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.remove(subscriber);
  }

  async stats(_query: MeterStatsQuery): Promise<MeterStats> {
    return { rows: [], unpriced: [] };
  }

  report(_report: MeterReport): void {}

  async close(): Promise<void> {
    this.#board.close();
  }
}
