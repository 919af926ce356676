import { type DaemonFile, STATE_FILE } from '../protocol/addresses.ts';
import { bothSpelled } from '../shared/command-line.ts';
import { reasonOf } from '../shared/words/not-a-file.ts';
import { Alerts } from './alerts/alerts.ts';
import { appliersOf } from './appliers.ts';
import { budgetNow, firstDayLost, LiveBudget } from './budget/live-budget.ts';
import { PeriodKeeper } from './budget/period-keeper.ts';
import { replaceFile } from './disk/atomic-replace.ts';
import { createEstimator } from './estimate/estimator.ts';
import { feedBudget } from './fed-budget.ts';
import { IdleMemory } from './heap/idle-memory.ts';
import { tellProgress } from './history-progress.ts';
import { LiveMeters } from './meters/live/live-meters.ts';
import { Monitor } from './monitor.ts';
import { startNetwork } from './network.ts';
import { toReading, writingOf } from './offered-reading.ts';
import { recordOperation } from './operations.ts';
import type { Config } from './process/config.ts';
import { keepDaemonFile, ownedByOther, removeStaleDaemonFile } from './process/daemon-file.ts';
import type { DataFolder } from './process/data-folder.ts';
import { openLog } from './process/log.ts';
import { ownCommand } from './process/own-command.ts';
import { VERSION } from './process/version.ts';
import { Warnings } from './process/warnings.ts';
import { createQueries } from './queries/queries.ts';
import { notificationOf } from './rules/change.ts';
import { ConfigFile } from './settings/config-file.ts';
import { LiveSettings } from './settings/live-settings.ts';
import { createClipboard } from './sources/clipboard/clipboard.ts';
import { DropFolder } from './sources/drop-folder/drop-folder.ts';
import { EditWatcher } from './sources/state-file-edits.ts';
import { type InstanceLock, lockFolder } from './store/instance-lock.ts';
import { Store } from './store/store.ts';
import { Subscribers } from './subscribers.ts';

/** A daemon that runs. */
export interface Daemon {
  readonly url: string;
  /** Calls `tell` with how much of the history is there, from 0 to 1, each time that another tenth is, and with 1 at the end; only where it is made anew. */
  tellHistory(tell: (done: number) => void): Promise<void>;
  /** Commits what waits, tells everyone, and gives the folder back, within two seconds. */
  stop(reason: string): Promise<void>;
}

export interface DaemonCallbacks {
  /** Called when a client asks to stop. */
  readonly onShutdown: (reason: string) => void;
  /** Called when `daemon.json` cannot be written, so that nobody would find the daemon; whatever it throws ends the start. */
  readonly onUnlisted: (error: unknown, file: DaemonFile) => void;
}

