import { CONVERSATIONS } from './conversations.ts';
import { COUNTERS } from './counters.ts';
import type { World } from './world.ts';

/** All worlds, by what the figure is. */
export const WORLDS: Readonly<Record<string, readonly World[]>> = { 'a counter': COUNTERS, ...CONVERSATIONS };
