import type { Session, Usage, Warning } from '../../src/protocol/methods.ts';

export type Way = 'in place' | 'by rename';

export interface Count {
  readonly id: string;
  readonly tokens: number;
}

/** The thing on which edits are tried: a store by itself, or a daemon process. */
export interface Subject {
  readonly folder: string;
  /** The state file, when it is in the hands of another process than the programs that edit it. */
  readonly heldPath: string | undefined;
  /** The state file's text at this moment; throws while there is none. */
  text(): string;
  write(text: string, way: Way): void;
  /** Records a reading; tells whether the state file is behind what is acknowledged. */
  record(count: Count & { readonly sync_type: string }): Promise<{ readonly isBehind: boolean }>;
  import(counts: readonly Count[]): Promise<void>;
  undo(id: string): Promise<void>;
  setTotal(total: number): Promise<void>;
  /** Has the daemon look at the file; resolves when it has. */
  adopt(): Promise<void>;
  /** Tries until it holds that what lies in the file is taken over; returns what is wrong at the end. */
  settle(wrong: () => Promise<string[]>, isChange: boolean): Promise<string[]>;
  usage(): Promise<Usage>;
  warnings(): Promise<readonly Warning[]>;
  /** Every session of the ledger. */
  history(): Promise<Session[]>;
  /** Stops it cleanly, lets somebody edit meanwhile, and starts it. */
  restart(meanwhile: () => void): Promise<void>;
  /** Ends it at a random instant, as a crash does, while `work` is under way, and starts it. */
  crash(work: () => Promise<unknown>, random: () => number): Promise<void>;
  /** The simulated or real time, in milliseconds. */
  nowMs(): number;
  /** Time goes by, where it can be made to. */
  pass(ms: number): void;
  end(): Promise<void>;
}
