import type { FigureEntry, FigureReading } from '../../../src/daemon/rules/figures/entry.ts';
import type { Chance } from './chance.ts';
import type { Turn } from './lives.ts';
import { mistyped, roundedAsWritten } from './typing.ts';

/** When a person copies the figure. */
export type Syncing = { readonly every: number } | 'at the end' | { readonly share: number };

/** Which names a person gives: none, the true ones, one for all, or the true ones in half of the cases. */
export type Naming = 'none' | 'true' | 'constant' | 'half';

export type Mended = 'retyped' | 'corrected' | 'undone';

/** The habits of a person besides working; shares are from 0 to 1, and 0 where nothing is said. */
export interface Habits {
  readonly syncing: Syncing;
  readonly naming?: Naming;
  /** The share of values written as `350K` or `1.2M`. */
  readonly coarse?: number;
  readonly typos?: { readonly share: number; readonly mended: Mended };
  /** The share of readings that arrive one to four hours later, under their own time. */
  readonly late?: number;
  /** Stretches without a network in a month: readings of then arrive at once, an hour or two later. */
  readonly offline?: number;
  /** The share of turns that are estimated. */
  readonly estimates?: number;
  /** A tool that the figure does not include, told as `auto`. */
  readonly tool?: { readonly share: number; readonly tokens: number; readonly name?: string };
  /** Past counts imported in a month; or one before anything else. */
  readonly imports?: number | 'first';
}

/** The ledger of a month, and the truth. */
export interface Month {
  readonly entries: readonly FigureEntry[];
  readonly used: number;
  /** The readings before which the figure really fell, or another conversation's was shown. */
  readonly restarts: ReadonlySet<string>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The error of an estimate: the deviation of its logarithm. */
const ESTIMATE_SPREAD = 0.35;

/** The ledger of a month of a person with these habits. */
export function recordMonth(turns: readonly Turn[], habits: Habits, chance: Chance): Month {
  return new Recorder(habits, chance).month(turns);
}

class Recorder {
  readonly #habits: Habits;
  readonly #chance: Chance;
  readonly #entries: FigureEntry[] = [];
  readonly #restarts = new Set<string>();
  #used = 0;
  #ids = 0;
  #shown: string | undefined;
  #hasFallen = false;
  #sinceSync = 0;
  #offline: readonly { readonly fromMs: number; readonly untilMs: number }[] = [];

  constructor(habits: Habits, chance: Chance) {
    this.#habits = habits;
    this.#chance = chance;
  }

