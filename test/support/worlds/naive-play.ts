import type { FigureEntry, FigureReading, Flags } from '../../../src/daemon/rules/figures/entry.ts';
import {
  addedBefore,
  adopted,
  adopts,
  fits,
  further,
  isCovered,
  type Line,
  type Lines,
  NO_LINES,
  placeOf,
  told,
  top,
  withAmount,
  withoutAdded,
} from './naive-lines.ts';
import type { Amendments, Sight, Standing } from './naive-standing.ts';

/** A value that is told within this time after a slip takes its place; SPEC §3 (3). */
const SLIP_MS = 10 * 60_000;

/** The conversation of a gauge that is shown stays until it is silent for this time. */
const SILENT_MS = 60_000;

/** The last counter reading. */
interface Last extends Sight {
  readonly before: Lines;
  /** Whether a correction has said it anew, so that it is no slip any more. */
  readonly isRestated: boolean;
  /** Whether it was the first counter figure of all. */
  readonly isFirst: boolean;
  /** Whether the budget has begun anew since: no correction reaches back to it. */
  readonly isRenewed?: boolean;
}

type Entry<K extends FigureEntry['kind']> = FigureEntry & { readonly kind: K };

/** One play of the entries from the start. */
export class NaivePlay implements Standing {
  used = 0;
  readonly counted = new Map<string, number>();
  readonly setAside = new Map<string, number>();
  readonly flags = new Map<string, Flags>();
  readonly #entries: readonly Entry<'reading' | 'edit'>[];
  readonly #amendments: Amendments;
  readonly #slips: ReadonlySet<string>;
  /** The id of the correction that holds, by the id of the reading that it says anew. */
  readonly #corrections = new Map<string, string>();
  #lines = NO_LINES;
  #isRenewed = false;
  /** The latest time of what a source told. */
  #fedMs = Number.NEGATIVE_INFINITY;
  /** The time of what a person read last while a source fed the budget. */
  #readMs = Number.NEGATIVE_INFINITY;
  #shown: Pick<FigureReading, 'conversation_id' | 'atMs'> | undefined;
  #last: Last | undefined;

  constructor(entries: readonly FigureEntry[], amendments: Amendments) {
    this.#entries = entries.filter((entry) => entry.kind !== 'undo');
    this.#amendments = amendments;
    this.#slips = new Set(amendments.replaced.values());
    for (const [id, { reading }] of amendments.restated) this.#corrections.set(reading.id, id);
  }

  /** Stops where a reading makes something else of an earlier one, and tells with what to play again. */
  run(): Amendments | undefined {
    for (const entry of this.#entries) {
      if (entry.kind === 'edit') this.#edit({ value: entry.used, unit: 1, atMs: Number.NEGATIVE_INFINITY });
      else {
        const amendments = this.#read(entry);
        if (amendments) return amendments;
      }
    }
    return undefined;
  }

  #edit(told: Omit<Line, 'amounts'>): void {
    this.used = told.value;
    // Once the budget has begun anew, its figure is no counter's.
    if (!this.#isRenewed) this.#tell('', told);
    this.#last = undefined;
  }

