import type { Bilingual, Language } from '../../protocol/language.ts';
import type { MethodName, Params, Result } from '../../protocol/methods.ts';
import type { FlagTable, FlagValues } from './flags.ts';
import type { Settings } from './settings.ts';

/** A command: its help, its arguments and its work. */
export interface Command<F extends FlagTable = FlagTable> {
  /** One line of the overview. */
  readonly summary: Bilingual;
  /** A command line that a person may copy. */
  readonly example: Bilingual;
  readonly flags: F;
  /** The arguments by name, those in brackets optional: `['VALUE', '[EVENT]']`. */
  readonly args: readonly string[];
  /** Lines of its help before those of the flags, each with what it begins with. */
  readonly notes?: readonly (readonly [begin: string, meaning: Bilingual])[];
  /** True where flags and arguments that are unknown here belong to another program. */
  readonly passesThrough?: true;
  /** Does it and returns what to print; `undefined` when it has printed everything itself. */
  run(input: Input<F>): Promise<Outcome | undefined>;
}

/** Commands by name, in the order of the overview, each loaded when it is asked for. */
export type CommandTable = Readonly<Record<string, () => Promise<Command>>>;

/** A command whose flags are typed by their table. */
export function defineCommand<const F extends FlagTable>(command: Command<F>): Command<F> {
  return command;
}

/** The input of a command. */
export interface Input<F extends FlagTable = FlagTable> {
  readonly flags: FlagValues<F>;
  readonly positionals: readonly string[];
  /** Flags and arguments as they came, without the command's name. */
  readonly rawArgs: readonly string[];
  readonly settings: Settings;
  readonly language: Language;
  /**
   * Calls the daemon, started where none runs. `work` is done once more when the daemon turned out to be gone, so an id
   * that keeps a recording from counting twice is made outside of it.
   */
  readonly daemon: <T>(work: (call: Call) => Promise<T>) => Promise<T>;
}

/** One call to the daemon; throws its `TokenSyncError`. */
export type Call = <M extends MethodName>(method: M, params: Params<M>) => Promise<Result<M>>;

/** The outcome of a command: `json` is printed with `--json`, `text` without. */
export interface Outcome {
  readonly text: string;
  /** `undefined` where it was printed while it was made. */
  readonly json: object | undefined;
  /** For standard error, in either case. */
  readonly note?: string;
  /** The same, after the result, to which it belongs. */
  readonly remark?: string;
  /** Takes back what was recorded, for the person before a window that waits. */
  readonly undo?: () => Promise<Outcome>;
  /** The sentence to tell where the answer cannot be written, such as that the value was recorded all the same. */
  readonly done?: Bilingual;
  /** 0 when absent. */
  readonly exitCode?: number;
}
