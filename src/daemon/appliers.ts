import type { Alerts } from './alerts/alerts.ts';
import type { LiveBudget } from './budget/live-budget.ts';
import type { LiveMeters } from './meters/live/live-meters.ts';
import type { Applier } from './settings/live-settings.ts';
import type { Clipboard } from './sources/clipboard/clipboard.ts';

/** The parts of the daemon that take other settings while it runs. */
export interface Configured {
  readonly alerts: Pick<Alerts, 'configure'>;
  readonly budget: Pick<LiveBudget, 'hold'>;
  readonly clipboard: Pick<Clipboard, 'watch' | 'unwatch'>;
  readonly meters: Pick<LiveMeters, 'configure'>;
}

/** The settings that take effect at once, and whom they are handed to; all others wait for the next start. */
export function appliersOf({ alerts, budget, clipboard, meters }: Configured): readonly Applier[] {
  return [
    { names: ['budget.period', 'budget.kind', 'budget.renews'], apply: (settings) => budget.hold(settings.budget) },
    { names: ['alerts.thresholds', 'alerts.desktop'], apply: (settings) => alerts.configure(settings.alerts) },
    {
      names: ['clipboard.watch'],
      apply: (settings) => (settings.clipboard.watch ? clipboard.watch() : clipboard.unwatch()),
    },
    {
      names: ['meters.sources', 'meters.main', 'meters.count', 'meters.backfill_days', 'meters.projects', 'meters.wsl'],
      apply: (settings) => meters.configure(settings.meters),
    },
  ];
}
