import type { Params, SyncType } from '../../src/protocol/methods.ts';
import { randomOf } from '../support/random.ts';
import type { Act, Change, Way } from './acts.ts';

type Reading = Params<'usage.record'>;

/** The evening before Berlin turns its clocks back. */
const START_MS = Date.parse('2025-10-25T18:00:00Z');
const MINUTE_MS = 60_000;

/** Minutes that pass between two acts; now and then a clock jumps, ahead or back. */
const GAPS = [0, 0, 0.001, 0.5, 1, 5, 9, 10, 11, 37, 60, 300, 1_440] as const;
const JUMPS = [-0.001, -3, -30, -300, -3_000, 3_000, 20_000] as const;

const EVENTS = ['', '完成架构设计', 'Größe der Änderung', 'ÉTAPE', '"quoted", with commas'] as const;

/** The same acts for the same seed; the first sets the clock. */
export function generatedHistory(seed: number, length: number): Act[] {
  return new Generator(randomOf(seed)).acts(length);
}

class Generator {
  readonly #random: () => number;
  readonly #ids: string[] = [];
  readonly #undoIds: string[] = [];
  #nowMs = START_MS;
  #step = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  acts(length: number): Act[] {
    const acts: Act[] = [{ kind: 'clock', nowMs: this.#nowMs }];
    while (acts.length < length) {
      this.#step++;
      if (this.#chance(0.7)) acts.push(this.#clock());
      acts.push(this.#act());
    }
    return acts;
  }

  #act(): Act {
    const draw = this.#random();
    if (draw < 0.52) return { kind: 'record', way: this.#way(), params: this.#reading() };
    if (draw < 0.64) return this.#undo();
    if (draw < 0.73) return { kind: 'import', sessions: this.#imported() };
    if (draw < 0.78) return { kind: 'total', total: this.#pick([400_000, 1_000_000, 2_000_000]) };
    if (draw < 0.92) return { kind: 'edit', changes: this.#changes() };
    if (draw < 0.95) return { kind: 'old copy', ago: 1 + this.#below(5) };
    return { kind: 'restart', isKill: this.#chance(0.5) };
  }

  #clock(): Act {
    const minutes = this.#chance(0.1) ? this.#pick(JUMPS) : this.#pick(GAPS);
    this.#nowMs += minutes * MINUTE_MS;
    return { kind: 'clock', nowMs: this.#nowMs };
  }

  #way(): Way {
    return this.#pick(['rpc', 'rpc', 'rpc', 'rest', 'rest', 'drop']);
  }

  #reading(): Reading {
    const sync_type = this.#pick<SyncType>([
      'manual',
      'manual',
      'manual',
      'manual',
      'auto',
      'estimate',
      'estimate',
      'import',
      'correction',
    ]);
    const isTotal = sync_type === 'manual' || sync_type === 'correction';
    return { tokens: isTotal ? this.#figure() : this.#below(3_000), sync_type, ...this.#about() };
  }

  #about(): Pick<Reading, 'event' | 'conversation_id' | 'id' | 'timestamp'> {
    return {
      ...(this.#chance(0.8) && { event: `${this.#pick(EVENTS)} step ${this.#step}`.trim() }),
      ...(this.#chance(0.4) && { conversation_id: this.#pick(['a', 'a', 'b', '对话']) }),
      ...(this.#chance(0.6) && { id: this.#id() }),
      ...(this.#chance(0.25) && { timestamp: this.#timestamp() }),
    };
  }

  /** Figures that are near each other, slips of each other and restarts of each other, exact and rounded. */
  #figure(): number | string {
    const figure = this.#pick([350_000, 351_000, 360_000, 36_000, 3_600_000, 20_000, 22_000, 0]) + this.#below(2_500);
    const thousands = Math.round(figure / 1_000);
    if (this.#chance(0.25)) return this.#pick([`${thousands}K`, `${thousands / 10} 万`]);
    return this.#chance(0.2) ? `${figure.toLocaleString('en')} tokens used` : figure;
  }

  #id(): string {
    const known = this.#chance(0.15) ? this.#pick(this.#ids) : undefined;
    if (known !== undefined) return known;
    const id = `r${this.#ids.length}`;
    this.#ids.push(id);
    return id;
  }

  /** As another zone, UTC, or the machine's own wall clock tells a time, an hour that comes twice among them. */
  #timestamp(): string {
    if (this.#chance(0.2))
      return this.#pick(['2025-10-26 02:30:00', '2025-03-30 02:30:00', '2025-10-26', '2024-02-29']);
    const ago = this.#pick([0, 5, 90, 300, 2_000, 50_000]) * MINUTE_MS;
    const offset = this.#pick(['Z', 'Z', '+09:00', '-03:30']);
    const minutes = offset === 'Z' ? 0 : Number(`${offset[0]}1`) * (offset === '+09:00' ? 540 : 210);
    const wall = new Date(this.#nowMs - ago + minutes * MINUTE_MS).toISOString();
    return `${wall.slice(0, this.#chance(0.5) ? 19 : 23)}${offset}`;
  }

  #undo(): Act {
    if (this.#chance(0.5)) return { kind: 'undo' };
    if (this.#undoIds.length === 0 || this.#chance(0.8)) this.#undoIds.push(`u${this.#undoIds.length}`);
    return { kind: 'undo', id: this.#pick(this.#undoIds) };
  }

  #imported(): Params<'usage.import'>['sessions'] {
    return Array.from({ length: 1 + this.#below(4) }, () => ({ tokens: this.#below(2_000), ...this.#about() }));
  }

  #changes(): Change[] {
    return Array.from({ length: 1 + this.#below(3) }, (_, index) => this.#change(index));
  }

  #change(index: number): Change {
    const kind = this.#pick(['used', 'used', 'total', 'add', 'add', 'remove', 'rename'] as const);
    if (kind === 'used') return { kind, by: this.#pick([7, 500, -300, 40_000, -200_000]) };
    // Each one another, so that an edit is a change.
    if (kind === 'total') return { kind, total: 900_000 + this.#step };
    if (kind === 'remove') return { kind, place: this.#below(20) };
    if (kind === 'rename') return { kind, place: this.#below(20), event: `renamed in step ${this.#step}.${index}` };
    return { kind, session: this.#theirs(index) };
  }

  #theirs(index: number): Readonly<Record<string, unknown>> {
    const event = `theirs of step ${this.#step}.${index}`;
    const timestamp = new Date(this.#nowMs - this.#below(5_000) * MINUTE_MS)
      .toISOString()
      .slice(0, 19)
      .replace('T', ' ');
    return this.#pick<Record<string, unknown>>([
      { timestamp, tokens: 12, event, conversation_id: 'theirs', method: 'auto' },
      { id: `theirs-${this.#step}-${index}`, timestamp, tokens: 40, event, sync_type: 'manual', total_used: 9 },
      { session_id: this.#step, start_time: timestamp, task: event, achievements: [index] },
      { timestamp: 'soon', tokens: '7', event: { text: event }, conversation_id: 5 },
      { tokens: 5, event },
    ]);
  }

  #chance(part: number): boolean {
    return this.#random() < part;
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)]!;
  }
}
