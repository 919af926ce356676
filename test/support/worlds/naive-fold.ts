import type { FigureEntry, Outcome } from '../../../src/daemon/rules/figures/entry.ts';
import { NaivePlay } from './naive-play.ts';
import { NOTHING_AMENDED, type Standing } from './naive-standing.ts';

/**
 * What each entry comes to by the rules of SPEC §3, told in the simplest way: for each entry everything is played again
 * from the start. It takes no care of time or space, knows no limit of undo, and is there to judge a fold that does.
 *
 * Where the contract leaves it open:
 * - A line's unit is that of its value: a lower figure that fits leaves both, and a coarse one that changes nothing too.
 * - The line before a slip is the one that the new value would have been told of, so also the nameless one that it takes
 *   over. A slip that was replaced stays replaced where its successor is replaced too. Only the ledger's very first
 *   figure is replaced as a first one.
 * - A corrected reading has from then on the correction's value, unit and times: what is dated before it is late, and
 *   within ten minutes of it the two are one slip. A first figure stays a first one.
 * - An edit of the figure, and a correction with nothing to say anew, is a counter figure (what follows is no first one),
 *   and neither a slip nor a correction reaches back past it.
 * - What waited for an id joins the nameless line that the id takes over; what was added to the line that had the id is
 *   dropped with it.
 * - Of a line that is not the current one, what was added to itself is taken off its new beginning as well.
 * - A rounded value of a line that is not shown shows that line.
 */
export function naiveFold(entries: readonly FigureEntry[]): Pick<Outcome, 'used' | 'counted' | 'flags'>[] {
  return entries.map((entry, index) => {
    const { used, counted, flags } = standingAfter(entries.slice(0, index + 1));
    const own = entry.kind === 'reading' ? entry.reading.id : '';
    return { used, counted: counted.get(own) ?? 0, flags: flags.get(own) ?? {} };
  });
}

/** What stands after all of the entries. */
export function standingAfter(entries: readonly FigureEntry[]): Standing {
  const undone = new Set(entries.flatMap((entry) => (entry.kind === 'undo' ? [entry.undone] : [])));
  const left = entries.filter((entry) => entry.kind !== 'reading' || !undone.has(entry.reading.id));
  let amendments = NOTHING_AMENDED;
  for (;;) {
    const play = new NaivePlay(left, amendments);
    const more = play.run();
    if (!more) return play;
    amendments = more;
  }
}
