import { counter } from './lives.ts';
import type { Habits } from './person.ts';
import type { World } from './world.ts';

const OFTEN = { syncing: { every: 8 } } as const;
const SLIPS = 0.03;
const LATE = 0.05;
/** A tool that uses about a third of what the figure shows, beside it. */
const TOOL = { share: 0.3, tokens: 2_600 } as const;
/** Half of a person's vices at once. */
const CARELESS: Habits = {
  ...OFTEN,
  coarse: 0.3,
  late: LATE,
  estimates: 0.5,
  imports: 1,
  typos: { share: SLIPS, mended: 'retyped' },
};

/** Worlds with a figure that only grows: the tokens of a period, as a site shows them. All of it can be counted. */
export const COUNTERS: readonly World[] = [
  { name: 'a counter', ...like(OFTEN), found: { old: 100, ours: 100 } },
  { name: 'half coarse', ...like({ ...OFTEN, coarse: 0.5 }), found: { old: 1_019, ours: 100 }, oldAtLeast: 300 },
  {
    name: 'half coarse, estimates between',
    ...like({ ...OFTEN, coarse: 0.5, estimates: 1 }),
    found: { old: 837, ours: 100.6 },
    oldAtLeast: 300,
  },
  { name: 'estimates between', ...like({ ...OFTEN, estimates: 1 }) },
  {
    name: 'a tool beside it, nameless',
    ...like({ ...OFTEN, tool: TOOL }),
    // What grew less than the tool used cannot be told from it.
    counted: [73, 79],
    found: { old: 1_220, ours: 76 },
    oldAtLeast: 300,
  },
  {
    name: 'a tool beside it, with its id',
    ...like({ ...OFTEN, naming: 'constant', tool: { ...TOOL, name: 'bot' } }),
    found: { old: 1_220, ours: 100 },
    oldAtLeast: 300,
  },
  { name: 'imports', ...like({ ...OFTEN, imports: 2 }), found: { ours: 100 }, oldAtLeast: 120 },
  { name: 'an import first', ...like({ ...OFTEN, imports: 'first' }), found: { ours: 100 } },
  {
    name: 'slips typed again',
    ...like({ ...OFTEN, typos: { share: SLIPS, mended: 'retyped' } }),
    found: { old: 1_608, ours: 100 },
    oldAtLeast: 1_000,
  },
  {
    name: 'slips corrected',
    ...like({ ...OFTEN, typos: { share: SLIPS, mended: 'corrected' } }),
    found: { old: 1_220, ours: 100 },
    oldAtLeast: 700,
  },
  { name: 'slips undone', ...like({ ...OFTEN, typos: { share: SLIPS, mended: 'undone' } }) },
  { name: 'some late', ...like({ ...OFTEN, late: LATE }), found: { old: 704, ours: 100 }, oldAtLeast: 300 },
  { name: 'offline for hours', ...like({ ...OFTEN, offline: 20 }) },
  { name: 'half named', ...like({ ...OFTEN, naming: 'half' }), found: { old: 100, ours: 100 } },
  { name: 'half named, some late', ...like({ ...OFTEN, naming: 'half', late: LATE }), oldAtLeast: 300 },
  { name: 'careless', ...like(CARELESS), oldAtLeast: 700 },
  { name: 'careless, half named', ...like({ ...CARELESS, naming: 'half' }), oldAtLeast: 700 },
  {
    name: 'careless, a tool beside it',
    ...like({ ...CARELESS, naming: 'constant', tool: { ...TOOL, name: 'bot' } }),
    oldAtLeast: 700,
  },
];

function like(habits: Habits): Pick<World, 'life' | 'habits' | 'counted' | 'falseResets'> {
  return { life: counter, habits, counted: [99, 101], falseResets: 0 };
}
