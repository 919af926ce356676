import type { Tool } from '../../../../protocol/meters.ts';
import type { FileState } from '../../files/file-state.ts';
import { type FileOfLines, LineTail, type LineTaker, type Outcome } from '../../files/line-tail.ts';
import type { Observation } from '../../observation.ts';
import type { ReadFile } from '../../store/batch.ts';
import type { SourceStandings } from '../source-standings.ts';
import type { CodexKin } from './codex-kin.ts';
import { foldOf, isLogTool, type LogFold, type LogTool } from './log-folds.ts';
import type { Unsaved } from './unsaved.ts';
import type { WaitingFile } from './waiting-files.ts';

/** How far a log is read, as it is kept. */
export interface LogPlace extends FileState {
  /** It is being read once more because its keys were wrong. */
  readonly isAgain?: true;
}

/** A log as it was read last. */
export interface KnownLog {
  readonly tool: LogTool;
  readonly place: LogPlace;
  readonly parser?: unknown;
}

export interface LogReaderOptions {
  readonly kept: readonly ReadFile[];
  readonly kin: CodexKin;
  readonly unsaved: Unsaved;
  readonly standings: SourceStandings;
  /** Told how many lines more were too long to be read. */
  readonly onSkipped: (count: number) => void;
}

/** Reads logs on from where they were read before; what it finds waits to be saved. */
export class LogReader {
  readonly known = new Map<string, KnownLog>();
  readonly #options: LogReaderOptions;
  readonly #tail = new LineTail();

  constructor(options: LogReaderOptions) {
    this.#options = options;
    for (const { path, source, place, parser } of options.kept) {
      if (isLogTool(source)) this.#know(path, { tool: source, place: place as LogPlace, parser });
    }
  }

  /** True where a log of the tool was ever read. */
  isKnown(tool: Tool): boolean {
    for (const log of this.known.values()) if (log.tool === tool) return true;
    return false;
  }

  /** Files that were being read once more when the last process ended. */
  unfinished(): { readonly path: string; readonly tool: Tool }[] {
    return [...this.known].flatMap(([path, { tool, place }]) => (place.isAgain ? [{ path, tool }] : []));
  }

  /** Reads what is new in a file; `between` may save what was read so far, and holds the reading up meanwhile. */
  async read(file: WaitingFile & { tool: LogTool }, between: () => Promise<void>): Promise<Outcome> {
    const { path, tool } = file;
    const run = new FileRun(file, this.known.get(path), this.#options);
    const outcome = await this.#tail.read(path, run.from, {
      begin: (start, lines) => run.begin(start, lines),
      take: run.take,
      reached: async (state) => {
        this.#know(path, run.reached(state));
        await between();
      },
    } satisfies LineTaker);
    if (outcome.kind === 'gone') this.forget(path);
    else if (outcome.kind !== 'unreadable' && this.known.get(path)?.place.isAgain)
      this.#endAgain(path, tool, file.isLive);
    return outcome;
  }

  forget(path: string): void {
    if (!this.known.delete(path)) return;
    this.#options.kin.forget(path);
    this.#options.unsaved.forget(path);
  }

  #endAgain(path: string, tool: LogTool, isLive: boolean): void {
    const { unsaved } = this.#options;
    const { place, parser } = this.known.get(path)!;
    const { isAgain: _, ...rest } = place;
    this.#know(path, { tool, place: rest, parser });
    unsaved.add({ file: fileOf(path, { tool, place: rest, parser }), observations: [] }, isLive);
    unsaved.endAgain(path);
  }

  #know(path: string, log: KnownLog): void {
    this.known.set(path, log);
    const { kin } = this.#options;
    const state = log.parser === undefined ? undefined : foldOf(log.tool, path, kin, log.parser)?.state;
    if (state) kin.stands(path, state);
  }
}

/** One reading of one file. */
class FileRun {
  /** From where it goes on; `undefined` from its beginning. */
  readonly from: LogPlace | undefined;
  readonly #file: WaitingFile & { tool: LogTool };
  readonly #options: LogReaderOptions;
  readonly #isAgain: boolean;
  #isToWithdraw: boolean;
  #fold: LogFold;
  #lines: FileOfLines | undefined;
  #observations: Observation[] = [];
  #skipped: number;

  constructor(file: WaitingFile & { tool: LogTool }, known: KnownLog | undefined, options: LogReaderOptions) {
    const { tool, path, isAgain } = file;
    this.#file = file;
    this.#options = options;
    this.#isToWithdraw = isAgain;
    this.#isAgain = isAgain || known?.place.isAgain === true;
    const resumed = known && !isAgain ? foldOf(tool, path, options.kin, known.parser) : undefined;
    this.from = resumed && known?.place;
    this.#fold = resumed ?? foldOf(tool, path, options.kin)!;
    this.#skipped = this.from?.skipped ?? 0;
  }

  begin(start: 'continued' | 'anew', lines: FileOfLines): void {
    this.#lines = lines;
    if (start === 'continued') return;
    this.#fold = foldOf(this.#file.tool, this.#file.path, this.#options.kin)!;
    this.#skipped = 0;
  }

  readonly take = (line: Buffer, offset: number): void => {
    const finding = this.#fold.take(line, offset, this.#lines!);
    if (!finding) return;
    this.#options.standings.hear(this.#file, finding.outcome);
    for (const observation of finding.observations) this.#observations.push(observation);
  };

  reached(state: FileState): KnownLog {
    const { tool, path, isLive } = this.#file;
    const { unsaved, onSkipped } = this.#options;
    if (state.skipped > this.#skipped) onSkipped(state.skipped - this.#skipped);
    this.#skipped = state.skipped;
    if (this.#isToWithdraw) unsaved.withdraw(path);
    this.#isToWithdraw = false;
    const log = { tool, place: this.#isAgain ? { ...state, isAgain: true as const } : state, parser: this.#fold.state };
    unsaved.add({ file: fileOf(path, log), observations: this.#observations }, isLive);
    this.#observations = [];
    return log;
  }
}

function fileOf(path: string, { tool, place, parser }: KnownLog): ReadFile {
  return { path, source: tool, place, ...(parser !== undefined && { parser }) };
}
