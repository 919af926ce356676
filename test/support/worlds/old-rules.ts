import type { FigureEntry, FigureReading } from '../../../src/daemon/rules/figures/entry.ts';
import type { Judge } from './judges.ts';

/**
 * The rules of 0.1.0 with their first amendment, as a proof that the worlds tell rules apart: a figure counts what it is
 * above the last, a lower one its whole value; only the new value's own unit tells what is coarse; estimates give way
 * where no exact amount contradicts; the first figure and corrections are left out.
 */
export const oldRules: Judge = (entries) => {
  const undone = new Set(entries.flatMap((entry) => (entry.kind === 'undo' ? [entry.undone] : [])));
  const restarts: string[] = [];
  let figures: Figures = { used: 0, exact: undefined, counted: 0 };
  for (const reading of entries.flatMap(readingsOf).filter(({ id }) => !undone.has(id))) {
    if (isRestart(figures, reading)) restarts.push(reading.id);
    figures = after(figures, reading);
  }
  return { counted: figures.counted, restarts };
};

interface Figures {
  readonly used: number;
  /** The last figure that was told, with what was added exactly since. */
  readonly exact: number | undefined;
  readonly counted: number;
}

function readingsOf(entry: FigureEntry): FigureReading[] {
  return entry.kind === 'reading' ? [entry.reading] : [];
}

function isRestart({ used, exact }: Figures, { sync_type, value, unit }: FigureReading): boolean {
  return sync_type === 'manual' && value <= used - unit && (exact === undefined || value < exact);
}

function after(figures: Figures, reading: FigureReading): Figures {
  const { used, exact, counted } = figures;
  const { sync_type, value } = reading;
  if (sync_type === 'correction') return { used: value, exact: value, counted };
  if (sync_type === 'estimate') return { used: used + value, exact, counted: counted + value };
  if (sync_type !== 'manual') {
    return { used: used + value, exact: exact === undefined ? exact : exact + value, counted: counted + value };
  }
  if (exact === undefined) return { used: value, exact: value, counted };
  if (isRestart(figures, reading)) return { used: value, exact: value, counted: counted + value };
  if (value < used && value < exact) return figures;
  return { used: value, exact: value, counted: counted + value - used };
}
