import type { FigureEntry, FigureReading } from '../../../src/daemon/rules/figures/entry.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2025, 10, 3, 9);
const WORD = /^([meaicE])(\d+)(K?)(?:#(\w+))?(?:@(-?\d+))?(′?)$/;
const KINDS: Readonly<Record<string, FigureReading['sync_type']>> = {
  m: 'manual',
  e: 'estimate',
  a: 'auto',
  i: 'import',
  c: 'correction',
};

/**
 * The entries that a line of words tells: `m350000` manual (`m350K` coarse), `e` estimate, `a` auto, `i` import,
 * `c` correction, `E` an edit of the figure, `u2` undo of the entry in that place (from 0), `#A` its conversation. They
 * are an hour apart, with `′` a minute; `@-90` is dated that many minutes before it came. Ids are the places: `0`, `1`, …
 */
export function entriesOf(text: string): FigureEntry[] {
  let committedMs = START_MS;
  return text.split(' ').map((word, index) => {
    const undone = /^u(\d+)$/.exec(word)?.[1];
    if (undone !== undefined) {
      committedMs += MINUTE_MS;
      return { kind: 'undo', undone, committedMs };
    }
    const [, kind, digits, thousand, conversation, minutes, soon] = WORD.exec(word)!;
    committedMs += (soon ? 1 : 60) * MINUTE_MS;
    const unit = thousand ? 1_000 : 1;
    const value = Number(digits) * unit;
    if (kind === 'E') return { kind: 'edit', used: value, committedMs };
    const reading: FigureReading = {
      id: `${index}`,
      value,
      unit,
      sync_type: KINDS[kind!]!,
      conversation_id: conversation ?? '',
      atMs: committedMs + Number(minutes ?? 0) * MINUTE_MS,
      dated: minutes !== undefined,
    };
    return { kind: 'reading', reading, committedMs };
  });
}
