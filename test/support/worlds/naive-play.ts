import type { FigureEntry, FigureReading, Flags } from '../../../src/daemon/rules/figures/entry.ts';
import {
  addedBefore,
  adopted,
  adopts,
  currentLine,
  fits,
  type Line,
  type Lines,
  NO_LINES,
  placeOf,
  sumOf,
  told,
  top,
  withAmount,
  withoutAdded,
} from './naive-lines.ts';
import type { Amendments, Standing } from './naive-standing.ts';

/** A value that is told within this time after a slip takes its place; SPEC §3 (3). */
const SLIP_MS = 10 * 60_000;

/** The last counter reading. */
interface Last {
  readonly reading: FigureReading;
  /** What it says by now, and when that was told. */
  readonly value: number;
  readonly unit: number;
  readonly committedMs: number;
  readonly before: Lines;
  /** Whether it was the first counter figure of all. */
  readonly isFirst: boolean;
}

type Entry<K extends FigureEntry['kind']> = FigureEntry & { readonly kind: K };

/** One play of the entries from the start. */
export class NaivePlay implements Standing {
  used = 0;
  readonly counted = new Map<string, number>();
  readonly flags = new Map<string, Flags>();
  readonly #entries: readonly Entry<'reading' | 'edit'>[];
  readonly #amendments: Amendments;
  readonly #slips: ReadonlySet<string>;
  /** The correction that holds, by the id of the reading that it says anew. */
  readonly #corrections = new Map<string, FigureReading>();
  #lines = NO_LINES;
  #last: Last | undefined;

  constructor(entries: readonly FigureEntry[], amendments: Amendments) {
    this.#entries = entries.filter((entry) => entry.kind !== 'undo');
    this.#amendments = amendments;
    this.#slips = new Set(amendments.replaced.values());
    for (const entry of this.#entries) {
      const restated = entry.kind === 'reading' && amendments.restated.get(entry.reading.id);
      if (restated) this.#corrections.set(restated, entry.reading);
    }
  }

  /** Stops where a reading makes something else of an earlier one, and tells with what to play again. */
  run(): Amendments | undefined {
    for (const entry of this.#entries) {
      if (entry.kind === 'edit') this.#edit(entry.used, entry.committedMs);
      else {
        const amendments = this.#read(entry);
        if (amendments) return amendments;
      }
    }
    return undefined;
  }

