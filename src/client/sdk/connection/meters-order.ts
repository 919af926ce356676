import type { Meter, MeterSource, Meters, NotificationParams } from '../../../protocol/methods.ts';

/** The live meters as they stand, or those that have changed. */
export interface MetersItem {
  readonly type: 'meters';
  /** True where these are all: with each connection what was told before is void. */
  readonly isWhole: boolean;
  readonly epoch: string;
  readonly seq: number;
  readonly meters: readonly Meter[];
  /** All of them, where one has changed. */
  readonly sources?: readonly MeterSource[] | undefined;
  /** Of a whole, where a meter feeds the budget. */
  readonly feeding?: Meters['feeding'];
}

/** Brings the meters of one connection into their order: a change may arrive before the answer that it follows. */
export class MetersOrder {
  #early: NotificationParams<'meters.changed'>[] | undefined = [];

  /** Takes the answer of `meters.subscribe`, once. */
  whole(meters: Meters): MetersItem[] {
    const early = this.#early ?? [];
    this.#early = undefined;
    const later = early.filter(({ seq }) => seq > meters.seq);
    return [{ type: 'meters', isWhole: true, ...meters }, ...later.map(changeItem)];
  }

  changed(change: NotificationParams<'meters.changed'>): MetersItem[] {
    if (!this.#early) return [changeItem(change)];
    this.#early.push(change);
    return [];
  }
}

function changeItem(change: NotificationParams<'meters.changed'>): MetersItem {
  return { type: 'meters', isWhole: false, ...change };
}
