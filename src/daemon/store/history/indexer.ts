import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LedgerEnd } from '../ledger/ledger.ts';

/** The process that takes in a large part of the ledger; a process, because a thread's memory would stay with the daemon. */
export interface Indexer {
  /** Settled when it is where the ledger is, and gone; rejects when it broke. */
  readonly done: Promise<void>;
  /** Ends it at once; what it has taken in stays. */
  end(): Promise<void>;
}

/** What it is told at its start. */
export interface IndexerOrder {
  /** The path of the database, and the folder of the ledger. */
  readonly path: string;
  readonly ledger: string;
}

/** What it is told while it works. */
export type ToIndexer = { readonly until: LedgerEnd } | { readonly mended: number };

/** What it says. */
export type FromIndexer =
  | { readonly says: 'ids' }
  | { readonly says: 'progress'; readonly done: number }
  | { readonly says: 'damaged'; readonly segment: number }
  | { readonly says: 'there'; readonly segment: number; readonly end: number };

export interface IndexerEvents {
  until(): LedgerEnd;
  mend(segment: number): Promise<void>;
  /** The search by id is ready. */
  onIds(): void;
  /** How much is in, from 0 to 1. */
  onProgress(done: number): void;
}

/** Behind by no more than this, the daemon takes in the rest. */
const NEAR_BYTES = 256 * 1024;

/** Starts it; it goes on until the ledger's end is near. */
export function startIndexer(order: IndexerOrder, { until, mend, onIds, onProgress }: IndexerEvents): Indexer {
  const child = spawn(process.execPath, [workerPath(), JSON.stringify(order)], { stdio: 'pipe', windowsHide: true });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-MAX_COMPLAINTS);
  });
  child.stdin.on('error', () => child.stdin.destroy());
  const tell = (message: ToIndexer) => child.stdin.write(`${JSON.stringify(message)}\n`);
  createInterface({ input: child.stdout }).on('line', (line) => void heard(JSON.parse(line) as FromIndexer));
  const gone = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const done = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`the indexer ended with ${signal ?? code}: ${complaints}`));
    });
  });
  tell({ until: until() });
  return {
    done,
    end() {
      child.kill('SIGKILL');
      return gone;
    },
  };

  async function heard(message: FromIndexer): Promise<void> {
    if (message.says === 'ids') onIds();
    else if (message.says === 'progress') onProgress(message.done);
    else if (message.says === 'damaged') {
      await mend(message.segment);
      tell({ mended: message.segment });
    } else {
      const end = until();
      const isNear = end.segment === message.segment && end.end - message.end < NEAR_BYTES;
      if (isNear) child.stdin.end();
      else tell({ until: end });
    }
  }
}

/** The end of what it said before it broke. */
const MAX_COMPLAINTS = 2_000;

function workerPath(): string {
  const name = import.meta.url.endsWith('.ts') ? './indexer-worker.ts' : './history-indexer.js';
  return fileURLToPath(new URL(name, import.meta.url));
}
