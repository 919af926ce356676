import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type LedgerChange,
  type RecordedReading,
  type Source,
  snapshotAfter,
} from '../../../../src/daemon/rules/change.ts';
import {
  type FigureEntry,
  type Figures,
  foldEntries,
  type Outcome,
  usedOf,
} from '../../../../src/daemon/rules/figures/fold.ts';
import { entriesOf } from '../../../../src/daemon/rules/figures/ledger-entries.ts';
import { type PackedState, packState } from '../../../../src/daemon/rules/figures/packed.ts';
import {
  committed,
  importReadings,
  type Reading,
  recordReading,
  undoReading,
} from '../../../../src/daemon/rules/record.ts';
import { EMPTY, type Snapshot } from '../../../../src/daemon/rules/snapshot.ts';
import { LedgerFigures, type Past, type PastStretch } from '../../../../src/daemon/store/ledger/ledger-figures.ts';
import type { SyncType } from '../../../../src/protocol/methods.ts';
import { histories } from '../../rules/figures/histories.ts';

/** A ledger that is cut into segments at will, with all that is needed to fold it again. */
class CutLedger implements Past {
  figures = new LedgerFigures(this);
  /** The number of segments that were looked at. */
  looks = 0;
  readonly standing: RecordedReading[] = [];
  readonly counts = new Map<string, { counted: number; atMs: number }>();
  readonly #segments: { before?: PackedState; changes: LedgerChange[] }[] = [
    { before: packState(this.figures.figures.state), changes: [] },
  ];

  get changes(): LedgerChange[] {
    return this.#segments.flatMap(({ changes }) => changes);
  }

  *stretchesBack(to: number): Generator<PastStretch> {
    for (const { changes, ...segment } of this.#segments.toReversed()) {
      this.looks++;
      yield { ...segment, changes: changes.filter(({ revision }) => revision <= to) };
    }
  }

  countOf(id: string) {
    return this.counts.get(id);
  }

  /** A segment ends; where `isTold`, the checkpoint of the next tells the state, as it comes back from the disk. */
  cut(isTold: boolean): void {
    const before: PackedState = JSON.parse(JSON.stringify(packState(this.figures.figures.state)));
    this.#segments.push({ ...(isTold && { before }), changes: [] });
  }

  /** Knows no more than what is kept, as after a restart. */
  restart(): void {
    this.figures = LedgerFigures.at(this, this.#snapshot.revision);
  }

  add(entry: FigureEntry & { readonly kind: 'reading' | 'edit' }): Outcome {
    const nowMs = entry.committedMs;
    if (entry.kind === 'edit') {
      const figures = committed(this.#snapshot, { used: entry.used, added: 0, source: 'edit', nowMs });
      return this.#commit({ kind: 'edit', ...figures, patch: [], sessions: { removed: [], changed: [], added: [] } });
    }
    const { value, dated, atMs, ...reading } = entry.reading;
    const sync_type = reading.sync_type as SyncType;
    const offered = { ...reading, sync_type, tokens: value, event: '', ...(dated && { datedMs: atMs }) };
    const record = reading.sync_type === 'import' ? importReading : recordReading;
    const change = record(this.#snapshot, offered, 'rpc', nowMs, this.figures.figures);
    const recorded = change.kind === 'import' ? change.readings[0]! : change.reading;
    this.standing.push(recorded);
    const outcome = this.#commit(change);
    this.counts.set(reading.id, { counted: outcome.counted, atMs: Date.parse(recorded.at) });
    return outcome;
  }

  undo(): Outcome | undefined {
    const target = this.standing.pop();
    if (!target) return undefined;
    const { outcome } = this.figures.without(target.id);
    const request = { id: `u${this.#snapshot.revision}`, isListed: true, backfill: undefined, outcome };
    return this.#commit(undoReading(this.#snapshot, target, request, 'rpc', Date.parse(target.at)));
  }

  get #snapshot() {
    const last = this.changes.at(-1);
    return last ? snapshotAfter(last) : EMPTY;
  }

  #commit(change: LedgerChange): Outcome {
    this.#segments.at(-1)!.changes.push(change);
    const [outcome] = this.figures.add(change);
    for (const { id, counted } of outcome?.touched ?? []) this.counts.set(id, { ...this.counts.get(id)!, counted });
    return outcome ?? NOTHING;
  }
}