  #read({ reading, committedMs, feeds }: Entry<'reading'>): Amendments | undefined {
    const { id, sync_type, value, isFed } = reading;
    if (isFed) this.#fedMs = Math.max(this.#fedMs, reading.atMs);
    if (this.#slips.has(id) || this.#corrections.has(id)) return undefined;
    if (sync_type === 'manual') return this.#manual(reading, committedMs, feeds);
    if (sync_type === 'live') return this.#live(reading, committedMs);
    if (sync_type === 'correction') return this.#correct(reading);
    if (sync_type === 'period') return this.#renew(reading);
    this.counted.set(id, value);
    // It was used before a person read what is used.
    if (isFed && reading.atMs < this.#readMs) return undefined;
    this.used += value;
    if (sync_type !== 'import') {
      const amount = { id, tokens: value, isEstimate: sync_type === 'estimate', place: this.counted.size };
      this.#lines = withAmount(this.#lines, isFed ? '' : reading.conversation_id, amount);
    }
    return undefined;
  }

  #renew({ id, value, atMs }: FigureReading): undefined {
    this.used = value;
    this.counted.set(id, 0);
    this.#isRenewed = true;
    if (this.#last && this.#last.reading.atMs < atMs) this.#last = { ...this.#last, isRenewed: true };
  }

  /** What a gauge rose by counts; its value is shown where its conversation is, as a nameless line. */
  #live(reading: FigureReading, committedMs: number): undefined {
    const { id, conversation_id, value, atMs, rises } = reading;
    this.counted.set(id, rises ?? 0);
    this.#last = undefined;
    if (atMs < this.#readMs) return;
    const shown = this.#shown;
    const isSame = shown?.conversation_id === conversation_id;
    if (shown && (atMs < shown.atMs || (!isSame && committedMs < shown.atMs + SILENT_MS))) return;
    this.#shown = { conversation_id, atMs };
    this.used = value;
    this.#tell('', { value, unit: 1, atMs });
  }

  /** Row 1, while a source feeds the budget. */
  #calibrate(reading: FigureReading, committedMs: number): void {
    const name = placeOf(this.#lines, reading.conversation_id);
    const isElsewhere = reading.conversation_id === '' && !fits(reading, this.#lines.known.get(name));
    this.#showCounted(reading, isElsewhere ? '' : name);
    this.#readMs = Math.min(reading.atMs, committedMs);
    this.#last = undefined;
  }

  /** What a source has counted already. */
  #showCounted(reading: FigureReading, name: string): void {
    this.setAside.set(reading.id, reading.value - this.used);
    this.used = reading.value;
    this.#tell(name, reading);
    this.#say(reading, 0, { calibrated: true });
  }

  #manual(reading: FigureReading, committedMs: number, feeds?: true): Amendments | undefined {
    const { replaced, late } = this.#amendments;
    const isSettled = replaced.has(reading.id);
    if (late.has(reading.id) || (!isSettled && this.#isLate(reading))) {
      this.#say(reading, 0, { late: true });
      return undefined;
    }
    if (feeds) {
      this.#calibrate(reading, committedMs);
      return undefined;
    }
    const last = this.#last;
    const isSlip = last !== undefined && !isSettled && isSlipFor(last, reading, committedMs);
    if (isSlip && !last.isFirst) return this.#amended({ replaced: new Map(replaced).set(reading.id, last.reading.id) });
    const before = this.#lines;
    const isFirst = before.current === undefined;
    const sight = isFirst || isSlip ? this.#first(reading, isFirst) : this.#counterReading(reading);
    if (!isSettled && this.flags.get(reading.id)?.calibrated) this.#last = undefined;
    else this.#last = { ...sight, reading, committedMs, before, isRestated: false, isFirst };
    return undefined;
  }

  #amended(more: Partial<Amendments>): Amendments {
    const late = [...this.flags].flatMap(([id, flags]) => (flags.late ? [id] : []));
    return { ...this.#amendments, ...more, late: new Set([...this.#amendments.late, ...late]) };
  }

  /** Row 2. */
  #isLate({ dated, atMs, conversation_id }: FigureReading): boolean {
    const line = this.#lines.known.get(placeOf(this.#lines, conversation_id));
    return dated && (atMs < this.#fedMs || (line !== undefined && atMs < line.atMs));
  }

  /** Rows 3a and 4. */
  #first(reading: FigureReading, isVeryFirst: boolean): Pick<Sight, 'from' | 'isAnew'> {
    this.setAside.set(reading.id, reading.value - this.used);
    this.used = reading.value;
    const name = placeOf(this.#lines, reading.conversation_id);
    this.#tell(name, reading);
    this.#say(reading, 0, { first: true });
    return { from: isVeryFirst ? undefined : name, isAnew: false };
  }

  /** Rows 5 to 10. */
  #counterReading(reading: FigureReading): Pick<Sight, 'from' | 'isAnew'> {
    const shown = this.#lines.current;
    const doesAdopt = adopts(this.#lines, reading, this.#fedMs);
    if (doesAdopt) this.#lines = adopted(this.#lines, reading.conversation_id);
    const name = placeOf(this.#lines, reading.conversation_id);
    const from = doesAdopt ? '' : name;
    const line = this.#lines.known.get(name);
    const flags: Flags = doesAdopt ? { adopts: true } : {};
    if (!line) {
      this.#begin(reading, name, { new: true, ...(reading.value < this.used && { reset: true }) });
      return { from: undefined, isAnew: true };
    }
    if (!doesAdopt && isCovered(this.#lines, name, this.#fedMs)) {
      this.#showCounted(reading, name);
    } else if (reading.value >= top(line)) {
      this.used = reading.value;
      this.#say(reading, reading.value - top(line), flags);
      this.#lines = told(this.#lines, name, further(line, reading));
    } else if (reading.unit > 1 && top(line) - reading.value < reading.unit) {
      // The figure of another line than the one shown cannot stay.
      if (from !== shown) this.used = top(line);
      this.#say(reading, 0, { ...flags, rounded: true });
      this.#lines = told(this.#lines, name, { ...line, atMs: reading.atMs });
    } else if (fits(reading, line)) this.#sameFigure(reading, name, line, flags);
    else {
      // Without an id it is not the named one that begins anew.
      this.#begin(reading, reading.conversation_id, { reset: true });
      return { from, isAnew: true };
    }
    return { from, isAnew: false };
  }

  /** Row 9. */
  #sameFigure(reading: FigureReading, name: string, line: Line, flags: Flags): void {
    this.used = reading.unit > 1 ? Math.max(reading.value, line.value) : reading.value;
    const lost = this.#giveWay(line, top(line) - this.used);
    const isCoarse = reading.value < line.value;
    this.#say(reading, 0, { ...flags, ...(lost > 0 ? { gave_way: lost } : isCoarse && { rounded: true }) });
    this.#lines = told(this.#lines, name, further(line, reading));
  }

  /** Rows 6 and 10. */
  #begin(reading: FigureReading, name: string, flags: Flags): void {
    this.used = reading.value;
    this.#say(reading, Math.max(0, reading.value - addedBefore(this.#lines, name)), flags);
    this.#lines = withoutAdded(this.#lines);
    this.#tell(name, reading);
  }

  #correct(correction: FigureReading): Amendments | undefined {
    const { restated } = this.#amendments;
    const sight = restated.get(correction.id);
    if (!sight && this.#last && !this.#last.isRenewed)
      return this.#amended({ restated: new Map(restated).set(correction.id, this.#last) });
    if (!sight) {
      this.setAside.set(correction.id, correction.value - this.used);
      this.#edit(correction);
      this.#say(correction, 0, {});
      return undefined;
    }
    const { id, atMs } = sight.reading;
    // Said anew once more.
    if (this.#corrections.get(id) !== correction.id) return undefined;
    const { value, unit } = correction;
    const before = this.#lines;
    const lost = this.#asCorrected({ ...sight.reading, value, unit, atMs: Math.max(atMs, correction.atMs) }, sight);
    this.#say(correction, 0, { ...(lost > 0 && { gave_way: lost }), restates: id });
    this.#last = { ...sight, before, isRestated: true, isFirst: before.current === undefined };
    return undefined;
  }

  /**
   * The reading as it should have been, told now, when it has never been before: where its value fits; else it begins a
   * line (anew) as the reading did, or is told of the line that the reading went on with. Tells what estimates lost.
   */
  #asCorrected(corrected: FigureReading, { from, isAnew }: Sight): number {
    if (this.#lines.current === undefined) {
      this.#first(corrected, true);
      return 0;
    }
    const id = corrected.conversation_id;
    const doesAdopt = adopts(this.#lines, corrected, this.#fedMs);
    const own = this.#lines.known.get(placeOf(this.#lines, id));
    const doesFit = doesAdopt || (own && fits(corrected, own));
    if (!doesFit && isAnew) {
      this.#begin(corrected, id, {});
      return 0;
    }
    const name = doesFit || from === '' ? placeOf(this.#lines, id) : from!;
    if (doesAdopt || (!doesFit && from === '' && id !== '')) this.#lines = adopted(this.#lines, id);
    const line = this.#lines.known.get(name)!;
    this.used = corrected.value;
    this.setAside.set(corrected.id, Math.min(0, corrected.value - line.value));
    const lost = this.#giveWay(line, top(line) - corrected.value);
    this.#say(corrected, Math.max(0, corrected.value - top(line)), {});
    this.#tell(name, corrected);
    return lost;
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

  #tell(name: string, { value, unit, atMs }: Omit<Line, 'amounts'>): void {
    this.#lines = told(this.#lines, name, { value, unit, atMs, amounts: [] });
  }

  #say(reading: FigureReading, counted: number, flags: Flags): void {
    const slip = this.#amendments.replaced.get(reading.id);
    this.counted.set(reading.id, counted);
    this.flags.set(reading.id, slip === undefined ? flags : { ...flags, replaces: slip });
  }
}

/** Row 3. */
function isSlipFor(last: Last, reading: FigureReading, committedMs: number): boolean {
  if (last.isRestated || last.reading.conversation_id !== reading.conversation_id) return false;
  if (committedMs < last.committedMs || committedMs > last.committedMs + SLIP_MS) return false;
  const namesTime = reading.dated || last.reading.dated;
  if (namesTime && Math.abs(reading.atMs - last.reading.atMs) > SLIP_MS) return false;
  const line = last.from === undefined ? undefined : last.before.known.get(last.from);
  return fits(reading, line) && !(fits(last.reading, line) && fits(reading, last.reading));
}
