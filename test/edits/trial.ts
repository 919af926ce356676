import type { Usage } from '../../src/protocol/methods.ts';
import { toLocalTime, toSessionTime } from '../../src/protocol/timestamp.ts';
import { type Content, contentOf } from './content.ts';
import { Copies } from './copies.ts';
import { differencesOf } from './differences.ts';
import { EditModel, type Expected } from './model.ts';
import { Program } from './program.ts';
import { isNameless } from './sessions.ts';
import type { Subject, Way } from './subject.ts';

/** One course that events may have taken, as the model tells it. */
export type Course = (model: EditModel) => Expected;

/** Values that `expect` need not know exactly: a time that the daemon set, and sessions that came back in the place of one undone. */
export interface Unknowns {
  /** Warnings may be gone by now: with a crash, or replaced by another one. */
  readonly isForgotten?: boolean;
  readonly isTimed?: boolean;
  readonly isUndo?: boolean;
}

/** When other programs' sessions begin. */
const OLD_MS = Date.UTC(2025, 0, 1);

/** More than these and the harness does not know any more what happened. */
const MAX_MODELS = 64;

/** A subject, the models that agree with all it has shown, and the programs that hold something they have read. */
export class Trial {
  readonly subject: Subject;
  readonly programs: Program[] = [];
  readonly log: string[] = [];
  edits = 0;
  /** Several where what was seen leaves open in which order it happened. */
  #models: readonly EditModel[] = [new EditModel()];
  readonly #copies: Copies;
  #names = 0;

  constructor(subject: Subject) {
    this.subject = subject;
    this.#copies = new Copies(subject);
    this.model.show(subject.text());
  }

  get model(): EditModel {
    return this.#models[0]!;
  }

  /** A name that was never used. */
  fresh(prefix = 'n'): string {
    return `${prefix}${this.#names++}`;
  }

  say(what: string): void {
    this.log.push(what);
  }

  /** Reads the file as a program does. */
  read(): Program {
    return new Program(this.subject.text());
  }

  /** The text that a program saves after it has changed its copy. */
  change(program: Program, random: () => number): string {
    const { model, subject } = this;
    const shown = new Set(model.ours.sessions.map(({ who }) => who));
    const what = program.change({
      random,
      fresh: () => this.fresh(),
      now: () => toLocalTime(subject.nowMs() - Math.floor(random() * 5) * 1_000),
      time: () => toSessionTime(OLD_MS + this.#names++ * 1_000),
      goneIds: [...model.fates.keys()].filter((who) => !shown.has(who) && !isNameless(who)),
    });
    const isVague = this.#models.some((one) => one.isVague(program.ids));
    const text = program.text(random, isVague);
    const { mark, used, total, sessions } = contentOf(text);
    const figures = `used ${used}, total ${total}, mark ${mark}, ${sessions.length} sessions`;
    this.say(`from ${contentOf(program.read).mark}: ${what} → ${figures}`);
    return text;
  }

  /** Writes a text as a program does. */
  save(text: string, random: () => number): void {
    const way: Way = random() < 0.5 ? 'in place' : 'by rename';
    this.subject.write(text, way);
    this.edits++;
  }

  /** Tells the models of a change of the figure that never was: only to prove that a trial can fail. */
  lie(): void {
    for (const model of this.#models) model.ours = { ...model.ours, used: model.ours.used + 1 };
  }

  /** Waits until the subject shows the outcome of one of the courses, which is then what happened; throws what is wrong. */
  async expect(courses: readonly Course[], unknowns: Unknowns = {}): Promise<void> {
    const before = this.model.latest;
    const candidates = this.#models.flatMap((known) =>
      courses.map((course) => {
        const model = known.copy();
        const expected = course(model);
        return { model, expected, isChange: differencesOf(expected, before).length > 0 };
      }),
    );
    const wrong = async () => {
      const [text, usage] = [this.subject.text(), await this.subject.usage()];
      const found: string[] = [];
      const right: EditModel[] = [];
      for (const { model, expected, isChange } of candidates) {
        const seen = Object.assign(model.copy(), { kept: model.kept, mayKeep: model.mayKeep });
        const differences = wrongIn(seen, expected, text, usage, unknowns);
        const isStill = contentOf(text).mark === contentOf(before).mark;
        if (isChange && isStill) differences.push('the mark is still the old one');
        differences.push(...(await this.#copies.wrong(model, unknowns.isForgotten === true)));
        if (differences.length === 0) right.push(seen);
        else found.push(differences.join('\n'));
      }
      if (right.length === 0) return found;
      this.#models = right.length === 1 ? right : [...new Map(right.map((one) => [one.signature(), one])).values()];
      return [];
    };
    const found = await this.subject.settle(
      wrong,
      candidates.every(({ isChange }) => isChange),
    );
    // Of what may have happened, the one that it comes nearest to.
    const [nearest] = found.sort((one, other) => one.split('\n').length - other.split('\n').length);
    if (nearest !== undefined) throw new Error(nearest);
    if (this.#models.length > MAX_MODELS) throw new Error('the harness cannot tell any more what happened');
    this.#copies.accept();
  }

  /** Whether every session that ever was stands in the history, once; throws what is wrong. */
  async expectHistory(): Promise<void> {
    const nameOf = (id: string | undefined, isUndone: boolean) => `${id ?? 'nameless'}${isUndone ? ' undone' : ''}`;
    const history = await this.subject.history();
    const is = history.map(({ id, undone }) => nameOf(id, undone === true)).sort();
    const should = this.#models.map(({ fates }) =>
      [...fates]
        .flatMap(([who, { told, isUndone = false }]) => {
          return Array.from({ length: told }, () => nameOf(isNameless(who) ? undefined : who, isUndone));
        })
        .sort(),
    );
    if (should.some((names) => names.join() === is.join())) return;
    throw new Error(`the history is\n${is}\nand must be\n${should.join('\nor\n')}`);
  }
}

/** The faults of a file and of the daemon's answers; shows the file to the model where there is none. */
function wrongIn(
  model: EditModel,
  expected: Expected,
  text: string,
  usage: Usage & { readonly mark?: string },
  { isTimed = false, isUndo = false }: Unknowns,
): string[] {
  const actual = contentOf(text);
  const members = isTimed ? withTime(expected, actual) : expected.members;
  const found = differencesOf({ ...expected, members }, text, isUndo ? model.waiting : []);
  if (found.length > 0) return found;
  model.show(text);
  const compare = (what: string, is: unknown, should: unknown) => {
    if (is !== should) found.push(`${what} is ${is} and must be ${should}`);
  };
  compare('usage.get used', usage.used, expected.used);
  compare('usage.get total', usage.total, expected.total);
  compare('usage.get sessions_count', usage.sessions_count, model.count);
  compare('the revision of the mark', Number(/^(\d+):[0-9a-f]{8}$/.exec(actual.mark ?? '')?.[1]), usage.revision);
  if (usage.mark !== undefined) compare('usage.get mark', usage.mark, actual.mark);
  return found;
}

function withTime({ members }: Expected, actual: Content): Map<string, string> {
  const name = '/last_updated';
  return new Map([...members, [name, actual.members.get(name) ?? 'none']]);
}
