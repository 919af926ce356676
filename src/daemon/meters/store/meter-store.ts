import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { DatabaseFault } from '../../disk/database-fault.ts';
import { IN_MEMORY, openDatabase } from '../../disk/database-file.ts';
import { Statements } from '../../store/index/database/statements.ts';
import type { Link, Observation } from '../observation.ts';
import { type Batch, type Committed, type Misread, type ReadFile, TakenOver } from './batch.ts';
import { Cells, type SeenIn } from './cells.ts';
import { Counters } from './counters.ts';
import { Feeding, type MeterSettings } from './feeding.ts';
import { Gauges } from './gauges.ts';
import { type AskedStats, meterStats, type StatsRow } from './meter-stats.ts';
import { type MetersAt, metersSince } from './meter-view.ts';
import { inodeOf, METERS_FORM } from './meters-schema.ts';
import { Names } from './names.ts';
import { Outbox, type OutboxRow } from './outbox.ts';
import { ReadFiles } from './read-files.ts';

/**
 * `meters.db`, by its one writer, who is the last one that opened it. Every call that writes is one transaction, durable when it
 * returns; one that throws has changed nothing.
 */
export class MeterStore {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;
  readonly #files: ReadFiles;
  readonly #file: string;
  readonly #writer = randomUUID();
  #settings: MeterSettings;
  #parts: Held;

  /** Opens the database at a path or begins an empty one; throws a fault of it, which `metersFailure` tells to people. */
  static open(path: string, settings: MeterSettings, nowMs: number): MeterStore {
    const db = openDatabase(path, METERS_FORM);
    try {
      return new MeterStore(db, path, settings, nowMs);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  private constructor(db: DatabaseSync, path: string, settings: MeterSettings, nowMs: number) {
    this.#db = db;
    this.#statements = new Statements(db);
    this.#files = new ReadFiles(this.#statements);
    this.#file = path === IN_MEMORY ? IN_MEMORY : inodeOf(path);
    this.#settings = settings;
    this.#transact(() => {
      // A copy, or what a backup brought back, may have given its numbers to other changes.
      this.#statements.run(OTHER_LIFE, randomUUID(), this.#file, this.#file);
      this.#statements.run('update life set writer = ?', this.#writer);
    });
    this.#parts = this.#hold();
    this.configure(settings, nowMs);
  }

  /** Takes settings; a meter or source that is new among them counts for the budget from now on. */
  configure(settings: MeterSettings, nowMs: number): void {
    this.#settings = settings;
    this.#parts = this.#hold();
    this.#write(({ feeding }) => feeding.configure(settings, nowMs));
  }