  month(turns: readonly Turn[]): Month {
    const { imports = 0, offline = 0 } = this.#habits;
    const startMs = turns[0]!.atMs;
    if (imports === 'first') this.#import(startMs - MINUTE_MS);
    const days = new Set(typeof imports === 'number' ? this.#some(imports, turns) : []);
    this.#offline = this.#some(offline, turns).map(({ atMs }) => {
      return { fromMs: atMs, untilMs: atMs + this.#chance.between(1, 2) * HOUR_MS };
    });
    for (const turn of turns) {
      if (days.has(turn)) this.#import(turn.atMs);
      this.#live(turn);
    }
    const entries = this.#entries.toSorted((a, b) => a.committedMs - b.committedMs);
    return { entries, used: this.#used, restarts: this.#restarts };
  }

  #live(turn: Turn): void {
    const { tool, estimates = 0 } = this.#habits;
    this.#used += turn.rise;
    this.#hasFallen ||= turn.fell;
    if (tool && this.#chance.happens(tool.share)) {
      const tokens = Math.round(this.#chance.lognormal(tool.tokens, 0.7));
      this.#used += tokens;
      this.#tell('auto', tokens, turn.atMs - 1, { conversation: tool.name ?? '' });
    }
    if (this.#doesSync(turn)) this.#sync(turn);
    else if (this.#chance.happens(estimates)) {
      const tokens = Math.round(turn.rise * this.#chance.lognormal(1, ESTIMATE_SPREAD));
      this.#tell('estimate', tokens, turn.atMs, { conversation: this.#nameOf(turn) });
    }
  }

  #doesSync(turn: Turn): boolean {
    const { syncing } = this.#habits;
    this.#sinceSync++;
    // A beginner looks at the figure first.
    if (this.#shown === undefined && syncing !== 'at the end') return true;
    if (syncing === 'at the end') return turn.isLast;
    if ('every' in syncing) return this.#sinceSync >= syncing.every;
    return this.#chance.happens(syncing.share);
  }

  #sync(turn: Turn): void {
    const { typos, late = 0, coarse = 0 } = this.#habits;
    const isAnew = this.#hasFallen || (this.#shown !== undefined && this.#shown !== turn.conversation);
    const { value, unit } = this.#chance.happens(coarse)
      ? roundedAsWritten(turn.gauge)
      : { value: turn.gauge, unit: 1 };
    const conversation = this.#nameOf(turn);
    const readMs = turn.atMs + this.#chance.between(2, 20) * 1_000;
    const isWrong = typos !== undefined && this.#chance.happens(typos.share);
    // A person who sees a slip and types again has a daemon that answers.
    const committedMs = isWrong ? readMs : this.#arrival(readMs, late);
    this.#sinceSync = 0;
    // A value before a late restart is late too.
    if (committedMs === readMs) {
      this.#shown = turn.conversation;
      this.#hasFallen = false;
    }
    const told = { conversation, unit };
    const ids = isWrong
      ? this.#slip(value, readMs, typos.mended, told)
      : [this.#tell('manual', value, readMs, { ...told, committedMs })];
    if (isAnew) for (const id of ids) this.#restarts.add(id);
  }

  /** A wrong value, and what mends it within minutes: the ids of both. */
  #slip(value: number, readMs: number, mended: Mended, told: { conversation: string; unit: number }): string[] {
    const wrong = this.#tell('manual', mistyped(value, this.#chance), readMs, told);
    const mendedMs = readMs + this.#chance.between(0.3, 5) * MINUTE_MS;
    if (mended === 'corrected') {
      return [wrong, this.#tell('correction', value, mendedMs, told)];
    }
    if (mended === 'undone') this.#entries.push({ kind: 'undo', undone: wrong, committedMs: Math.round(mendedMs) - 1 });
    return [wrong, this.#tell('manual', value, mendedMs, told)];
  }

  #arrival(readMs: number, late: number): number {
    const offline = this.#offline.find(({ fromMs, untilMs }) => readMs >= fromMs && readMs < untilMs);
    if (offline) return offline.untilMs;
    return this.#chance.happens(late) ? readMs + this.#chance.between(1, 4) * HOUR_MS : readMs;
  }

  #import(atMs: number): void {
    const sessions = this.#chance.whole(3, 12);
    for (let index = 0; index < sessions; index++) {
      const tokens = this.#chance.whole(100_000, 900_000);
      this.#used += tokens;
      this.#tell('import', tokens, atMs - (sessions - index) * 24 * HOUR_MS, { committedMs: atMs });
    }
  }

  #nameOf({ conversation }: Turn): string {
    const { naming = 'none' } = this.#habits;
    if (naming === 'constant') return 'manual-001';
    return naming === 'true' || (naming === 'half' && this.#chance.happens(0.5)) ? conversation : '';
  }

  #tell(
    sync_type: FigureReading['sync_type'],
    value: number,
    atMs: number,
    more: { readonly conversation?: string; readonly unit?: number; readonly committedMs?: number },
  ): string {
    const id = `${++this.#ids}`;
    const { conversation = '', unit = 1, committedMs = atMs } = more;
    const dated = committedMs !== atMs;
    const reading = { id, value, unit, sync_type, conversation_id: conversation, atMs: Math.round(atMs), dated };
    this.#entries.push({ kind: 'reading', reading, committedMs: Math.round(committedMs) });
    return id;
  }

  #some(count: number, turns: readonly Turn[]): Turn[] {
    return Array.from({ length: count }, () => this.#chance.pick(turns));
  }
}