  #edit(used: number, atMs: number): void {
    this.used = used;
    this.#lines = told(this.#lines, '', { value: used, unit: 1, atMs, amounts: [] });
    this.#last = undefined;
  }

  #read({ reading, committedMs }: Entry<'reading'>): Amendments | undefined {
    const { id, sync_type, value } = reading;
    if (this.#slips.has(id)) return undefined;
    if (sync_type === 'manual') return this.#manual(reading, committedMs);
    if (sync_type === 'correction') return this.#correct(reading, committedMs);
    this.used += value;
    this.counted.set(id, value);
    if (sync_type !== 'import') {
      const amount = { id, tokens: value, isEstimate: sync_type === 'estimate' };
      this.#lines = withAmount(this.#lines, reading.conversation_id, amount);
    }
    return undefined;
  }

  #manual(reading: FigureReading, committedMs: number): Amendments | undefined {
    const line = this.#lines.known.get(placeOf(this.#lines, reading.conversation_id));
    if (reading.dated && line && reading.atMs < line.atMs) {
      this.#say(reading, 0, { late: true });
      return undefined;
    }
    const { replaced, restated } = this.#amendments;
    const isSlip = !replaced.has(reading.id) && this.#lastIsSlipFor(reading, committedMs);
    const last = this.#last;
    if (isSlip && !last!.isFirst) return { restated, replaced: new Map(replaced).set(reading.id, last!.reading.id) };

    const correction = this.#corrections.get(reading.id);
    const before = this.#lines;
    const isFirst = before.current === undefined;
    if (correction) this.#asCorrected(reading, correction);
    else if (isFirst || isSlip) this.#first(reading);
    else this.#counterReading(reading);
    this.#last = { reading, value: reading.value, unit: reading.unit, committedMs, before, isFirst };
    return undefined;
  }

  /** Row 3. The line before the slip is the one that the new value would have been told of. */
  #lastIsSlipFor(reading: FigureReading, committedMs: number): boolean {
    const last = this.#last;
    if (!last || last.reading.conversation_id !== reading.conversation_id) return false;
    if (committedMs < last.committedMs || committedMs > last.committedMs + SLIP_MS) return false;
    const name = adopts(last.before, reading) ? '' : placeOf(last.before, reading.conversation_id);
    const line = last.before.known.get(name);
    return fits(reading, line) && !(fits(last, line) && fits(reading, last));
  }

  /** Rows 3a and 4. */
  #first(reading: FigureReading): void {
    this.used = reading.value;
    this.#tell(placeOf(this.#lines, reading.conversation_id), reading);
    this.#say(reading, 0, { first: true });
  }

  /** Rows 5 to 10. */
  #counterReading(reading: FigureReading): void {
    const doesAdopt = adopts(this.#lines, reading);
    if (doesAdopt) this.#lines = adopted(this.#lines, reading.conversation_id);
    const name = placeOf(this.#lines, reading.conversation_id);
    const line = this.#lines.known.get(name);
    const flags: Flags = doesAdopt ? { adopts: true } : {};
    if (!line) this.#begin(reading, name, { new: true, ...(reading.value < this.used && { reset: true }) });
    else if (reading.value >= top(line)) {
      this.used = reading.value;
      this.#say(reading, reading.value - top(line), flags);
      this.#tell(name, reading);
    } else if (reading.unit > 1 && top(line) - reading.value < reading.unit) {
      // The figure of another line than the one shown cannot stay.
      if (name !== this.#lines.current) this.used = top(line);
      this.#say(reading, 0, { ...flags, rounded: true });
      this.#lines = told(this.#lines, name, { ...line, atMs: reading.atMs });
    } else if (fits(reading, line)) this.#sameFigure(reading, name, line, flags);
    // Without an id it is not the named one that begins anew.
    else this.#begin(reading, reading.conversation_id, { reset: true });
  }

  /** Row 9. */
  #sameFigure(reading: FigureReading, name: string, line: Line, flags: Flags): void {
    this.used = reading.unit > 1 ? Math.max(reading.value, line.value) : reading.value;
    const lost = this.#giveWay(line, top(line) - this.used);
    const isCoarse = lost === 0 && reading.value < line.value;
    this.#say(reading, 0, { ...flags, ...(lost > 0 && { gave_way: lost }), ...(isCoarse && { rounded: true }) });
    if (reading.value >= line.value) this.#tell(name, reading);
    else this.#lines = told(this.#lines, name, { ...line, atMs: reading.atMs, amounts: [] });
  }

  /** Rows 6 and 10. */
  #begin(reading: FigureReading, name: string, flags: Flags): void {
    this.used = reading.value;
    this.#say(reading, Math.max(0, reading.value - addedBefore(this.#lines, name)), flags);
    this.#lines = withoutAdded(this.#lines);
    this.#tell(name, reading);
  }

  #correct(correction: FigureReading, committedMs: number): Amendments | undefined {
    const { replaced, restated } = this.#amendments;
    const target = restated.get(correction.id) ?? this.#last?.reading.id;
    if (target === undefined) {
      this.#edit(correction.value, correction.atMs);
      this.#say(correction, 0, {});
      return undefined;
    }
    if (!restated.has(correction.id)) return { replaced, restated: new Map(restated).set(correction.id, target) };
    // Of a slip, or said anew once more.
    if (this.#slips.has(target) || this.#corrections.get(target) !== correction) return undefined;
    const line = currentLine(this.#lines)!;
    this.used = correction.value;
    this.#giveWay(line, sumOf(line.amounts));
    this.#lines = told(this.#lines, this.#lines.current!, {
      value: correction.value,
      unit: correction.unit,
      atMs: Math.max(line.atMs, correction.atMs),
      amounts: [],
    });
    this.#say(correction, 0, { restates: target });
    this.#last = { ...this.#last!, value: correction.value, unit: correction.unit, committedMs };
    return undefined;
  }

  /** The reading, where a later correction says what it should have been: never a restart. */
  #asCorrected(reading: FigureReading, { value, unit }: FigureReading): void {
    const corrected = { ...reading, value, unit };
    if (this.#lines.current === undefined) {
      this.#first(corrected);
      return;
    }
    if (adopts(this.#lines, corrected)) this.#lines = adopted(this.#lines, reading.conversation_id);
    const name = placeOf(this.#lines, reading.conversation_id);
    const line = this.#lines.known.get(name);
    if (!line) {
      this.#begin(corrected, name, { new: true });
      return;
    }
    this.used = value;
    this.#giveWay(line, top(line) - value);
    this.#say(reading, Math.max(0, value - top(line)), {});
    this.#tell(fits(corrected, line) ? name : reading.conversation_id, corrected);
  }

  /** Takes up to that much from the line's estimates, newest first, and tells how much it was. */
  #giveWay(line: Line, most: number): number {
    let left = Math.max(0, most);
    for (const { id, isEstimate } of line.amounts.toReversed()) {
      const lost = isEstimate ? Math.min(left, this.counted.get(id)!) : 0;
      this.counted.set(id, this.counted.get(id)! - lost);
      left -= lost;
    }
    return Math.max(0, most) - left;
  }

  #tell(name: string, { value, unit, atMs }: FigureReading): void {
    this.#lines = told(this.#lines, name, { value, unit, atMs, amounts: [] });
  }

  #say(reading: FigureReading, counted: number, flags: Flags): void {
    const slip = this.#amendments.replaced.get(reading.id);
    this.counted.set(reading.id, counted);
    this.flags.set(reading.id, slip === undefined ? flags : { ...flags, replaces: slip });
  }
}