  /** Saves a batch, all or, where it throws, none of it. */
  commit(batch: Batch, nowMs: number): Committed {
    this.#expectInPlace();
    return this.#write((held) => {
      held.feeding.begin(nowMs);
      for (const path of batch.forgotten ?? []) this.#forget(held, path);
      for (const path of batch.withdrawn ?? []) this.#withdraw(held, path);
      this.#files.learn(batch);
      let refused = 0;
      for (const { file, observations } of batch.parts) {
        const seenIn = file && this.#files.save(file);
        for (const seen of observations) if (!this.#see(held, seen, seenIn)) refused++;
      }
      refused += held.cells.save();
      for (const path of batch.readAgain ?? []) {
        const id = this.#files.idOf(path);
        if (id !== undefined) held.feeding.readAgain(id);
      }
      if (held.counters.isChanged || held.gauges.isChanged) held.seq++;
      held.counters.save(held.seq);
      held.gauges.save(held.seq);
      return { seq: held.seq, refused };
    });
  }

  /** How far every file is read. */
  files(): ReadFile[] {
    return this.#files.all();
  }

  /** Every link that was ever told. */
  links(): Link[] {
    return this.#files.links();
  }

  misreads(): Misread[] {
    return this.#files.misreads();
  }

  /** Every meter, or what changed after a number of this epoch. */
  meters(nowMs: number, since?: { readonly epoch: string; readonly seq: number }): MetersAt {
    const { epoch } = this.#life();
    const { seq, names } = this.#parts;
    const isKnown = since?.epoch === epoch && since.seq <= seq;
    return { epoch, seq, meters: metersSince(this.#statements, names, isKnown ? since.seq : -1, nowMs) };
  }

  /** Sums of counters by what is asked for; throws `invalid_params` for an unknown zone and `too_large` beyond 2^53−1. */
  stats(asked: AskedStats): StatsRow[] {
    return meterStats(this.#statements, this.#parts.names, asked);
  }

  /** Since when a meter feeds the budget; `undefined` where it does not. */
  feedsSince(meter: string): number | undefined {
    return this.#parts.feeding.sinceOf(meter);
  }

  /** Growth that the ledger is not known to hold, oldest first; it has the last number that was given to a row, too. */
  outbox(): { readonly rows: readonly OutboxRow[]; readonly lastSeq: number } {
    return { rows: this.#parts.outbox.rows(), lastSeq: this.#parts.outbox.lastSeq };
  }

  /** Closes rows before they are recorded, so that each stands for the same tokens whenever it is offered; answers them as they are. */
  handOut(seqs: readonly number[]): OutboxRow[] {
    const asked = new Set(seqs);
    return this.#write(({ outbox }) => {
      outbox.handOut(seqs);
      return outbox.rows().filter(({ seq }) => asked.has(seq));
    });
  }

  /** Removes rows that were handed out and whose ids the ledger holds. */
  settle(seqs: readonly number[]): void {
    this.#write(({ outbox }) => outbox.settle(seqs));
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #see({ cells, gauges }: Held, seen: Observation, file: SeenIn | undefined): boolean {
    const { projects } = this.#settings;
    switch (seen.kind) {
      case 'count':
        return cells.see(seen, file, projects);
      case 'gauge':
        return gauges.see(seen, projects);
      case 'window':
        return gauges.seeWindow(seen);
    }
  }

  #forget({ cells, feeding }: Held, path: string): void {
    const id = this.#files.idOf(path);
    if (id === undefined) return;
    cells.forget(id);
    feeding.forget(id);
    this.#files.remove(id);
  }

  #withdraw({ cells }: Held, path: string): void {
    const id = this.#files.idOf(path);
    if (id === undefined) return;
    cells.withdraw(id);
    this.#files.reset(id);
  }

  #life(): Life {
    const life = this.#statements.get<Life>('select * from life');
    if (!life) throw new DatabaseFault('it lacks its first row');
    return life;
  }

  /** What is held in memory of the database as it is saved. */
  #hold(): Held {
    const { seq, outbox_seq, cell_id } = this.#life();
    const names = new Names(this.#statements);
    const outbox = new Outbox(this.#statements, names, outbox_seq);
    const feeding = new Feeding(this.#statements, outbox, this.#settings.count);
    const counters = new Counters(this.#statements);
    const cells = new Cells(this.#statements, { counters, names, feeding, lastId: cell_id });
    return { seq, names, outbox, feeding, counters, cells, gauges: new Gauges(this.#statements, names, feeding) };
  }

  #write<T>(write: (held: Held) => T): T {
    try {
      return this.#transact(() => {
        const written = write(this.#parts);
        const { seq, outbox, cells } = this.#parts;
        // Sums are held in memory: with two writers those of one would overwrite those of the other.
        if (this.#statements.run(SAVE_LIFE, seq, outbox.lastSeq, cells.lastId, this.#writer) === 0)
          throw new TakenOver();
        return written;
      });
    } catch (error) {
      this.#holdAgain();
      throw error;
    }
  }

  /** After a write that was taken back, unless the database cannot even be read: then the next call says so. */
  #holdAgain(): void {
    try {
      this.#parts = this.#hold();
    } catch {
      this.close();
    }
  }

  #transact<T>(write: () => T): T {
    this.#db.exec('begin immediate');
    try {
      const written = write();
      this.#db.exec('commit');
      return written;
    } finally {
      if (this.#db.isTransaction) this.#db.exec('rollback');
    }
  }

  /** What goes into a file that nobody can find any more would be lost with this connection. */
  #expectInPlace(): void {
    const path = this.#db.location();
    if (path !== null && inodeOf(path) !== this.#file) throw new DatabaseFault('its file was removed or exchanged');
  }
}

interface Held {
  seq: number;
  readonly names: Names;
  readonly outbox: Outbox;
  readonly feeding: Feeding;
  readonly counters: Counters;
  readonly cells: Cells;
  readonly gauges: Gauges;
}

interface Life {
  readonly epoch: string;
  readonly seq: number;
  readonly outbox_seq: number;
  readonly cell_id: number;
}

const OTHER_LIFE = 'update life set epoch = ?, file = ? where file <> ?';
const SAVE_LIFE = 'update life set seq = ?, outbox_seq = ?, cell_id = ? where writer = ?';
