import { describe, expect, test } from 'vitest';
import { IN_MEMORY } from '../../../../src/daemon/disk/database-file.ts';
import type { CountSeen } from '../../../../src/daemon/meters/observation.ts';
import type { MeterStore } from '../../../../src/daemon/meters/store/meter-store.ts';
import { type ProjectNaming, projectOf } from '../../../../src/daemon/meters/store/names.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { count, metersIn, part, rowsIn, storeAt, sumsIn, tokens } from './meters-at.ts';

const HOUR_MS = 3_600_000;

/** The total of a meter, and of how many things. */
function totalOf(store: MeterStore, meter = 'codex'): { readonly all: number; readonly calls: number } | undefined {
  for (const each of store.meters(0).meters) {
    if (each.kind === 'counter' && each.meter === meter) return { all: each.tokens.all, calls: each.calls };
  }
  return undefined;
}

describe('a cell', () => {
  test.each<[string, readonly CountSeen[], number, number]>([
    ['counts once what is told again', [count('a', 9), count('a', 9), count('a', 159)], 159, 1],
    ['keeps the largest, whichever came first', [count('a', 159), count('a', 9)], 159, 1],
    ['is another under another key', [count('a', 9), count('b', 9)], 18, 2],
    ['is one under a key that every object has', [count('__proto__', 5), count('__proto__', 7)], 7, 1],
    ['counts nothing where nothing was used', [count('a', 0)], 0, 0],
    ['is known by all of a long key', [count(`${'x'.repeat(9_000)}1`, 1), count(`${'x'.repeat(9_000)}2`, 2)], 3, 2],
    ['is known by a key that no database can hold', [count('a\0b', 1), count('a\0c', 2), count('\ud800', 4)], 7, 3],
  ])('a cell %s', (_, seen, all, calls) => {
    const store = storeAt(IN_MEMORY);
    for (const each of seen) store.commit({ parts: [part('/a', [each])] }, 0);
    store.commit({ parts: [part('/b', seen)] }, 0);
    expect(totalOf(store) ?? { all: 0, calls: 0 }).toEqual({ all, calls });
  });

  test('a larger sight moves all of a cell to its own hour, model and project, and the sums with it', () => {
    const path = metersIn(temporaryFolder(MEMORY));
    const store = storeAt(path);
    store.commit({ parts: [part('/a', [count('a', 9, { model: 'm1', folder: '/p/one' }), count('b', 1)])] }, 0);
    const late = count('a', 100, {
      model: 'm2',
      folder: '/p/two',
      atMs: 9 * HOUR_MS,
      tokens: tokens({ output: 90, reasoning: 40, cache_read: 10 }),
    });
    store.commit({ parts: [part('/a', [late])] }, 0);

    expect(store.stats({ by: ['hour', 'model', 'project'], timeZone: 'UTC' })).toEqual([
      { hour: '1970-01-01T00:00:00+00:00', calls: 1, tokens: { ...tokens({ input: 1 }), fresh: 1, all: 1 } },
      {
        ...{ hour: '1970-01-01T09:00:00+00:00', model: 'm2', project: 'two', calls: 1 },
        tokens: { ...tokens({ output: 90, reasoning: 40, cache_read: 10 }), fresh: 90, all: 100 },
      },
    ]);
    const { kept, summed } = sumsIn(path);
    expect(kept).toEqual(summed);
  });

  test('of the same figure with several times the earliest is true, whichever file is read first', () => {
    const sights = [5, 2, 8].map((hour) =>
      part(`/${hour}`, [count('a', 10, { atMs: hour * HOUR_MS, conversation: `c${hour}` })]),
    );
    for (const parts of [sights, sights.toReversed()]) {
      const store = storeAt(IN_MEMORY);
      store.commit({ parts }, 0);
      expect(store.stats({ by: ['conversation', 'hour'], timeZone: 'UTC' })).toMatchObject([
        { conversation: 'c2', hour: '1970-01-01T02:00:00+00:00', calls: 1 },
      ]);
    }
  });

  test('reasoning that is told larger than its output is no more than the output', () => {
    const store = storeAt(IN_MEMORY);
    store.commit({ parts: [part('/a', [count('a', 0, { tokens: tokens({ output: 5, reasoning: 9 }) })])] }, 0);
    expect(store.stats({ by: [] })).toMatchObject([{ tokens: { output: 5, reasoning: 5, all: 5 } }]);
  });

  test.each<[string, Partial<CountSeen>]>([
    ['is negative', { tokens: tokens({ input: -1 }) }],
    ['is a fraction', { tokens: tokens({ output: 0.5 }) }],
    ['is no number', { tokens: tokens({ cache_read: Number.NaN }) }],
    ['adds up beyond 2^53−1', { tokens: tokens({ input: Number.MAX_SAFE_INTEGER, output: 1 }) }],
    ['would bring its meter beyond 2^53−1', { tokens: tokens({ input: Number.MAX_SAFE_INTEGER - 10 }) }],
    ['has no time', { atMs: Number.NaN }],
    ['has a time that no date can be', { atMs: 8.7e15 }],
  ])('a count that %s is refused and told, and what comes with it counts', (_, odd) => {
    const store = storeAt(IN_MEMORY);
    store.commit({ parts: [part('/a', [count('a', 20)])] }, 0);
    const committed = store.commit({ parts: [part('/a', [count('b', 1, odd), count('c', 3)])] }, 0);
    expect(committed.refused).toBe(1);
    expect(totalOf(store)).toEqual({ all: 23, calls: 2 });
  });
});

