import { networkInterfaces } from 'node:os';
import { type DaemonFile, isLoopback, STATE_FILE } from '../protocol/addresses.ts';
import { PROTOCOL_MIN, PROTOCOL_VERSION } from '../protocol/methods.ts';
import { bothSpelled } from '../shared/command-line.ts';
import { reasonOf } from '../shared/words/not-a-file.ts';
import { Alerts } from './alerts/alerts.ts';
import { replaceFile } from './disk/atomic-replace.ts';
import { createEstimator } from './estimate/estimator.ts';
import { Monitor } from './monitor.ts';
import { toReading, writingOf } from './offered-reading.ts';
import { recordOperation } from './operations.ts';
import type { Config } from './process/config.ts';
import { keepDaemonFile, ownedByOther, removeStaleDaemonFile } from './process/daemon-file.ts';
import type { DataFolder } from './process/data-folder.ts';
import { listen } from './process/listen.ts';
import { openLog } from './process/log.ts';
import { ownCommand } from './process/own-command.ts';
import { VERSION } from './process/version.ts';
import { Warnings } from './process/warnings.ts';
import { createQueries } from './queries/queries.ts';
import { notificationOf } from './rules/change.ts';
import { periodEnd } from './rules/period.ts';
import { Proof } from './serve/auth/proof.ts';
import { Admission } from './serve/auth/token-check.ts';
import { readOrMakeToken } from './serve/auth/token-file.ts';
import { createCommands } from './serve/commands.ts';
import { createHttpServer, type HttpOptions } from './serve/http/http-server.ts';
import { metricsText } from './serve/http/metrics.ts';
import { pageRoutes } from './serve/http/pages.ts';
import { restRoutes } from './serve/http/rest.ts';
import { InputRoom } from './serve/limits/input-room.ts';
import { SharedBudget } from './serve/limits/shared-budget.ts';
import { createRpcServer } from './serve/rpc.ts';
import { serveSockets } from './serve/socket/socket.ts';
import { createClipboard } from './sources/clipboard/clipboard.ts';
import { DropFolder } from './sources/drop-folder/drop-folder.ts';
import { EditWatcher } from './sources/state-file-edits.ts';
import { type InstanceLock, lockFolder } from './store/instance-lock.ts';
import { Store } from './store/store.ts';
import { Subscribers } from './subscribers.ts';

/** A daemon that runs. */
export interface Daemon {
  readonly url: string;
  /** Commits what waits, tells everyone, and gives the folder back, within two seconds. */
  stop(reason: string): Promise<void>;
}

