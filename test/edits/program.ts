import { type Loose, parseLoose } from './content.ts';
import { changeAsOthersDo, pick, type Surroundings } from './writers.ts';

/** A program that has read the file, keeps what it parsed, and saves it as it is used to. */
export class Program {
  readonly read: string;
  #file: Loose;
  #habit: Habit | undefined;

  constructor(read: string) {
    this.read = read;
    this.#file = parseLoose(read);
  }

  /** The ids in its copy, newest first. */
  get ids(): (string | undefined)[] {
    return this.#file.token_usage.sessions.map(({ id }: Loose) => id);
  }

  /** Changes its copy; returns how. */
  change(at: Surroundings): string {
    return changeAsOthersDo(this.#file, at);
  }

  /** Its copy as it saves it; with the mark that it read where `isMarked`, whatever it is used to. */
  text(random: () => number, isMarked: boolean): string {
    this.#habit ??= habitOf(random());
    return pick(FORMATS, random)(isMarked ? this.#file : this.#habit(this.#file));
  }

  /** Forgets what it has changed, as another program that has read the same. */
  startAnew(): void {
    this.#file = parseLoose(this.read);
    this.#habit = undefined;
  }
}

/** The ways in which programs print the file. */
const FORMATS: readonly ((file: Loose) => string)[] = [
  (file) => JSON.stringify(file, undefined, 2),
  (file) => `${JSON.stringify(file, undefined, 2)}\n`,
  (file) => JSON.stringify(file),
  (file) => `${JSON.stringify(file, undefined, '\t')}\r\n`,
];

/** The text that a program makes of its copy when it saves. */
type Habit = (file: Loose) => Loose;

/** Most programs carry along what they do not know. */
function habitOf(chance: number): Habit {
  if (chance < 0.05) return withFixedSchema;
  if (chance < 0.1) return (file) => withMark(file, undefined);
  if (chance < 0.13) return (file) => withMark(file, file.token_usage.mark.replace(/:.*/, ':00000000'));
  return (file) => file;
}

function withMark(file: Loose, mark: string | undefined): Loose {
  // `JSON.stringify` leaves out what is undefined.
  return { ...file, token_usage: { ...file.token_usage, mark } };
}

/** The rest of a file that a program of a fixed schema leaves: neither the mark nor what others keep in it, and no session without a time. */
function withFixedSchema({ token_usage: { used, total, sessions }, last_updated }: Loose): Loose {
  const known = sessions.filter(({ timestamp }: Loose) => timestamp !== undefined);
  const fixed = known.map(({ id, timestamp, tokens, event, task, method }: Loose) => {
    return { id, timestamp, tokens, event, task, method };
  });
  return { token_usage: { used, total, sessions: fixed }, last_updated };
}
