import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LATE_INDICES } from '../../../../src/daemon/store/index/database/schema.ts';
import { keyText } from '../../../../src/daemon/store/index/database/stored-text.ts';
import { Ids } from '../../../../src/daemon/store/index/writing/ids.ts';
import { addSession, emptyHistory } from './filled-database.ts';

const IDS = ['a', 'b', 'c', 'd', 'é', 'A', '', ' a', '\u{1f600}', 'a\ud800', 'a\ud801', 'a\ufffd', 'a\u{10d800}'];
const ids = fc.constantFrom(...IDS);
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('add' as const), id: fc.option(ids) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('look' as const), id: ids }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('index' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  ),
  { maxLength: 60 },
);

test('an id finds the first session that has it, before and after there is an index, and over starts', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const db = emptyHistory();
      const known = new Map<string, number>();
      let found = new Ids(db, 0);
      let sessions = 0;
      for (const step of all) {
        if (step.do === 'look') expect(found.ordinalOf(step.id)).toBe(known.get(step.id));
        else if (step.do === 'index') found.index();
        else if (step.do === 'restart') found = new Ids(db, sessions);
        else {
          const ordinal = sessions++;
          addSession(db, { ordinal, id: step.id === null ? null : keyText(step.id) });
          if (step.id === null) continue;
          found.add(step.id, ordinal);
          if (!known.has(step.id)) known.set(step.id, ordinal);
        }
      }
      for (const id of [...IDS, 'nobody']) {
        expect(found.ordinalOf(id)).toBe(known.get(id));
      }
    }),
  );
});

test('a history that is filled from nothing gets its index when it is asked for an id that is not held', () => {
  const db = emptyHistory();
  const hasIndex = () => db.prepare("select 1 from sqlite_master where name = 'session_id'").get() !== undefined;
  const found = new Ids(db, 0);
  addSession(db, { ordinal: 0, id: 'a' });
  found.add('a', 0);
  expect([found.ordinalOf('a'), hasIndex()]).toEqual([0, false]);

  expect([found.ordinalOf('b'), hasIndex()]).toEqual([undefined, true]);
});

test('a history that was filled in part gets its index at the start', () => {
  const db = emptyHistory();
  addSession(db, { ordinal: 0, id: 'a' });
  const found = new Ids(db, 1);

  expect(db.prepare("select 1 from sqlite_master where name = 'session_id'").get()).toBeDefined();
  expect(found.ordinalOf('a')).toBe(0);
});

test('a history that has its index already is searched by it, though it is empty', () => {
  const db = emptyHistory();
  db.exec(LATE_INDICES.id);
  const found = new Ids(db, 0);
  addSession(db, { ordinal: 0, id: 'a' });
  found.add('a', 0);

  expect(found.ordinalOf('a')).toBe(0);
});

test('ids are found that came so long ago that they are held no more', () => {
  const db = emptyHistory();
  const found = new Ids(db, 0);
  db.exec('begin');
  for (let ordinal = 0; ordinal < 250_000; ordinal++) {
    const id = `r${ordinal}`;
    if (ordinal % 1_000 === 0) addSession(db, { ordinal, id });
    found.add(id, ordinal);
  }
  db.exec('commit');

  expect([0, 1_000, 249_000].map((ordinal) => found.ordinalOf(`r${ordinal}`))).toEqual([0, 1_000, 249_000]);
});