/** Connections get this long to say goodbye. */
const GOODBYE_MS = 500;

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
  const identity = { pid: process.pid, started_at: new Date(startedMs).toISOString(), data_dir: folder.path };
  const command = ownCommand();
  const warnings = new Warnings((warning) => log.warn(bothSpelled(warning, command.full)));
  const log = openLog(folder.logFolder, config.log_level, (error) => {
    const { zh, en } = reasonOf(error);
    warnings.raise('log_unwritable', { zh: `日志无法写入 (${zh})`, en: `the log cannot be written (${en})` });
  });
  const onBug = (error: unknown) => log.error({ err: error }, 'unexpected error');
  process.on('uncaughtException', (error) => {
    // Nobody knows what else it broke: what was acknowledged is on disk, and the next call starts a daemon anew.
    log.fatal({ err: error }, 'unexpected error');
    process.exitCode = 1;
    onShutdown('unexpected error');
  });
  const subscribers = new Subscribers(onBug);
  const adopt = () => monitor.adoptEdits().catch(onBug);
  const store = await Store.open({
    folder: folder.path,
    stateFile: folder.stateFile,
    warnings,
    onReplay: (change, mark) => subscribers.hold(notificationOf(change, mark)),
    onUnsettled: () => void adopt(),
  });
  const alerts = new Alerts({
    config,
    folder: folder.path,
    memoryFile: folder.alertFile,
    save: replaceFile,
    snapshot: () => monitor.snapshot,
    isTotalSet: () => monitor.isTotalSet,
    forecast: () => queries.forecast(),
    settled: (work) =>
      monitor.submit({
        isAlone: true,
        decide: ({ snapshot }) => {
          work(snapshot);
          return { answer: () => undefined };
        },
      }),
    publish: (alert) => subscribers.publish([{ method: 'usage.alert', params: alert }]),
    warnings,
    onBug,
  });
  const monitor = new Monitor({ store, subscribers, alerts });
  const queries = createQueries(store.ledger.index, monitor, () => alerts.latest);
  const estimator = createEstimator({
    onCrash: (error) => log.error({ err: error }, 'the estimate worker broke'),
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
      // Nobody can be asked, so that what is odd about it is a refusal.
      return monitor.submit(recordOperation(reading, 'clipboard', writingOf(text)));
    },
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

  let url = '';
  let port = 0;
  const admission = config.auth === 'token' ? new Admission(await readOrMakeToken(folder.path, warnings)) : undefined;
  const proof = new Proof();
  const commands = createCommands({
    monitor,
    queries,
    estimator,
    syncClipboard: clipboard.sync,
    pageCode: () => admission?.newCode(),
    info: () => ({
      name: 'token-sync',
      version: VERSION,
      protocol: PROTOCOL_VERSION,
      protocol_min: PROTOCOL_MIN,
      ...identity,
      state_file: folder.stateFile,
      drop_dir: folder.dropFolder,
      url,
      command: command.full,
      ...(monitor.isTotalSet && { total_is_set: true as const }),
      warnings: warnings.list(),
      alerts: alerts.standing(),
    }),
    // The answer goes out first.
    shutdown: () => setImmediate(onShutdown, 'daemon.shutdown'),
  });
  const rpc = createRpcServer(commands, onBug);
  const metrics = () =>
    metricsText({
      usage: monitor.usage(),
      recordedTokens: queries.recordedTokens(),
      forecast: queries.forecast(),
      periodEndMs: config.alerts.period && periodEnd(config.alerts.period, Date.now()),
      subscribers: subscribers.count,
      connections: sockets.count,
      warnings: warnings.list().length,
      version: VERSION,
      startedMs,
    });
  const http: HttpOptions = {
    routes: [
      ...restRoutes({
        commands,
        rpc,
        admission,
        proof,
        port: () => port,
        stateText: () => store.text(),
        metrics,
        version: VERSION,
      }),
      ...pageRoutes(() => ({
        usage: monitor.usage(),
        sessions: monitor.sessions(),
        total_is_set: monitor.isTotalSet,
        command: command.full,
        time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      })),
    ],
    command: command.short,
    door: () => ({ port, addresses: openAddresses(config.host) }),
    admission,
    input: new InputRoom(),
    backlog: new SharedBudget(),
    onBug,
  };
  const server = createHttpServer(http);
  const sockets = serveSockets(server, {
    http,
    rpc,
    language: config.lang,
    unsubscribe: (subscriber) => monitor.unsubscribe(subscriber),
  });
  const listening = await listen(server, config);
  port = listening.port;
  url = `http://${urlHost(config.host)}:${port}`;
  await drop.ready;
  const served = { url, protocol: PROTOCOL_VERSION, protocol_min: PROTOCOL_MIN, version: VERSION };
  const told = { ...identity, ...served, ...proof.told };
  const endDaemonFile = await keepDaemonFile(folder.daemonFile, told, {
    warnings,
    onUnlisted: (error) => onUnlisted(error, told),
  });
  log.info({ url, version: VERSION, file: STATE_FILE }, 'started');
  alerts.start();
  if (config.clipboard.watch) clipboard.watch();

  return {
    url,
    async stop(reason) {
      log.info({ reason }, 'stopping');
      const closed = listening.close();
      await Promise.all([drop.close(), edits.close(), clipboard.close()]);
      await Promise.all([monitor.close(), alerts.close()]);
      subscribers.flush();
      await sockets.close(reason, GOODBYE_MS);
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), GOODBYE_MS).unref();
      await Promise.all([closed, estimator.close()]);
      store.close();
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

/** The addresses besides loopback by which others reach a daemon; those of every interface where it listens on all. */
function openAddresses(host: string): string[] {
  if (isLoopback(host)) return [];
  if (host !== '0.0.0.0' && host !== '::') return [host];
  return Object.values(networkInterfaces()).flatMap((found) => found?.map(({ address }) => address) ?? []);
}

/** The address for a URL; one that stands for every interface is reached by loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
