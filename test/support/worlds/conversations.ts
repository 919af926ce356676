import { many, one, two } from './lives.ts';
import type { Habits } from './person.ts';
import type { World } from './world.ts';

const OFTEN = { syncing: { every: 8 } } as const;
const AT_THE_END = { syncing: 'at the end' } as const;
const AT_RANDOM = { syncing: { share: 1 / 8 } } as const;
const LATE = 0.05;
const RETYPED = { share: 0.03, mended: 'retyped' } as const;

/** One that goes on and on, and is compacted whenever it is full. */
const ONE: readonly World[] = [
  like('every 2 turns', { syncing: { every: 2 } }, 136, { found: { old: 134, ours: 134 } }),
  like('every 4 turns', { syncing: { every: 4 } }, 128, { found: { old: 129, ours: 129 } }),
  like('every 8 turns', OFTEN, 118, { found: { old: 117, ours: 117 } }),
  like('every 16 turns', { syncing: { every: 16 } }, 87, { found: { old: 92, ours: 92 } }),
  like('every 40 turns', { syncing: { every: 40 } }, 31, { found: { old: 47, ours: 47 } }),
  like('with its id', { ...OFTEN, naming: 'true' }, 118, { found: { old: 117, ours: 117 } }),
  like('half named', { ...OFTEN, naming: 'half' }, 117, { found: { old: 118, ours: 117 } }),
  like('estimates between', { ...OFTEN, estimates: 1 }, 120, { found: { old: 161, ours: 124 }, oldAtLeast: 150 }),
  like('estimates between, with its id', { ...OFTEN, estimates: 1, naming: 'true' }, 120, {
    found: { old: 161, ours: 112 },
    oldAtLeast: 150,
  }),
  like('estimates between, half named', { ...OFTEN, estimates: 1, naming: 'half' }, 121, {
    found: { old: 162, ours: 126 },
    oldAtLeast: 150,
  }),
  like('some late', { ...OFTEN, late: LATE }, 114),
  // Values that arrive at once were not typed at once: by the commit clock alone restarts among it pass for slips, and it is 108.
  like('offline for hours', { ...OFTEN, offline: 44 }, 118),
  // A slip at the moment of a restart is none to these rules: 118 without that.
  like('slips typed again', { ...OFTEN, typos: RETYPED }, 122, { counted: [113, 127], oldAtLeast: 130 }),
  like('slips corrected', { ...OFTEN, typos: { share: 0.03, mended: 'corrected' } }, 117, { oldAtLeast: 125 }),
  like('slips undone', { ...OFTEN, typos: { share: 0.03, mended: 'undone' } }, 118),
].map((row) => ({ ...row, life: one }));

/** One after another, each left when its work is done. */
const MANY: readonly World[] = [
  like('at the end', AT_THE_END, 62, { found: { old: 69, ours: 67 } }),
  like('at the end, with their ids', { ...AT_THE_END, naming: 'true' }, 99, {
    found: { old: 69, ours: 97 },
    oldAtMost: 80,
  }),
  like('at the end, one id for all', { ...AT_THE_END, naming: 'constant' }, 62, { found: { old: 69, ours: 67 } }),
  like('at the end, half named', { ...AT_THE_END, naming: 'half' }, 76, { found: { old: 69, ours: 78 } }),
  like('at the end, ids, some late', { ...AT_THE_END, naming: 'true', late: LATE }, 99, { oldAtMost: 80 }),
  like('at the end, ids, slips typed again', { ...AT_THE_END, naming: 'true', typos: RETYPED }, 99),
  like('at random', AT_RANDOM, 47, { found: { old: 56, ours: 55 } }),
  like('at random, with their ids', { ...AT_RANDOM, naming: 'true' }, 59, { found: { old: 56, ours: 64 } }),
  like('at random, half named', { ...AT_RANDOM, naming: 'half' }, 55, { found: { old: 56, ours: 61 } }),
  like('at random, estimates', { ...AT_RANDOM, estimates: 1 }, 71, { found: { old: 90, ours: 70 } }),
  like('at random, estimates, ids', { ...AT_RANDOM, estimates: 1, naming: 'true' }, 100),
].map((row) => ({ ...row, life: many }));

/** Two at a time. */
const TWO: readonly World[] = [
  like('in turn', OFTEN, 125, { found: { old: 132, ours: 114 } }),
  like('in turn, with their ids', { ...OFTEN, naming: 'true' }, 114, {
    found: { old: 132, ours: 92 },
    oldAtLeast: 122,
  }),
  like('in turn, half named', { ...OFTEN, naming: 'half' }, 126, { found: { old: 130, ours: 122 }, falseResets: 3 }),
].map((row) => ({ ...row, life: two }));

/**
 * Worlds with the gauge of a conversation, copied by hand. Not all of it can be had: what nobody looked at before a
 * compaction or an end is unseen, and what a compaction left is counted once more.
 */
export const CONVERSATIONS: Readonly<Record<string, readonly World[]>> = {
  'one conversation': ONE,
  'many conversations': MANY,
  'two conversations': TWO,
};

/** `near`: what the naive fold counts, the median over sixty seeds. */
function like(name: string, habits: Habits, near: number, more: Partial<World> = {}): Omit<World, 'life'> {
  return { name, habits, counted: [near - 5, near + 5], falseResets: 0, ...more };
}
