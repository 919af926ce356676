import { TokenSyncError } from '../../../protocol/errors.ts';
import { openForWriting } from '../../../shared/node/open-writers.ts';
import type { Monitor } from '../../monitor.ts';
import { writingOf } from '../../offered-reading.ts';
import { recordOperation } from '../../operations.ts';
import type { Warnings } from '../../process/warnings.ts';
import {
  type Claim,
  type ClaimedFile,
  type FileState,
  keepClaimWhole,
  readDropFile,
  readingId,
  removeClaim,
  stateOf,
} from './drop-claim.ts';
import { type DroppedReading, toDroppedReading, understandDropText } from './drop-content.ts';
import { type DropReader, isEmptyFile } from './drop-reader.ts';
import { DROP_WARNINGS } from './drop-warnings.ts';
import { staleSignal, textOf } from './rejection-reason.ts';
import { isRejectable, Rejections } from './rejections.ts';

export interface DropIntakeOptions {
  readonly folder: string;
  readonly reader: DropReader;
  readonly monitor: Pick<Monitor, 'submit'>;
  readonly warnings: Warnings;
  /** Does what a signal in place of a value asks for; `id` is the same when it is asked again after a crash. */
  readonly onSignal: (id: string) => Promise<unknown>;
  /** Whether a file is such a signal, by its name or because there is nothing in it. */
  readonly isSignal: (name: string, isEmpty: () => boolean) => boolean;
  /** How the command line is called, for the reasons. */
  readonly command: string;
  readonly onFailure: (error: unknown) => void;
}

/** A claimed file on its way: read and recorded, then removed when nobody can write to it any more. */
interface Job {
  readonly claim: Claim;
  /** True when the file lay in the folder while no daemon ran, so that its own date is the reading's. */
  readonly hasWaited: boolean;
  /** True when the file is to be read only if no process holds it open for writing. */
  isDoubtful: boolean;
  /** The state that was recorded; absent while nothing is. */
  recorded?: FileState;
  dueMs: number;
  readonly sinceMs: number;
}

/** A writer that opened the file before it was claimed is given this long where the system does not tell of it. */
const LATE_WRITER_MS = 2_000;

/** Longer than a tick of any file system's clock: see `ClaimedFile.identity`. */
const LEAST_AGE_MS = 20;

const HELD_RETRY_MS = 20;
const HELD_WARNING_MS = 10_000;
const FAILED_RETRY_MS = 1_000;
/** Readings that are handed over at once. */
const MAX_TOGETHER = 200;
/** A file older than this was not dropped just now. */
const OLD_MS = 60_000;

/** Records claimed files in the order in which they come, each once, and loses nothing that is written to one meanwhile. */
export class DropIntake {
  readonly #options: DropIntakeOptions;
  readonly #jobs = new Set<Job>();
  readonly #rejections: Rejections;

  constructor(options: DropIntakeOptions) {
    this.#options = options;
    this.#rejections = new Rejections(options);
  }

  add(claim: Claim, { isDoubtful, hasWaited }: Pick<Job, 'isDoubtful' | 'hasWaited'>): void {
    const sinceMs = performance.now();
    this.#jobs.add({ claim, isDoubtful, hasWaited, dueMs: sinceMs, sinceMs });
  }

