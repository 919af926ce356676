import type { EditChange, LedgerChange, ReadingChange, RecordedReading } from '../change.ts';
import type { FigureEntry, FigureReading } from './entry.ts';

/** The entries of a committed change as far as figures go; `used` is the figure before it. */
export function entriesOf(change: LedgerChange, used: number): FigureEntry[] {
  const committedMs = Date.parse(change.committed_at);
  switch (change.kind) {
    case 'reading':
      return [recordedEntry(change.reading, committedMs, change)];
    case 'import':
      return change.readings.map((reading) => recordedEntry(reading, committedMs, change));
    case 'undo':
      return [{ kind: 'undo', undone: change.undone, committedMs, used: change.used }];
    case 'edit':
      return change.used === used ? [] : [editEntry(change, used)];
    case 'total':
      return [];
  }
}

function editEntry({ used, committed_at, saved_at = committed_at }: EditChange, before: number): FigureEntry {
  const entry = { kind: 'edit', used, committedMs: Date.parse(committed_at) } as const;
  return used < before ? { ...entry, loweredMs: Date.parse(saved_at) } : entry;
}

/** A reading of a ledger of whatever version: its own word on `used` stands, all else follows from the rules. */
function recordedEntry(
  recorded: RecordedReading,
  committedMs: number,
  { adds, feeds }: Pick<ReadingChange, 'adds' | 'feeds'>,
): FigureEntry {
  const { id, value, sync_type, conversation_id, at, dated = false, used, meter, counted = 0 } = recorded;
  const reading: FigureReading = {
    ...{ id, value, sync_type, conversation_id, dated },
    unit: recorded.unit ?? leastUnit(recorded),
    atMs: Date.parse(at),
    ...(sync_type === 'live' && { rises: counted }),
    ...(meter !== undefined && { isFed: true as const }),
  };
  return { kind: 'reading', reading, committedMs, used, ...(adds && { adds }), ...(feeds && { feeds }) };
}

/** A version that kept no unit tells at least how coarse a value was that it took for the same figure. */
function leastUnit({ rounded, before, value }: RecordedReading): number {
  return rounded ? before - value + 1 : 1;
}
