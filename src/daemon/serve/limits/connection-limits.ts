import { readFileSync } from 'node:fs';

/** Bounds on concurrent connections. Without them callers would fill the table of open files, and the state file could not be written. */
export interface ConnectionLimits {
  readonly connections: number;
  /** WebSockets among them: fewer, so that plain requests still get in. */
  readonly peers: number;
  /** Includes those that are being told why they are refused; beyond it connections are cut off without a word. */
  readonly sockets: number;
}

/** As many WebSockets hold some 100 MB. */
const MAX_PEERS = 10_000;
const MAX_CONNECTIONS = 11_000;
const MAX_SOCKETS = 15_000;

/** Open files that are left to the ledger, the drop folder, helpers and so on. */
const OTHER_FILES = 200;

/** Fewer connections are accepted without a look at the system's own limit. */
const FEW_CONNECTIONS = 500;

let limits: ConnectionLimits | undefined;

/** Whether one more finds room among so many. */
export function hasRoom(kind: keyof ConnectionLimits, present: number): boolean {
  if (present < FEW_CONNECTIONS) return true;
  limits ??= limitsFor(maxOpenFiles());
  return present < limits[kind];
}

function limitsFor(openFiles: number): ConnectionLimits {
  const connections = Math.min(MAX_CONNECTIONS, openFiles - OTHER_FILES);
  return {
    connections,
    peers: Math.floor(connections * (MAX_PEERS / MAX_CONNECTIONS)),
    sockets: Math.min(MAX_SOCKETS, openFiles - OTHER_FILES / 2),
  };
}

/** The system's limit for this process; Windows has none. */
function maxOpenFiles(): number {
  return openFilesOfLinux() ?? openFilesOfReport() ?? Number.POSITIVE_INFINITY;
}

function openFilesOfLinux(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    // A sandbox may have no /proc, and connections may have taken the last file: the report needs neither.
    return undefined;
  }
}

/** Ten megabytes of memory go into it, so only where nothing else tells. */
function openFilesOfReport(): number | undefined {
  const report = process.report as typeof process.report & { excludeNetwork: boolean };
  // It would ask for the name of each peer.
  report.excludeNetwork = true;
  const { userLimits } = report.getReport() as { userLimits?: { open_files?: { soft: number | 'unlimited' } } };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : undefined;
}