/** A past count is a change of its own kind. */
function importReading(snapshot: Snapshot, reading: Reading, source: Source, nowMs: number, figures: Figures) {
  return importReadings(snapshot, [reading], source, nowMs, figures);
}

const NOTHING: Outcome = { used: 0, increment: 0, counted: 0, setAside: 0, flags: {}, touched: [] };

/** What comes after each entry of a history. */
const breaks = fc.array(
  fc.record({ undos: fc.constantFrom(0, 0, 0, 1, 2, 5), cut: fc.constantFrom('', '', 'told', 'untold', 'restart') }),
  { minLength: 40, maxLength: 40 },
);

/** What the readings that stand count, and the state as it is kept, to the letter. */
function told({ standing, counts, figures: { figures } }: CutLedger) {
  const packed = JSON.stringify(packState(figures.state));
  return { counted: standing.map(({ id }) => [id, counts.get(id)]), used: usedOf(figures), packed };
}

/** In whatever order. */
function touchedBy(outcome: Outcome | undefined) {
  return new Map(outcome?.touched.map((touch) => [touch.id, touch]));
}

test('however a ledger is cut, and wherever a run ends, it comes to the same', () => {
  fc.assert(
    fc.property(histories, breaks, (entries, allBreaks) => {
      const cut = new CutLedger();
      const whole = new CutLedger();
      const undoBoth = () => {
        expect(touchedBy(cut.undo())).toEqual(touchedBy(whole.undo()));
        expect(told(cut)).toEqual(told(whole));
      };
      for (const [at, entry] of entries.entries()) {
        if (entry.kind === 'undo') continue;
        expect(cut.add(entry)).toEqual(whole.add(entry));
        for (let undos = allBreaks[at]!.undos; undos > 0; undos--) undoBoth();
        const { cut: how } = allBreaks[at]!;
        if (how !== '') cut.cut(how !== 'untold');
        if (how === 'restart') cut.restart();
      }
      const { changes } = cut;
      const all = changes.flatMap((change, at) => entriesOf(change, changes[at - 1]?.used ?? 0));
      expect(told(cut)).toEqual(told(whole));
      expect(told(cut).used).toBe(usedOf(foldEntries(all)));
      while (cut.standing.length > 0) {
        cut.restart();
        undoBoth();
      }
      expect(whole.looks).toBe(0);
    }),
    { numRuns: 400 },
  );
});

/** A reading of an hour. */
function hourly(hour: number): FigureEntry & { readonly kind: 'reading' } {
  const atMs = Date.UTC(2025, 10, 18, hour);
  const figure = { value: 100_000 + hour * 1_000, unit: 1, sync_type: 'manual', conversation_id: '' } as const;
  return { kind: 'reading', committedMs: atMs, reading: { id: `r${hour}`, ...figure, atMs, dated: false } };
}

test('a start looks no further back than to the last state that is told, and an undo no further than to its reading', () => {
  const ledger = new CutLedger();
  for (let hour = 0; hour < 10; hour++) {
    ledger.add(hourly(hour));
    ledger.cut(hour !== 8);
  }
  const looksOf = (act: () => void) => {
    const before = ledger.looks;
    act();
    return ledger.looks - before;
  };
  ledger.restart();
  expect(looksOf(() => usedOf(ledger.figures.figures))).toBe(1);
  const { state } = ledger.figures.figures;
  // The segment of the reading lacks its state, so that of the one before is gone on from.
  expect(looksOf(() => ledger.figures.without('r9'))).toBe(3);
  expect(looksOf(() => ledger.figures.without('r5'))).toBe(6);
  expect(ledger.figures.figures.state).toBe(state);
});