  /** When there is something to do next, by `performance.now()`. */
  nextMs(): number | undefined {
    let next = this.#rejections.nextMs();
    for (const { dueMs } of this.#jobs) if (next === undefined || dueMs < next) next = dueMs;
    return next;
  }

  /** Does what is due. */
  async work(): Promise<void> {
    this.#rejections.look();
    const now = performance.now();
    const due = [...this.#jobs].filter(({ dueMs }) => dueMs <= now);
    for (let at = 0; at < due.length; at += MAX_TOGETHER) await this.#workOn(due.slice(at, at + MAX_TOGETHER));
  }

  async #workOn(jobs: readonly Job[]): Promise<void> {
    const held = await openForWriting(jobs.filter(isAskedAbout).map(({ claim }) => claim.path));
    let together: Promise<void>[] = [];
    for (const job of jobs) {
      if (held?.has(job.claim.path)) this.#wait(job);
      else if (job.recorded) this.#finish(job, job.recorded);
      else if (this.#isSignal(job.claim)) {
        await Promise.all(together);
        together = [];
        await this.#signal(job);
      } else {
        const recording = this.#record(job, held !== undefined);
        if (recording) together.push(recording);
      }
    }
    await Promise.all(together);
    if (![...this.#jobs].some((job) => isLongHeld(job))) this.#options.warnings.clear('drop_held');
  }

  #isSignal({ name, path }: Claim): boolean {
    return this.#options.isSignal(name, () => isEmptyFile(path));
  }

  #wait(job: Job): void {
    const waitedMs = performance.now() - job.sinceMs;
    job.dueMs = performance.now() + Math.min(500, Math.max(HELD_RETRY_MS, waitedMs / 4));
    if (isLongHeld(job)) this.#options.warnings.raise('drop_held', DROP_WARNINGS.drop_held(job.claim.name));
  }

  /** Hands the readings of a file over, in this very turn so that files keep their order. */
  #record(job: Job, isSureOfWriters: boolean): Promise<void> | undefined {
    let file: ClaimedFile;
    let readings: readonly DroppedReading[];
    try {
      file = readDropFile(job.claim.path);
      const text = this.#options.reader.textOf(file);
      if (!text.isFinished && this.#doubt(job)) return undefined;
      readings = understandDropText(text);
      keepClaimWhole(job.claim, file);
    } catch (error) {
      if (this.#doubt(job)) return undefined;
      this.#dismiss(job, error, []);
      return undefined;
    }
    const isOld = job.hasWaited && Date.now() - file.writtenMs > OLD_MS;
    const submitted = readings.map((reading, at) => {
      const id = readingId(file.identity, at, reading.text);
      const recorded = toDroppedReading(reading, id, isOld ? file.writtenMs : undefined);
      const { ask, tokens } = reading.offered;
      return this.#options.monitor.submit(recordOperation(recorded, 'drop', ask ? writingOf(tokens) : undefined));
    });
    return this.#settle(job, file, submitted, isSureOfWriters);
  }

  async #settle(
    job: Job,
    file: ClaimedFile,
    submitted: readonly Promise<unknown>[],
    isSureOfWriters: boolean,
  ): Promise<void> {
    const outcomes = await Promise.allSettled(submitted);
    const failed = outcomes.flatMap((outcome, at) =>
      outcome.status === 'rejected' ? [{ at, error: outcome.reason }] : [],
    );
    const transient = failed.find(({ error }) => !isRefusal(error));
    if (transient) this.#retry(job, transient.error);
    else if (failed[0]) {
      this.#dismiss(job, failed[0].error, failed.length === outcomes.length ? [] : failed.map(({ at }) => at));
    } else {
      const ageMs = Date.now() - file.bornMs;
      job.recorded = file.state;
      job.dueMs =
        performance.now() + (isSureOfWriters ? Math.max(0, LEAST_AGE_MS - Math.max(0, ageMs)) : LATE_WRITER_MS);
      this.#options.warnings.clear('drop_waiting');
      this.#options.warnings.clear('drop_folder_remade');
    }
  }

  #finish(job: Job, recorded: FileState): void {
    const state = stateOf(job.claim.path);
    if (state && (state.size !== recorded.size || state.writtenNs !== recorded.writtenNs)) {
      // Somebody had it open and wrote on: what was recorded is known by its ids, the rest is new.
      delete job.recorded;
      job.isDoubtful = true;
      job.dueMs = performance.now();
      return;
    }
    try {
      removeClaim(job.claim);
      this.#jobs.delete(job);
    } catch (error) {
      this.#retry(job, error);
    }
  }

  async #signal(job: Job): Promise<void> {
    let file: ClaimedFile;
    try {
      file = readDropFile(job.claim.path);
      if (job.hasWaited && Date.now() - file.writtenMs > OLD_MS) throw staleSignal();
      await this.#options.onSignal(readingId(file.identity, 0, ''));
      job.recorded = file.state;
      job.dueMs = performance.now() + LEAST_AGE_MS;
    } catch (error) {
      if (isRefusal(error) || !(error instanceof TokenSyncError)) this.#dismiss(job, error, []);
      else this.#retry(job, error);
    }
  }

  /** True when the file must be looked at again, once it is sure that nobody writes to it. */
  #doubt(job: Job): boolean {
    if (job.isDoubtful) return false;
    job.isDoubtful = true;
    job.dueMs = performance.now();
    return true;
  }

  /** Lets a file go that cannot be recorded; `refusedItems` where the others of it are. */
  #dismiss(job: Job, error: unknown, refusedItems: readonly number[]): void {
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isGone && !isRejectable(error)) {
      this.#retry(job, error);
      return;
    }
    try {
      if (!isGone && this.#isSignal(job.claim)) this.#rejections.rejectSignal(job.claim, error);
      else if (!isGone) this.#rejections.reject(job.claim, error, refusedItems);
      this.#jobs.delete(job);
    } catch (failure) {
      this.#retry(job, failure);
    }
  }

  #retry(job: Job, error: unknown): void {
    job.dueMs = performance.now() + FAILED_RETRY_MS;
    if (error instanceof TokenSyncError && error.kind === 'stopping') return;
    if (!(error instanceof TokenSyncError) && !(error as NodeJS.ErrnoException).code) this.#options.onFailure(error);
    this.#options.warnings.raise('drop_waiting', DROP_WARNINGS.drop_waiting(textOf(error)));
  }
}

/** Writers matter where the content was in doubt, and before a file is removed for good. */
function isAskedAbout(job: Job): boolean {
  return job.isDoubtful || job.recorded !== undefined;
}

function isLongHeld({ sinceMs, recorded }: Job): boolean {
  return !recorded && performance.now() - sinceMs > HELD_WARNING_MS;
}

/** True for an error that the same file will meet again, however often it is offered. */
function isRefusal(error: unknown): boolean {
  return error instanceof TokenSyncError && !TRANSIENT.has(error.kind);
}

const TRANSIENT: ReadonlySet<string> = new Set(['storage_failed', 'stopping', 'busy']);
