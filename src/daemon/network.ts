import type { DaemonFile } from '../protocol/addresses.ts';
import { PROTOCOL_MIN, PROTOCOL_VERSION } from '../protocol/methods.ts';
import { type BudgetSettings, periodOf } from '../shared/settings.ts';
import type { Alerts } from './alerts/alerts.ts';
import { type LiveBudget, toldBudget } from './budget/live-budget.ts';
import type { Estimator } from './estimate/estimator.ts';
import type { LiveMeters } from './meters/live/live-meters.ts';
import type { Monitor } from './monitor.ts';
import type { Config } from './process/config.ts';
import type { DataFolder } from './process/data-folder.ts';
import { listen, OwnAddress } from './process/listen.ts';
import type { OwnCommand } from './process/own-command.ts';
import { VERSION } from './process/version.ts';
import type { Warnings } from './process/warnings.ts';
import type { Queries } from './queries/queries.ts';
import { VerdictTurn } from './queries/verdict-turn.ts';
import { spanAt } from './rules/period.ts';
import { Proof } from './serve/auth/proof.ts';
import { TokenCheck } from './serve/auth/token-check.ts';
import { readOrMakeToken } from './serve/auth/token-file.ts';
import { createCommands } from './serve/commands.ts';
import { createHttpServer, type HttpOptions } from './serve/http/http-server.ts';
import { metricsText } from './serve/http/metrics.ts';
import { pageRoutes } from './serve/http/pages.ts';
import { restRoutes } from './serve/http/rest.ts';
import type { Route } from './serve/http/routes.ts';
import { InputRoom } from './serve/limits/input-room.ts';
import { SharedBudget } from './serve/limits/shared-budget.ts';
import { createRpcServer } from './serve/rpc.ts';
import { serveSockets } from './serve/socket/socket.ts';
import type { LiveSettings } from './settings/live-settings.ts';
import type { Clipboard } from './sources/clipboard/clipboard.ts';
import type { Store } from './store/store.ts';
import type { Subscribers } from './subscribers.ts';

/** The parts of the daemon that the network serves. */
export interface Served {
  readonly store: Store;
  readonly monitor: Monitor;
  readonly subscribers: Subscribers;
  readonly queries: Queries;
  readonly alerts: Alerts;
  readonly estimator: Estimator;
  readonly clipboard: Clipboard;
  readonly budget: LiveBudget;
  readonly settings: LiveSettings;
  readonly meters: LiveMeters;
  readonly warnings: Warnings;
}

export interface NetworkOptions {
  readonly folder: DataFolder;
  readonly config: Config;
  readonly command: OwnCommand;
  readonly startedMs: number;
  /** Called when a client asks to stop, after it has its answer. */
  readonly onShutdown: (reason: string) => void;
  readonly onBug: (error: unknown) => void;
}

/** The daemon as others reach it. */
export interface Network {
  /** The file by which clients find the daemon, and know that it is the one. */
  readonly daemonFile: DaemonFile;
  /** Takes no more connections; to be called before `close`. */
  refuseMore(): void;
  /** Tells everyone who holds a connection why it ends, and ends it. */
  hangUp(reason: string): Promise<void>;
  /** Resolves when the requests that are left are answered or cut off. */
  close(): Promise<void>;
}

/** Connections get this long to say goodbye. */
const GOODBYE_MS = 500;

/** Serves the daemon over HTTP and WebSocket; throws where no port is free, or no token can be kept. */
export async function startNetwork(parts: Served, options: NetworkOptions): Promise<Network> {
  const { store, monitor, subscribers, queries, alerts, estimator, clipboard, budget, settings, meters, warnings } =
    parts;
  const { folder, config, command, startedMs, onShutdown, onBug } = options;
  const address = new OwnAddress(config.host);
  const identity = { pid: process.pid, started_at: new Date(startedMs).toISOString(), data_dir: folder.path };
  const tokenCheck = config.auth === 'token' ? new TokenCheck(await readOrMakeToken(folder.path, warnings)) : undefined;
  const proof = new Proof();
  const commands = createCommands({
    monitor,
    queries,
    budget,
    verdict: new VerdictTurn(queries.forecastNow),
    alerts,
    estimator,
    settings,
    meters,
    syncClipboard: clipboard.sync,
    pageCode: () => tokenCheck?.newCode(),
    info: () => ({
      name: 'token-sync',
      version: VERSION,
      protocol: PROTOCOL_VERSION,
      protocol_min: PROTOCOL_MIN,
      ...identity,
      state_file: folder.stateFile,
      drop_dir: folder.dropFolder,
      url: address.url,
      command: command.full,
      ...(monitor.isTotalSet && { total_is_set: true as const }),
      ...toldBudget(budget.settings),
      warnings: warnings.list(),
      alerts: alerts.standing(),
    }),
    // The answer goes out first.
    shutdown: () => setImmediate(onShutdown, 'daemon.shutdown'),
  });
  const rpc = createRpcServer(commands, onBug);

  const routes: Route[] = [];
  const http: HttpOptions = {
    routes,
    command: command.short,
    address: () => ({ port: address.port, addresses: address.open }),
    tokenCheck,
    input: new InputRoom(),
    backlog: new SharedBudget(),
    onBug,
  };
  const server = createHttpServer(http);
  const sockets = serveSockets(server, {
    http,
    rpc,
    language: config.lang,
    unsubscribe: (subscriber) => {
      monitor.unsubscribe(subscriber);
      meters.unsubscribe(subscriber);
    },
  });
  const metrics = () =>
    metricsText({
      usage: monitor.usage(),
      recordedTokens: queries.recordedTokens(),
      forecast: queries.forecastNow(),
      periodEndMs: periodEndOf(budget.settings),
      meters: meters.get(),
      subscribers: subscribers.count,
      connections: sockets.count,
      warnings: warnings.list().length,
      version: VERSION,
      startedMs,
    });
  routes.push(
    ...restRoutes({
      commands,
      rpc,
      tokenCheck,
      proof,
      port: () => address.port,
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
  );

  const listening = await listen(server, config);
  address.port = listening.port;
  const served = { url: address.url, protocol: PROTOCOL_VERSION, protocol_min: PROTOCOL_MIN, version: VERSION };
  const ended = Promise.withResolvers<void>();
  return {
    daemonFile: { ...identity, ...served, ...proof.told },
    refuseMore: () => ended.resolve(listening.close()),
    hangUp: (reason) => sockets.close(reason, GOODBYE_MS),
    async close() {
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), GOODBYE_MS).unref();
      await ended.promise;
    },
  };
}

function periodEndOf(settings: BudgetSettings): number | undefined {
  const period = periodOf(settings);
  return period && spanAt(period, Date.now())?.endMs;
}
