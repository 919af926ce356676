import type { Language } from '../protocol/language.ts';
import type { Meter } from '../protocol/methods.ts';
import type { Alerts } from './alerts/alerts.ts';
import { BudgetFeed } from './meters/feeding/budget-feed.ts';
import { RecentFigures } from './meters/feeding/recent-figures.ts';
import type { LiveMeters } from './meters/live/live-meters.ts';
import type { Monitor } from './monitor.ts';
import type { BudgetNow } from './rules/record.ts';

export interface FedBudgetOptions {
  readonly meters: LiveMeters;
  readonly monitor: Monitor;
  readonly alerts: Pick<Alerts, 'thresholds'>;
  readonly budget: () => BudgetNow;
  readonly lang: Language;
  readonly onFailure: (error: unknown) => void;
}

/** The budget as live meters feed it. */
export interface FedBudget {
  /** `used` has changed. */
  noteUsed(): void;
  /** Whether a figure that somebody copies is counted already. */
  isAlreadyCounted(value: number, unit: number): boolean;
  close(): void;
}

/** Brings what the meters count to the budget, where `meters.main` says so. */
export function feedBudget({ meters, monitor, alerts, budget, lang, onFailure }: FedBudgetOptions): FedBudget {
  const recent = new RecentFigures();
  const feed = new BudgetFeed({
    monitor,
    handOut: (seqs) => meters.handOut(seqs),
    settle: (seqs) => meters.settle(seqs),
    budget,
    thresholds: () => alerts.thresholds,
    lang,
    onFailure,
  });
  const noteGauge = (meter: Meter) => {
    if (meter.kind === 'gauge' && meters.settings.main.includes(meter.meter)) recent.noteGauge(meter.used, Date.now());
  };
  meters.listen({ onOutbox: (rows) => feed.take(rows), onMeters: (changed) => changed.forEach(noteGauge) });
  const noteUsed = () => recent.noteUsed(monitor.snapshot.used, Date.now());
  noteUsed();
  return {
    noteUsed,
    isAlreadyCounted: (value, unit) => budget().feeds === true && recent.isAlreadyCounted(value, unit, Date.now()),
    close: () => feed.close(),
  };
}
