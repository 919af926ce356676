import { type Life, many, one, two } from './lives.ts';
import type { Habits } from './person.ts';
import type { World } from './world.ts';

const OFTEN = { syncing: { every: 8 } } as const;
const AT_THE_END = { syncing: 'at the end' } as const;
const AT_RANDOM = { syncing: { share: 1 / 8 } } as const;
const LATE = 0.05;

/**
 * Worlds with the gauge of a conversation, copied by hand. Not all of it can be had: what nobody looked at before a
 * compaction or an end is unseen, and what a compaction left is counted once more.
 */
export const CONVERSATIONS: readonly World[] = [
  { name: 'every 2 turns', ...world(one, { syncing: { every: 2 } }, 0), found: { old: 134, ours: 134 } },
  { name: 'every 4 turns', ...world(one, { syncing: { every: 4 } }, 0), found: { old: 129, ours: 129 } },
  { name: 'every 8 turns', ...world(one, OFTEN, 0), found: { old: 117, ours: 117 } },
  { name: 'every 16 turns', ...world(one, { syncing: { every: 16 } }, 0), found: { old: 92, ours: 92 } },
  { name: 'every 40 turns', ...world(one, { syncing: { every: 40 } }, 0), found: { old: 47, ours: 47 } },
  { name: 'id', ...world(one, { ...OFTEN, naming: 'true' }, 0), found: { old: 117, ours: 117 } },
  { name: 'half named', ...world(one, { ...OFTEN, naming: 'half' }, 0), found: { old: 118, ours: 117 } },
  { name: 'estimates', ...world(one, { ...OFTEN, estimates: 1 }, 0), found: { old: 161, ours: 124 } },
  { name: 'estimates, id', ...world(one, { ...OFTEN, estimates: 1, naming: 'true' }, 0), found: { old: 161 } },
  {
    name: 'estimates, half named',
    ...world(one, { ...OFTEN, estimates: 1, naming: 'half' }, 0),
    found: { old: 162, ours: 126 },
  },
  { name: 'some late', ...world(one, { ...OFTEN, late: LATE }, 0) },
  { name: 'offline for hours', ...world(one, { ...OFTEN, offline: 44 }, 0) },
  { name: 'slips typed again', ...world(one, { ...OFTEN, typos: { share: 0.03, mended: 'retyped' } }, 0) },
  { name: 'slips corrected', ...world(one, { ...OFTEN, typos: { share: 0.03, mended: 'corrected' } }, 0) },
  { name: 'slips undone', ...world(one, { ...OFTEN, typos: { share: 0.03, mended: 'undone' } }, 0) },
  { name: 'at the end', ...world(many, AT_THE_END, 0), found: { old: 69, ours: 67 } },
  { name: 'at the end, ids', ...world(many, { ...AT_THE_END, naming: 'true' }, 0), found: { old: 69, ours: 97 } },
  {
    name: 'at the end, one id for all',
    ...world(many, { ...AT_THE_END, naming: 'constant' }, 0),
    found: { old: 69, ours: 67 },
  },
  { name: 'at the end, half named', ...world(many, { ...AT_THE_END, naming: 'half' }, 0), found: { old: 69, ours: 78 } },
  { name: 'at the end, ids, some late', ...world(many, { ...AT_THE_END, naming: 'true', late: LATE }, 0) },
  {
    name: 'at the end, ids, slips typed again',
    ...world(many, { ...AT_THE_END, naming: 'true', typos: { share: 0.03, mended: 'retyped' } }, 0),
  },
  { name: 'at random', ...world(many, AT_RANDOM, 0), found: { old: 56, ours: 55 } },
  { name: 'at random, ids', ...world(many, { ...AT_RANDOM, naming: 'true' }, 0), found: { old: 56, ours: 64 } },
  { name: 'at random, half named', ...world(many, { ...AT_RANDOM, naming: 'half' }, 0), found: { old: 56, ours: 61 } },
  { name: 'at random, estimates', ...world(many, { ...AT_RANDOM, estimates: 1 }, 0), found: { old: 90, ours: 70 } },
  {
    name: 'at random, estimates, ids',
    ...world(many, { ...AT_RANDOM, estimates: 1, naming: 'true' }, 0),
    found: { ours: 112 },
  },
  { name: 'in turn', ...world(two, OFTEN, 0), found: { old: 132, ours: 114 } },
  { name: 'in turn, ids', ...world(two, { ...OFTEN, naming: 'true' }, 0), found: { old: 132, ours: 92 } },
  { name: 'in turn, half named', ...world(two, { ...OFTEN, naming: 'half' }, 0), found: { old: 130, ours: 122 } },
];

function world(life: Life, habits: Habits, counted: number): Pick<World, 'life' | 'habits' | 'counted' | 'falseResets'> {
  return { life, habits, counted: [counted - 5, counted + 5], falseResets: 0 };
}