describe('files', () => {
  test('a file that is withdrawn takes its cells along, also those that others saw, and is to be read from its beginning', () => {
    const path = metersIn(temporaryFolder(MEMORY));
    const store = storeAt(path);
    store.commit(
      { parts: [part('/a', [count('a', 1), count('both', 10)]), part('/b', [count('both', 10), count('b', 100)])] },
      0,
    );
    store.commit({ parts: [part('/a', [count('a2', 2)])], withdrawn: ['/a', '/never-seen'] }, 0);
    expect(totalOf(store)).toEqual({ all: 102, calls: 2 });
    store.commit({ parts: [], withdrawn: ['/b'] }, 0);
    expect(totalOf(store)).toEqual({ all: 2, calls: 1 });
    expect(store.files().map((file) => file.path)).toEqual(['/a']);
    expect(rowsIn(path, 'select * from holding')).toHaveLength(1);
  });

  test('a file that is gone leaves what was counted, and is read from its beginning should it come back', () => {
    const store = storeAt(IN_MEMORY);
    store.commit({ parts: [part('/a', [count('a', 1)])] }, 0);
    store.commit({ parts: [], forgotten: ['/a', '/never-seen'] }, 0);
    expect(store.files()).toEqual([]);
    store.commit({ parts: [part('/a', [count('a', 1)])] }, 0);
    expect(totalOf(store)).toEqual({ all: 1, calls: 1 });
  });

  test('how far a file is read and what its parser knows come back as they were saved', () => {
    const path = metersIn(temporaryFolder(MEMORY));
    const store = storeAt(path);
    const file = {
      path: '/\ud800\u{10d800}',
      source: 'codex',
      place: { offset: 5, head: 'x' },
      parser: { __proto__: 1, heads: [[1, 2]] },
    };
    store.commit({ parts: [{ file, observations: [] }] }, 0);
    store.close();
    expect(storeAt(path).files()).toEqual([file]);
  });
});

test.each<[string | undefined, ProjectNaming, string | undefined]>([
  ['/home/me/work', 'name', 'work'],
  ['/home/me/work//', 'name', 'work'],
  ['/', 'name', undefined],
  ['', 'name', undefined],
  [undefined, 'name', undefined],
  ['/home/back\\slash', 'name', 'back\\slash'],
  ['C:\\Users\\me\\work\\', 'name', 'work'],
  ['c:/Users/me/work', 'name', 'work'],
  ['\\\\server\\share\\work', 'name', 'work'],
  ['/home/me/work', 'path', '/home/me/work'],
  ['/home/me/work', 'off', undefined],
])('of the folder %j the setting %j keeps %j', (folder, naming, project) => {
  expect(projectOf(folder, naming)).toBe(project);
});
