import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import type { MeterSettings } from '../../../shared/settings.ts';
import type { Link } from '../observation.ts';
import type { Batch, Misread, ReadFile } from '../store/batch.ts';
import { checkDimensions } from '../store/meter-stats.ts';
import type { MeterStore } from '../store/meter-store.ts';
import type { MetersAt } from '../store/meter-view.ts';
import { metersFailure, openMeters } from '../store/open-meters.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { refusedFigures } from './reader-text.ts';
import type { AskedRows, FromReader, ReaderRefusal } from './reader-words.ts';

export type Say = (word: FromReader) => void;

/** `meters.db` failed: as people are told, with the system's or the database's error as its cause. */
export class StoreFailure extends Error {
  readonly told: TokenSyncError;

  constructor(told: TokenSyncError) {
    super('meters.db failed', { cause: told.cause });
    this.told = told;
  }
}

export interface KeeperOptions {
  readonly path: string;
  readonly settings: MeterSettings;
  readonly say: Say;
  readonly now: () => number;
  /** The error for which the store was closed before. */
  readonly after?: unknown;
}

/** The store, and what the daemon is told of it: what is saved is told, and nothing else. Throws `StoreFailure` where it fails. */
export class MeterKeeper {
  readonly #store: MeterStore;
  readonly #say: Say;
  readonly #now: () => number;
  #told: MetersAt | undefined;
  #toldRows = '';
  #refused = 0;

  constructor({ path, settings, say, now, after }: KeeperOptions) {
    this.#say = say;
    this.#now = now;
    const onSetAside = (text: Bilingual) => say({ says: 'warning', code: 'meters_set_aside', text });
    this.#store = failing(() => openMeters({ path, settings: kept(settings), now, onSetAside, after }));
  }

  /** What is to be known before anything is read. */
  kept(): { readonly files: ReadFile[]; readonly links: Link[]; readonly misreads: Misread[] } {
    return failing(() => ({
      files: this.#store.files(),
      links: this.#store.links(),
      misreads: this.#store.misreads(),
    }));
  }

  /** Tells every meter and every row. */
  tellAll(): void {
    failing(() => {
      this.#told = this.#store.meters(this.#now());
      this.#say({ says: 'meters', meters: this.#told.meters });
      this.#tellRows(true);
    });
  }

  commit(batch: Batch): void {
    failing(() => {
      const { refused } = this.#store.commit(batch, this.#now());
      const known = this.#told;
      this.#told = this.#store.meters(this.#now(), known);
      if (this.#told.seq !== known?.seq) this.#say({ says: 'meters', meters: this.#told.meters });
      this.#tellRows(false);
      if (refused === 0) return;
      this.#refused += refused;
      this.#say({ says: 'warning', code: 'meters_refused', text: refusedFigures(this.#refused) });
    });
  }

  configure(settings: MeterSettings, sinceMs = this.#now()): void {
    failing(() => {
      this.#store.configure(kept(settings), sinceMs);
      this.#tellRows(true);
    });
  }

  settle(seqs: readonly number[]): void {
    failing(() => {
      this.#store.settle(seqs);
      this.#tellRows(false);
    });
  }

  handOut(answer: number, asked: readonly number[] | 'all'): void {
    failing(() => {
      const seqs = asked === 'all' ? this.#store.outbox().rows.map(({ seq }) => seq) : asked;
      const rows = this.#store.handOut(seqs);
      this.#tellRows(false);
      this.#say({ answer, rows });
    });
  }

  /** What cannot be answered is refused. */
  stats(answer: number, asked: AskedRows): void {
    try {
      checkDimensions(asked.by);
      this.#say({ answer, stats: failing(() => this.#store.stats(asked)) });
    } catch (error) {
      if (!(error instanceof TokenSyncError)) throw error;
      this.#say({ answer, refusal: refusalFrom(error) });
    }
  }

  close(): void {
    this.#store.close();
  }

  #tellRows(isAsked: boolean): void {
    const { rows } = this.#store.outbox();
    const told = JSON.stringify(rows);
    if (told === this.#toldRows && !isAsked) return;
    this.#toldRows = told;
    this.#say({ says: 'outbox', rows: rows as OutboxRow[] });
  }
}

export function refusalFrom({ kind, text, field, hint }: TokenSyncError): ReaderRefusal {
  return { kind, text, ...(field !== undefined && { field }), ...(hint && { hint }) };
}

/** The settings as the store has them. */
function kept({ sources, main, count, projects }: MeterSettings) {
  return { followed: sources, main, count, projects };
}

/** What a call of the store answers. What it refuses for what was asked stays a `TokenSyncError`, and a bug as it is. */
function failing<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const told = metersFailure(error);
    const isStores = told instanceof TokenSyncError && (told.kind === 'storage_failed' || told.kind === 'busy');
    throw isStores ? new StoreFailure(told) : error;
  }
}
