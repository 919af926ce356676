import { fileURLToPath } from 'node:url';
import { DatabaseFault, type Fault } from '../../disk/database-fault.ts';
import { startLineProcess } from '../../helper/line-process.ts';
import type { LedgerEnd } from '../ledger/line-listener.ts';
import type { Position } from './database/position.ts';

/** The process that takes in a large part of the ledger. */
export interface Indexer {
  /** Resolves when it is where the ledger is, and gone; rejects when it broke. */
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

/** What it is told while it works: how far to go, that a segment is mended, or that it is done. */
export type ToIndexer = { readonly until: LedgerEnd } | { readonly mended: number } | { readonly isEnd: true };

/** What it says. */
export type FromIndexer =
  | { readonly says: 'ids' | 'gone' }
  | { readonly says: 'progress'; readonly done: number; readonly position: Position }
  | { readonly says: 'damaged'; readonly segment: number }
  | { readonly says: 'failed'; readonly fault?: Fault; readonly message: string }
  | { readonly says: 'there'; readonly segment: number; readonly end: number };

export interface IndexerEvents {
  until(): LedgerEnd;
  mend(segment: number): Promise<void>;
  /** The search by id is ready. */
  onIds(): void;
  /** How much is in, from 0 to 1, and up to where. */
  onProgress(done: number, position: Position): void;
}

/** Behind by no more than this, the daemon takes in the rest. */
const NEAR_BYTES = 256 * 1024;

/** Starts it; it goes on until the ledger's end is near. */
export function startIndexer(order: IndexerOrder, { until, mend, onIds, onProgress }: IndexerEvents): Indexer {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const indexer = startLineProcess({
    name: 'the process that makes the history anew',
    path: workerPath(),
    arguments: [JSON.stringify(order)],
    onLine: (line) => {
      const word = wordIn(line);
      if (word) void hear(word).catch(reject);
      return word !== undefined;
    },
    onCrash: reject,
  });
  const tell = (message: ToIndexer) => indexer.tell(message);
  let reached: string | undefined;
  tell({ until: until() });
  return {
    done,
    async end() {
      await indexer.end();
      reject(new Error('it was ended'));
    },
  };

  async function hear(word: FromIndexer): Promise<void> {
    switch (word.says) {
      case 'ids':
        return onIds();
      case 'progress':
        return onProgress(word.done, word.position);
      case 'damaged':
        await mend(word.segment);
        return tell({ mended: word.segment });
      case 'there': {
        const end = until();
        const isNear = end.segment === word.segment && end.end - word.end < NEAR_BYTES;
        const isStuck = reached === `${word.segment} ${word.end}`;
        reached = `${word.segment} ${word.end}`;
        return tell(isNear || isStuck ? { isEnd: true } : { until: end });
      }
      case 'failed':
        await indexer.end();
        return reject(word.fault ? new DatabaseFault(word.message, word.fault) : new Error(word.message));
      case 'gone':
        await indexer.end();
        return resolve();
    }
  }
}

function wordIn(line: string): FromIndexer | undefined {
  try {
    const word: Partial<Record<string, unknown>> | null = JSON.parse(line);
    return typeof word?.says === 'string' ? (word as unknown as FromIndexer) : undefined;
  } catch {
    return undefined;
  }
}

function workerPath(): string {
  const name = import.meta.url.endsWith('.ts') ? './indexer-worker.ts' : './history-indexer.js';
  return fileURLToPath(new URL(name, import.meta.url));
}
