import {
  type FigureEntry,
  type Figures,
  foldEntry,
  NO_FIGURES,
  type Outcome,
} from '../../../../src/daemon/rules/figures/fold.ts';

const TYPES = {
  m: 'manual',
  M: 'manual',
  e: 'estimate',
  a: 'auto',
  f: 'auto',
  i: 'import',
  c: 'correction',
  l: 'live',
  p: 'period',
} as const;
const UNITS = { K: 1_000, M: 1_000_000, '': 1 } as const;
const MINUTE_MS = 60_000;
const GAPS = { '': 60 * MINUTE_MS, '′': MINUTE_MS, '″': 10_000 } as const;

/** 2025-11-18 08:00 UTC. */
export const START_MS = Date.UTC(2025, 10, 18, 8);

/**
 * Entries as a table writes them: `m350000 e566 m350K~ a2000#bot m360000′ u @350000`, one after the other. `m` manual,
 * `e` estimate, `a` auto, `i` import, `c` correction, `p` the budget begins anew, `u` undo of the last reading that stands, `@` `used` edited by hand;
 * `l400000+566#id` a gauge's value and what it rose by, `f` what a counter of a source adds, `M` manual while a source feeds;
 * `~` coarse, `#id` a conversation, `′` a minute after the one before instead of an hour, `″` ten seconds, `-2h` dated two hours back.
 */
export function entriesOf(text: string, { adds = false } = {}): FigureEntry[] {
  let atMs = START_MS;
  const standing: string[] = [];
  return text.split(' ').map((word, index) => {
    const [, letter, digits, letters, coarse, rises, conversation = '', soon, hours] =
      /^([mMeafilcpu@])(\d*)([KM]?)(~?)(?:\+(\d+))?(?:#(\w+))?([′″]?)(?:-(\d+)h)?$/.exec(word)!;
    atMs += GAPS[soon as keyof typeof GAPS];
    const unit = UNITS[letters as keyof typeof UNITS];
    const value = Number(digits) * unit;
    if (letter === '@') return { kind: 'edit', used: value, committedMs: atMs };
    if (letter === 'u') return { kind: 'undo', undone: standing.pop()!, committedMs: atMs };
    const id = `r${index}`;
    const isFed = letter === 'l' || letter === 'f';
    if (letter !== 'p' && !isFed) standing.push(id);
    return {
      kind: 'reading',
      committedMs: atMs,
      ...(adds && { adds }),
      ...((isFed || letter === 'M') && { feeds: true as const }),
      reading: {
        id,
        value,
        unit: coarse ? unit : 1,
        sync_type: TYPES[letter as keyof typeof TYPES],
        conversation_id: conversation,
        atMs: atMs - Number(hours ?? 0) * 60 * MINUTE_MS,
        dated: hours !== undefined || isFed,
        ...(isFed && { isFed }),
        ...(letter === 'l' && { rises: Number(rises ?? 0) }),
      },
    };
  });
}

/** The result of entries, by the places of the readings. */
export interface Told {
  readonly figures: Figures;
  readonly outcomes: readonly Outcome[];
  /** The final count of each reading; none for one that was undone, and for undos and edits. */
  readonly counted: readonly (number | undefined)[];
}

/** Folds entries and keeps what each reading counts. */
export function fold(entries: readonly FigureEntry[]): Told {
  const counted = new Map<string, number>();
  const outcomes: Outcome[] = [];
  let figures = NO_FIGURES;
  for (const entry of entries) {
    const next = foldEntry(figures, entry);
    figures = next.figures;
    outcomes.push(next.outcome);
    if (entry.kind === 'reading') counted.set(entry.reading.id, next.outcome.counted);
    if (entry.kind === 'undo') counted.delete(entry.undone);
    for (const touched of next.outcome.touched) {
      if (counted.get(touched.id) !== touched.counted - touched.difference) {
        throw new Error(
          `${touched.id} counted ${counted.get(touched.id)}, not ${touched.counted - touched.difference}`,
        );
      }
      counted.set(touched.id, touched.counted);
    }
  }
  const idOf = (entry: FigureEntry) => (entry.kind === 'reading' ? entry.reading.id : '');
  return { figures, outcomes, counted: entries.map((entry) => counted.get(idOf(entry))) };
}
