/** One piece of a harness that can run beside others. */
export interface Task {
  readonly harness: string;
  readonly part: string;
}

export interface RunOptions {
  /** `plain`, or the name of the mutant that is tried. */
  readonly mutant: string;
  readonly isLong: boolean;
  readonly seed: number;
  /** A folder of the task's own. */
  readonly scratch: string;
  /** True to end at the first failure, as when a mutant is tried. */
  readonly stopAtFirst: boolean;
}

/** The findings of a task: nothing is wrong when `failures` is empty; `counts` tells how much was tried. */
export interface Outcome {
  readonly failures: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  /** Why it could not run here at all. */
  readonly skipped?: string;
}

/** A way to prove that nothing acknowledged is lost. */
export interface Harness {
  readonly name: string;
  readonly about: string;
  /** That of the short form, where it must stay the same. */
  readonly seed?: number;
  tasks(options: { readonly isLong: boolean; readonly seed: number }): Task[];
  run(task: Task, options: RunOptions): Promise<Outcome>;
}
