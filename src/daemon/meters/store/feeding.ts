import type { Statements } from '../../store/index/database/statements.ts';
import type { ProjectNaming } from './names.ts';
import type { Growth, Outbox } from './outbox.ts';

/** The settings by which meters feed the budget, and what is looked for at all. */
export interface MeterSettings {
  /** The sources that are looked for, by their tools' names, whether they are there or not. */
  readonly followed: readonly string[];
  /** The meters that feed the budget: counters, or one gauge. */
  readonly main: readonly string[];
  readonly projects: ProjectNaming;
  /** What of a counter feeds it. */
  readonly count: 'fresh' | 'all';
}

/** How much a cell grew: its total, and that without what was read from the cache. */
interface CellGrowth {
  readonly meter: string;
  readonly growth: { readonly all: number; readonly fresh: number };
  readonly atMs: number;
  readonly conversation: number;
  readonly project: number;
  readonly file: number | undefined;
}

/** The file of a credit that the next growth of the meter pays back, wherever it is. */
const ANY_FILE = 0;

/**
 * What of the growth the budget is told. A meter feeds it from the moment at which it was switched on, but from no earlier
 * than its source is looked for: what was used before is past, whenever it is found.
 */
export class Feeding {
  readonly #statements: Statements;
  readonly #outbox: Outbox;
  readonly #since = new Map<string, number>();
  readonly #followedSince = new Map<string, number>();
  readonly #credits = new Map<string, number>();
  readonly #count: MeterSettings['count'];
  #nowMs = 0;

  constructor(statements: Statements, outbox: Outbox, count: MeterSettings['count']) {
    this.#count = count;
    this.#statements = statements;
    this.#outbox = outbox;
    for (const { meter, since_ms } of statements.all<FeedingRow>(FEEDING)) this.#since.set(meter, since_ms);
    for (const { source, since_ms } of statements.all<FollowedRow>(FOLLOWED)) this.#followedSince.set(source, since_ms);
    for (const { file, meter, tokens } of statements.all<CreditRow>(CREDITS))
      this.#credits.set(`${file} ${meter}`, tokens);
  }

  /** Takes the settings; what is new among them begins now, what is there already goes on, and what is gone begins anew should it come back. */
  configure({ followed, main }: MeterSettings, nowMs: number): void {
    this.#keep(this.#since, main, nowMs, ['insert into feeding values (?, ?)', 'delete from feeding where meter = ?']);
    const source = ['insert into followed values (?, ?)', 'delete from followed where source = ?'] as const;
    this.#keep(this.#followedSince, followed, nowMs, source);
  }

  /** The time of the batch that is taken in. */
  begin(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** Since when a meter feeds the budget; `undefined` where it does not. */
  sinceOf(meter: string): number | undefined {
    const since = this.#since.get(meter);
    if (since === undefined) return undefined;
    const followedSince = this.#followedSince.get(sourceOf(meter));
    return followedSince === undefined ? undefined : Math.max(since, followedSince);
  }

  /** True for what was used before a meter fed the budget. */
  isPast(meter: string, atMs: number): boolean {
    const since = this.sinceOf(meter);
    return since !== undefined && atMs < since;
  }

  /** Tells the budget of growth as far as it is none that it was told before; answers how much of it the budget knows then. */
  grow({ meter, growth, atMs, conversation, project, file }: CellGrowth): number {
    const tokens = growth[this.#count];
    // What a withdrawn file told once it tells again, whatever feeds the budget by now.
    let left = tokens - (file === undefined ? 0 : this.#payBack(file, meter, tokens));
    const since = this.sinceOf(meter);
    if (left === 0 || since === undefined || atMs < since) return tokens - left;
    left -= this.#payBack(ANY_FILE, meter, left);
    if (left > 0) this.#outbox.add({ meter, conversation, project, tokens: left, atMs }, this.#nowMs);
    return tokens;
  }

  /** Tells the budget of a gauge's value, where it is followed, and how far it rose. */
  tell(growth: Growth): void {
    this.#outbox.add(growth, this.#nowMs);
  }

  /** Remembers what the budget was told of cells that are gone. */
  credit(file: number, meter: string, tokens: number): void {
    this.#setCredit(file, meter, this.#creditOf(file, meter) + tokens);
  }

  /** What a withdrawn file did not tell again was told twice: the next growth of its meter pays it back. */
  readAgain(file: number): void {
    for (const [meter, tokens] of this.#creditsOf(file)) {
      this.#setCredit(file, meter, 0);
      this.credit(ANY_FILE, meter, tokens);
    }
  }

  /** A withdrawn file that is gone tells nothing again; what it told stands. */
  forget(file: number): void {
    for (const [meter] of this.#creditsOf(file)) this.#setCredit(file, meter, 0);
  }

  #payBack(file: number, meter: string, tokens: number): number {
    if (this.#credits.size === 0 || tokens === 0) return 0;
    const credit = this.#creditOf(file, meter);
    const paid = Math.min(credit, tokens);
    if (paid > 0) this.#setCredit(file, meter, credit - paid);
    return paid;
  }

  #creditOf(file: number, meter: string): number {
    return this.#credits.get(`${file} ${meter}`) ?? 0;
  }

  #creditsOf(file: number): [meter: string, tokens: number][] {
    const start = `${file} `;
    return [...this.#credits].flatMap(([key, tokens]) =>
      key.startsWith(start) ? [[key.slice(start.length), tokens]] : [],
    );
  }

  #setCredit(file: number, meter: string, tokens: number): void {
    if (tokens === 0) {
      this.#credits.delete(`${file} ${meter}`);
      this.#statements.run('delete from credit where file = ? and meter = ?', file, meter);
    } else {
      this.#credits.set(`${file} ${meter}`, tokens);
      this.#statements.run('insert or replace into credit values (?, ?, ?)', file, meter, tokens);
    }
  }

  #keep(
    known: Map<string, number>,
    names: readonly string[],
    nowMs: number,
    [insert, remove]: readonly [string, string],
  ): void {
    for (const name of names) {
      if (known.has(name)) continue;
      known.set(name, nowMs);
      this.#statements.run(insert, name, nowMs);
    }
    for (const name of [...known.keys()].filter((each) => !names.includes(each))) {
      known.delete(name);
      this.#statements.run(remove, name);
    }
  }
}

/** The tool whose figure a meter is: `cursor` of `cursor.billed`. */
export function sourceOf(meter: string): string {
  return meter.split('.')[0]!;
}

interface FeedingRow {
  readonly meter: string;
  readonly since_ms: number;
}
interface FollowedRow {
  readonly source: string;
  readonly since_ms: number;
}
interface CreditRow {
  readonly file: number;
  readonly meter: string;
  readonly tokens: number;
}

const FEEDING = 'select meter, since_ms from feeding';
const FOLLOWED = 'select source, since_ms from followed';
const CREDITS = 'select file, meter, tokens from credit';
