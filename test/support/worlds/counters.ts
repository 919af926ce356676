import { counter } from './lives.ts';
import type { Habits } from './person.ts';
import type { World } from './world.ts';

const OFTEN = { syncing: { every: 8 } } as const;
const RETYPED = { share: 0.03, mended: 'retyped' } as const;
const LATE = 0.05;
/** A tool that uses about a third of what the figure shows, beside it. */
const TOOL = { share: 0.3, tokens: 2_600 } as const;
/** A person's vices all at once. */
const CARELESS: Habits = {
  ...OFTEN,
  coarse: 0.3,
  late: LATE,
  estimates: 0.5,
  imports: 1,
  typos: RETYPED,
};

/** Worlds with a figure that only grows: the tokens of a period, as a site shows them. All of it can be counted. */
export const COUNTERS: readonly World[] = [
  like('plain', OFTEN, { found: { old: 100, ours: 100 } }),
  like('half coarse', { ...OFTEN, coarse: 0.5 }, { found: { old: 1_019, ours: 100 }, oldAtLeast: 300 }),
  like(
    'half coarse, estimates between',
    { ...OFTEN, coarse: 0.5, estimates: 1 },
    { found: { old: 837, ours: 100.6 }, oldAtLeast: 300 },
  ),
  like('estimates between', { ...OFTEN, estimates: 1 }),
  // A rise smaller than the tool's own use cannot be told from it.
  like(
    'a tool beside it, nameless',
    { ...OFTEN, tool: TOOL },
    { found: { old: 1_220, ours: 76 }, counted: [72, 80], oldAtLeast: 300 },
  ),
  like(
    'a tool beside it, with its id',
    { ...OFTEN, naming: 'constant', tool: { ...TOOL, name: 'bot' } },
    { found: { old: 1_220, ours: 100 }, oldAtLeast: 300 },
  ),
  like('imports', { ...OFTEN, imports: 2 }, { oldAtLeast: 120 }),
  like('an import first', { ...OFTEN, imports: 'first' }),
  like('slips typed again', { ...OFTEN, typos: RETYPED }, { found: { old: 1_608, ours: 100 }, oldAtLeast: 1_000 }),
  like(
    'slips corrected',
    { ...OFTEN, typos: { share: 0.03, mended: 'corrected' } },
    { found: { old: 1_220, ours: 100 }, oldAtLeast: 700 },
  ),
  like('slips undone', { ...OFTEN, typos: { share: 0.03, mended: 'undone' } }),
  like('some late', { ...OFTEN, late: LATE }, { found: { old: 704, ours: 100 }, oldAtLeast: 300 }),
  like('offline for hours', { ...OFTEN, offline: 20 }),
  like('half named', { ...OFTEN, naming: 'half' }),
  like('half named, some late', { ...OFTEN, naming: 'half', late: LATE }, { oldAtLeast: 300 }),
  like('careless', CARELESS, { oldAtLeast: 700 }),
  like('careless, half named', { ...CARELESS, naming: 'half' }, { oldAtLeast: 700 }),
  like(
    'careless, a tool beside it',
    { ...CARELESS, naming: 'constant', tool: { ...TOOL, name: 'bot' } },
    { oldAtLeast: 700 },
  ),
];

function like(name: string, habits: Habits, more: Partial<World> = {}): World {
  return { name, life: counter, habits, counted: [99, 101], falseResets: 0, ...more };
}