/** Builds everything in order; throws a `TokenSyncError`, or the system's error, that says what is in the way. */
export async function startDaemon(
  folder: DataFolder,
  config: Config,
  { onShutdown, onUnlisted }: DaemonCallbacks,
): Promise<Daemon> {
  const lock = await takeFolder(folder.path);
  if (!lock) throw ownedByOther(folder.path, folder.daemonFile);
  removeStaleDaemonFile(folder.daemonFile);
  const startedMs = Date.now();
  const command = ownCommand();
  const warnings = new Warnings();
  const log = openLog(folder.logFolder, config.log_level, (error) => {
    const { zh, en } = reasonOf(error);
    warnings.raise('log_unwritable', { zh: `日志无法写入 (${zh})`, en: `the log cannot be written (${en})` });
  });
  warnings.announceBy((warning) => log.warn(bothSpelled(warning, command.full)));
  const onBug = (error: unknown) => log.error({ err: error }, 'unexpected error');
  process.on('uncaughtException', (error) => {
    // Nobody knows what else it broke: what was acknowledged is on disk, and the next call starts a daemon anew.
    log.fatal({ err: error }, 'unexpected error');
    process.exitCode = 1;
    onShutdown('unexpected error');
  });

  const file = new ConfigFile(folder.configFile);
  const budget = new LiveBudget({ config, file });
  const subscribers = new Subscribers(onBug);
  const store = await Store.open({
    folder: folder.path,
    stateFile: folder.stateFile,
    warnings,
    onReplay: (change, mark) => subscribers.hold(notificationOf(change, mark)),
  });
  const meters = new LiveMeters({
    settings: config.meters,
    system: config.tools,
    path: folder.metersFile,
    subscribers: new Subscribers(onBug),
    onWarning: (code, text) => warnings.raise(code, text),
    onCrash: (error) => log.error({ err: error }, 'the process that reads meters broke'),
  });
  const howItCounts = () => budgetNow(budget.settings, meters.settings);
  const monitor = new Monitor({ store, subscribers, budget: howItCounts });
  store.onUnsettled = () => void monitor.adoptEdits().catch(onBug);
  const queries = createQueries(store.history, monitor, {
    budget: () => budget.settings,
    onFault: (error) => store.history.noteFault(error),
    onCrash: (error) => log.error({ err: error }, 'the process that looks back broke'),
  });
  const alerts = new Alerts({
    config,
    folder: folder.path,
    memoryFile: folder.alertFile,
    save: replaceFile,
    monitor,
    budget: () => budget.settings,
    forecast: queries.forecastNow,
    subscribers,
    warnings,
    onBug,
  });
  const feed = feedBudget({
    ...{ meters, monitor, alerts, budget: howItCounts, lang: config.lang },
    onFailure: (error) => log.warn({ err: error }, 'what a meter counted could not be recorded; it is tried again'),
  });
  const memory = new IdleMemory();
  subscribers.tellFirst({
    tell(notices) {
      memory.noteWork();
      feed.noteUsed();
      alerts.tell(notices);
    },
  });
  const tellPeriod = () => {
    const forecast = queries.forecastNow();
    if (forecast) subscribers.publish([{ method: 'usage.period_changed', params: { forecast } }]);
  };
  const keeper = new PeriodKeeper({
    budget,
    monitor,
    memoryFile: folder.renewalFile,
    save: replaceFile,
    lang: config.lang,
    onTurn: () => {
      alerts.look();
      tellPeriod();
    },
    onFailure: (error) => log.warn({ err: error }, 'the budget could not begin anew; it is tried again'),
  });
  await monitor.adoptEdits();

  const edits = new EditWatcher({
    path: store.path,
    name: folder.stateFile,
    fingerprint: () => store.fingerprint(),
    adopt: () => monitor.adoptEdits(),
    onFailure: onBug,
  });
  const clipboard = createClipboard({
    language: config.lang,
    desktop: config.desktop,
    warnings,
    record: (text, event, id) => {
      const reading = toReading({ tokens: text, event, ...(id !== undefined && { id }) }, 'manual');
      // Nobody can be asked, so an odd value is refused.
      return monitor.submit(recordOperation(reading, 'clipboard', writingOf(text)));
    },
    isAlreadyCounted: feed.isAlreadyCounted,
    onAlreadyCounted: () => log.info('a copied figure is counted already'),
    onWatching: (via) => log.info({ via }, 'watching the clipboard'),
    onBug,
  });
  const drop = new DropFolder({
    path: folder.dropFolder,
    monitor,
    warnings,
    syncClipboard: (id) => clipboard.trigger(id),
    command: command.full,
    onFailure: onBug,
  });
  const estimator = createEstimator({
    onCrash: (error) => log.error({ err: error }, 'the estimate worker broke'),
  });

  const settings = new LiveSettings({
    file,
    start: config.start,
    budget: () => budget.settings,
    appliers: appliersOf({ alerts, budget, clipboard, meters }),
  });
  const parts = { store, monitor, subscribers, queries, alerts, estimator, clipboard, budget, meters, warnings };
  await budget.keepFirstDay().catch((error) => {
    log.warn({ err: error }, 'the first day of the period is not kept');
    warnings.raise('period_not_kept', firstDayLost(budget.settings));
  });
  const network = await startNetwork({ ...parts, settings }, { folder, config, command, startedMs, onShutdown, onBug });
  const { daemonFile } = network;
  await drop.ready;
  const endDaemonFile = await keepDaemonFile(folder.daemonFile, daemonFile, {
    warnings,
    onUnlisted: (error) => onUnlisted(error, daemonFile),
  });
  log.info({ url: daemonFile.url, version: VERSION, file: STATE_FILE }, 'started');
  alerts.start();
  budget.onChange(() => {
    alerts.lookAnew();
    tellPeriod();
  });
  void keeper.look();
  if (config.clipboard.watch) clipboard.watch();
  meters.start();

  return {
    url: daemonFile.url,
    tellHistory: (tell) => tellProgress(store.history, tell),
    async stop(reason) {
      log.info({ reason }, 'stopping');
      network.refuseMore();
      monitor.refuseWaiting();
      feed.close();
      await Promise.all([meters.close(), drop.close(), edits.close(), clipboard.close(), keeper.close()]);
      await Promise.all([monitor.close(), alerts.close()]);
      subscribers.flush();
      await network.hangUp(reason);
      await Promise.all([network.close(), estimator.close(), queries.close()]);
      await store.close();
      memory.close();
      endDaemonFile();
      log.info('stopped');
      lock.release();
    },
  };
}

/** Somebody who looks whether the folder is held holds it himself for an instant. */
const LOOK_PAUSES_MS = [20, 40];

async function takeFolder(path: string): Promise<InstanceLock | undefined> {
  for (const pauseMs of LOOK_PAUSES_MS) {
    const lock = lockFolder(path);
    if (lock) return lock;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return lockFolder(path);
}
