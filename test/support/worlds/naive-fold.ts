import type { FigureEntry, Outcome } from '../../../src/daemon/rules/figures/entry.ts';
import { NaivePlay } from './naive-play.ts';
import { NOTHING_AMENDED, type Standing } from './naive-standing.ts';

/**
 * The outcome of each entry by the rules of figures, told in the simplest way: for each entry everything is played again
 * from the start. It takes no care of time or space, knows no limit of undo, and is there to judge a fold that does.
 *
 * Where the contract leaves it open:
 * - A line's unit is that of its value: a lower figure that fits leaves both, a coarse one that changes nothing too, and
 *   of two that say the same the exact one holds.
 * - The line before a slip is the one that the slip was compared with; a slip that began a new line has none. A slip that
 *   was replaced stays replaced where its successor is replaced too. Only the ledger's very first figure is replaced as a
 *   first one.
 * - A correction is told at its own place, as the reading that it restates, in the world in which that has never been:
 *   where the value fits; else it begins a line (anew) if the reading did, or counts 0 on the line that the reading went
 *   on with. From then on the reading has the correction's value and unit, what is dated before the correction is late,
 *   and the reading is no slip any more: what differs from a correction is meant. A first figure stays a first one.
 * - What came late stays late, also where the reading that it was too late for turns out to be a slip or is restated: a
 *   slip and what takes its place are one look at the counter.
 * - An edit of the figure, and a correction with nothing to say anew, is a counter figure: what follows is no first one,
 *   and neither a slip nor a correction reaches back past it. What is dated before such a correction is late; an edit is
 *   no reading and has no time of its own. It falls with the undo of a reading before it.
 * - What was added to an id, waiting for it or to its old line, joins the nameless line that the id takes over.
 * - Of a line that is not the current one, what was added to itself is taken off its new beginning as well.
 * - A rounded value of a line that is not shown shows that line.
 * - What a source tells counts as it says, and nobody corrects it or types it again. A gauge's value that is shown is a
 *   nameless line. Amounts of a source go to the current line, whatever conversation they name. What is dated before the
 *   source's last word is late, while it feeds too. Of a line that was told before that, and is not the current one, a
 *   figure counts nothing, unless it fits the nameless current one.
 * - Where the budget begins anew the figure is what the entry says, and nothing else changes; from then on an edit, and a
 *   correction that reaches back to no reading, set the figure and no line.
 */
export function naiveFold(entries: readonly FigureEntry[]): Pick<Outcome, 'used' | 'counted' | 'flags'>[] {
  return entries.map((entry, index) => {
    const { used, counted, flags } = standingAfter(entries.slice(0, index + 1));
    const own = entry.kind === 'reading' ? entry.reading.id : '';
    return { used, counted: counted.get(own) ?? 0, flags: flags.get(own) ?? {} };
  });
}

/** The figures after all of the entries. */
export function standingAfter(entries: readonly FigureEntry[]): Standing {
  const left = notUndone(entries);
  let amendments = NOTHING_AMENDED;
  for (;;) {
    const play = new NaivePlay(left, amendments);
    const more = play.run();
    if (!more) return play;
    amendments = more;
  }
}

/** The entries that were not taken back, without undo. */
export function notUndone(entries: readonly FigureEntry[]): FigureEntry[] {
  let left: FigureEntry[] = [];
  for (const entry of entries) {
    if (entry.kind === 'undo') left = without(left, entry.undone);
    else left.push(entry);
  }
  return left;
}

/** The entries without a reading, and without the edits of the figure since: it is again what it was before. */
export function without(entries: readonly FigureEntry[], undone: string): FigureEntry[] {
  const place = entries.findIndex((entry) => entry.kind === 'reading' && entry.reading.id === undone);
  return entries.filter((entry, index) => index < place || (index > place && entry.kind === 'reading'));
}
