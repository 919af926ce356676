import type { FigureEntry, Outcome } from './entry.ts';
import { NaivePlay, NOTHING_AMENDED, type Standing } from './naive-play.ts';

/**
 * What each entry comes to by the rules of SPEC §3, told in the simplest way: for each entry everything is played again
 * from the start. It takes no care of time or space, knows no limit of undo, and is there to judge a fold that does.
 */
export function naiveFold(entries: readonly FigureEntry[]): Outcome[] {
  let before: Standing = standingAfter([]);
  return entries.map((entry, index) => {
    const after = standingAfter(entries.slice(0, index + 1));
    const own = entry.kind === 'reading' ? entry.reading.id : undefined;
    const outcome: Outcome = {
      used: after.used,
      counted: (own !== undefined && after.counted.get(own)) || 0,
      flags: (own !== undefined && after.flags.get(own)) || {},
      touched: differences(before, after).filter(({ id }) => id !== own),
    };
    before = after;
    return outcome;
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

function differences(before: Standing, after: Standing): Outcome['touched'] {
  return [...new Set([...before.counted.keys(), ...after.counted.keys()])].flatMap((id) => {
    const counted = after.counted.get(id) ?? 0;
    const difference = counted - (before.counted.get(id) ?? 0);
    return difference === 0 ? [] : [{ id, counted, difference }];
  });
}
