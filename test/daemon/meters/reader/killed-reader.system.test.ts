import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { readUnderKills } from './killed-reader.ts';
import { PROGRAM } from './reader-at.ts';

const KILLS = 10;

test.each(['instants', 'commits'] as const)(
  'a reader that is killed at %s, again and again while the files change, has lost and doubled nothing',
  async (at) => {
    const outcome = await readUnderKills({
      program: PROGRAM,
      at,
      kills: KILLS,
      seed: 24,
      scratch: temporaryFolder(MEMORY),
    });
    expect(outcome).toEqual({ kills: KILLS, compared: expect.any(Number), failures: [] });
    expect(outcome.compared).toBeGreaterThan(1);
  },
);
