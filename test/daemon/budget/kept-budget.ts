import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { LiveBudget } from '../../../src/daemon/budget/live-budget.ts';
import { PeriodKeeper } from '../../../src/daemon/budget/period-keeper.ts';
import { replaceFile } from '../../../src/daemon/disk/atomic-replace.ts';
import { ConfigFile } from '../../../src/daemon/settings/config-file.ts';
import { readDaemonSettings } from '../../../src/shared/read-settings.ts';
import { freshFolder } from '../../support/folders.ts';
import { type OpenedStore, openStore } from '../store/opened-store.ts';

const MINUTE_MS = 60_000;

/** A store with a keeper, as the daemon has them, whose clock the test moves. */
export class Kept {
  readonly opened: OpenedStore;
  readonly keeper: PeriodKeeper;
  readonly budget: LiveBudget;
  readonly clock: Clock;
  turns = 0;
  readonly failures: unknown[] = [];
  diskIsFull: boolean;

  private constructor(opened: OpenedStore, clock: Clock, settings: object, diskIsFull: boolean) {
    this.diskIsFull = diskIsFull;
    this.opened = opened;
    this.clock = clock;
    const config = readDaemonSettings(
      { readFile: () => JSON.stringify({ budget: settings }), env: {}, flags: {} },
      clock.nowMs,
    );
    this.budget = new LiveBudget({
      config,
      file: new ConfigFile(join(opened.folder, 'config.json')),
      now: () => clock.nowMs,
    });
    this.keeper = new PeriodKeeper({
      budget: this.budget,
      monitor: opened.monitor,
      memoryFile: join(opened.folder, 'renewal.json'),
      save: (path, text) => (this.diskIsFull ? Promise.reject(new Error('full')) : replaceFile(path, text)),
      lang: 'en',
      onTurn: () => this.turns++,
      onFailure: (error) => this.failures.push(error),
      now: () => clock.nowMs,
      runMs: () => clock.runMs,
    });
  }

  static async open(clock: Clock, settings: object = {}, { folder = freshFolder(), diskIsFull = false } = {}) {
    const opened = await openStore(folder, { budget: () => ({ adds: true }), now: () => clock.nowMs });
    const kept = new Kept(opened, clock, { period: '15', renews: true, ...settings }, diskIsFull);
    onTestFinished(() => kept.keeper.close());
    await kept.keeper.look();
    return kept;
  }

  /** Minutes go by, and the keeper looks once each. */
  async pass(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute++) {
      this.clock.pass(MINUTE_MS);
      await this.keeper.look();
    }
  }

  /** As after a kill: another process, another running time. */
  async again(awayMs: number, settings: object = {}): Promise<Kept> {
    await this.keeper.close();
    await this.opened.close();
    this.clock.sleep(awayMs);
    return Kept.open(this.clock, settings, { folder: this.opened.folder });
  }

  get resets(): object[] {
    return this.opened.monitor.sessions().filter(({ sync_type }) => sync_type === 'period');
  }
}

export class Clock {
  nowMs: number;
  runMs = 0;

  constructor(now: string) {
    this.nowMs = new Date(now).getTime();
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.runMs += ms;
  }

  /** The clock is set, or a machine stands still that does not know it: nothing runs meanwhile. */
  sleep(ms: number): void {
    this.nowMs += ms;
  }
}

/** The reset of December 15. */
export const RESET = {
  id: 'period:2025-12-15',
  timestamp: '2025-12-15 00:00:00',
  tokens: 0,
  event: 'Budget renewed',
  conversation_id: '',
  sync_type: 'period',
  total_used: 0,
};
