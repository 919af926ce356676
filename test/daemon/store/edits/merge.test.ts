import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY } from '../../../../src/daemon/rules/snapshot.ts';
import { mergeEdit } from '../../../../src/daemon/store/edits/merge.ts';
import type { Standing } from '../../../../src/daemon/store/edits/session-diff.ts';
import { parseJson } from '../../../../src/daemon/store/json/json-parse.ts';
import { printJson } from '../../../../src/daemon/store/json/json-print.ts';
import { type JsonObject, toPlain } from '../../../../src/daemon/store/json/json-tree.ts';
import { applyChange } from '../../../../src/daemon/store/state-file/document.ts';
import type { View } from '../../../../src/daemon/store/state-file/view.ts';
import { NOW_MS } from '../../rules/readings.ts';

interface State {
  readonly used: number;
  readonly total?: number | undefined;
  readonly sessions?: readonly object[];
  readonly last_updated?: string;
  readonly more?: object;
}

const TIME = '2025-11-18T20:00:00';

function documentOf({ used, total = 1_000, sessions = [], last_updated = TIME, more = {} }: State): object {
  return { token_usage: { used, total, sessions }, last_updated, ...more };
}

function viewOf(state: State): View {
  const { used, total = 1_000, last_updated = TIME, sessions = [] } = state;
  return {
    mark: '',
    hash: '',
    document: parse(documentOf(state)),
    snapshot: { ...EMPTY, revision: 3, used, total, last_updated, sessions_count: sessions.length },
    weight: 0,
  };
}

function parse(value: unknown): JsonObject {
  return parseJson(typeof value === 'string' ? value : JSON.stringify(value)) as JsonObject;
}

interface Case {
  readonly base: State;
  readonly theirs: State | string | object;
  readonly ours?: State;
  readonly isSetSince?: boolean;
  readonly isRenewedSince?: boolean;
  readonly known?: Readonly<Record<string, Standing>>;
}

function merged({ base, theirs, ours = base, isSetSince = false, isRenewedSince = false, known = {} }: Case) {
  const file = typeof theirs === 'object' && 'used' in theirs ? documentOf(theirs as State) : theirs;
  const view = viewOf(ours);
  const edit = mergeEdit(
    {
      base: viewOf(base),
      theirs: parse(file),
      ours: view,
      isSetSince,
      isRenewedSince,
      standing: (id) => known[id] ?? 'new',
      isReading: (id) => id in known,
      namelessSince: () => undefined,
    },
    NOW_MS,
  );
  return {
    ...edit,
    // biome-ignore lint/suspicious/noExplicitAny: the tests check the shape
    after: toPlain(applyChange(view.document, edit.change)) as any,
  };
}

describe('used, of which both may have changed', () => {
  test.each<[string, number, number, number, boolean, number]>([
    ['nobody’s stays', 100, 100, 100, false, 100],
    ['a person’s alone is taken', 100, 500, 100, false, 500],
    ['ours alone stays', 100, 100, 130, false, 130],
    ['both hold when readings were added', 100, 500, 130, false, 530],
    ['both hold when a person took off', 100, 40, 130, false, 70],
    ['never falls below 0', 100, 0, 20, false, 0],
    ['a total recorded since says what it is', 100, 500, 130, true, 130],
    ['a person’s is taken when the total recorded since is the old one', 100, 500, 100, true, 500],
    ['stays within 2^53−1', 0, Number.MAX_SAFE_INTEGER, 5, false, Number.MAX_SAFE_INTEGER],
  ])('used after a merge: %s', (_, base, theirs, ours, isSetSince, expected) => {
    const { change, after } = merged({
      base: { used: base },
      theirs: { used: theirs },
      ours: { used: ours },
      isSetSince,
    });

    expect([change.used, after.token_usage.used]).toEqual([expected, expected]);
  });

  test.each([
    ['what a person added holds', 900, 905, 0, 5],
    ['beside what was recorded since', 900, 905, 30, 35],
    ['a lower figure, which may be of either period, is not taken', 900, 20, 30, 30],
  ])('used after a merge where the budget began anew meanwhile: %s', (_, base, theirs, ours, expected) => {
    const { change, problems } = merged({
      base: { used: base },
      theirs: { used: theirs },
      ours: { used: ours },
      isRenewedSince: true,
    });

    expect([change.used, problems.length]).toEqual([expected, theirs < base ? 1 : 0]);
  });

  test('used after a merge is the sum of whatever both sides add', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (base, byThem, byUs) => {
        const { change } = merged({
          base: { used: base },
          theirs: { used: base + byThem },
          ours: { used: base + byUs },
        });
        expect(change.used).toBe(base + byThem + byUs);
      }),
    );
  });
});

describe('what a reading counts by now', () => {
  const was = { id: 'a', tokens: 9, event: '', counted: 4 };
  const now = { id: 'a', tokens: 9, event: 'other', counted: 2 };
  test.each<[what: string, base: object, theirs: object, ours: object, expected: object]>([
    ['is no change where a program drops it', was, { id: 'a', tokens: 9, event: '' }, now, now],
    ['is no change where a program puts the old one back', { ...was, counted: 3 }, was, now, now],
    ['stays ours beside a change', was, { ...was, event: 'x' }, now, { ...was, event: 'x', counted: 2 }],
    [
      'stays ours beside a change that drops it',
      was,
      { id: 'a', event: 'x' },
      now,
      { id: 'a', event: 'x', counted: 2 },
    ],
    ['stays none beside a change', was, { ...was, event: 'x' }, { id: 'a' }, { id: 'a', tokens: 9, event: 'x' }],
  ])('the count of a reading %s', (_, base, theirs, ours, expected) => {
    const at = (session: object) => ({ used: 5, sessions: [session] });
    const { after } = merged({ base: at(base), theirs: at(theirs), ours: at(ours), known: { a: 'recorded' } });
    expect(after.token_usage.sessions).toEqual([expected]);
  });

  test('the count of another program’s session is a member like any other', () => {
    const at = (session: object) => ({ used: 5, sessions: [session] });
    const { after } = merged({ base: at(was), theirs: at({ id: 'a', tokens: 9 }) });
    expect(after.token_usage.sessions).toEqual([{ id: 'a', tokens: 9 }]);
  });
});

describe('total', () => {
  test.each<[string, number, number | undefined, number, number]>([
    ['a person’s is taken', 1_000, 2_000, 1_000, 2_000],
    ['ours stays', 1_000, 1_000, 3_000, 3_000],
    ['a person’s wins over ours', 1_000, 2_000, 3_000, 2_000],
    ['0 is none', 1_000, 0, 1_000, 0],
  ])('total after a merge: %s', (_, base, theirs, ours, expected) => {
    const at = (total: number | undefined) => ({ used: 5, total });
    expect(merged({ base: at(base), theirs: at(theirs), ours: at(ours) }).change.total).toBe(expected);
  });

  test('a total that was deleted stays what it was', () => {
    const { change, after } = merged({
      base: { used: 5 },
      theirs: { token_usage: { used: 5, sessions: [] }, last_updated: TIME },
    });

    expect([change.total, after.token_usage.total]).toEqual([1_000, 1_000]);
  });
});

describe('what is not as it should be', () => {
  test.each<[string, string, object]>([
    ['token_usage.used', '{"token_usage":{"used":"5","total":1000,"sessions":[]}}', { used: 5 }],
    ['token_usage.used', '{"token_usage":{"used":-5,"total":1000,"sessions":[]}}', { used: 5 }],
    ['token_usage.used', '{"token_usage":{"used":5.5,"total":1000,"sessions":[]}}', { used: 5 }],
    ['token_usage.used', '{"token_usage":{"used":1e300,"total":1000,"sessions":[]}}', { used: 5 }],
    ['token_usage.used', '{"token_usage":{"used":9007199254740992,"total":1000,"sessions":[]}}', { used: 5 }],
    ['token_usage.used', '{"token_usage":{"used":null,"total":1000,"sessions":[]}}', { used: 5 }],
    ['token_usage.used', '{"token_usage":{"used":true,"total":1000,"sessions":[]}}', { used: 5 }],
    ['token_usage.total', '{"token_usage":{"used":5,"total":"all","sessions":[]}}', { total: 1_000 }],
    ['token_usage.total', '{"token_usage":{"used":5,"total":[1],"sessions":[]}}', { total: 1_000 }],
    ['token_usage.sessions', '{"token_usage":{"used":5,"total":1000,"sessions":{}}}', {}],
    ['token_usage.sessions', '{"token_usage":{"used":5,"total":1000,"sessions":null}}', {}],
    ['token_usage', '{"token_usage":[],"status":1}', { used: 5, total: 1_000 }],
    ['token_usage', '{"token_usage":"5","status":1}', { used: 5, total: 1_000 }],
  ])('a wrong %s keeps our value, and says so: %s', (field, theirs, expected) => {
    const base = { used: 5, sessions: [{ id: 'a', tokens: 5 }] };
    const { change, problems, after } = merged({ base, theirs });

    expect(change).toMatchObject(expected);
    expect(problems.map(({ en }) => en)).toEqual([expect.stringContaining(`${field} in the state file should be`)]);
    expect(problems[0]?.zh).toContain(field);
    expect(after.token_usage).toMatchObject({ used: 5, total: 1_000, sessions: expect.any(Array) });
  });

  test('a wrong member does not keep the others from being taken over', () => {
    const { after } = merged({
      base: { used: 5 },
      theirs: '{"token_usage":{"used":"x","total":2000,"sessions":[{"id":"n"}]},"status":"new"}',
    });

    expect(after).toMatchObject({ status: 'new', token_usage: { used: 5, total: 2_000, sessions: [{ id: 'n' }] } });
  });

  test.each(['1e3', '1000.0', '1.0e+3'])('the spelling %s of a figure is taken as 1000', (spelling) => {
    const { change, problems } = merged({
      base: { used: 5 },
      theirs: `{"token_usage":{"used":${spelling},"total":1000}}`,
    });

    expect([change.used, problems]).toEqual([1_000, []]);
  });
});

describe('sessions', () => {
  const base: State = { used: 3, sessions: [{ id: 'c' }, { id: 'b' }, { id: 'a', event: 'x' }] };
  const ours: State = { used: 4, sessions: [{ id: 'd' }, ...base.sessions!] };
  const idsAfter = (edit: Omit<Case, 'base' | 'ours'>) =>
    merged({ base, ours, ...edit }).after.token_usage.sessions.map(({ id }: { id: string }) => id);
  const theirs = (...sessions: object[]): State => ({ used: 3, sessions });

  test('sessions removed, changed and added by a person, and recorded meanwhile, all hold', () => {
    const { change, after } = merged({
      base,
      ours,
      theirs: theirs({ id: 'new' }, { id: 'c' }, { id: 'a', event: 'changed' }),
    });

    expect(after.token_usage.sessions).toEqual([
      { id: 'd' },
      { id: 'new' },
      { id: 'c' },
      { id: 'a', event: 'changed' },
    ]);
    expect(change.sessions_count).toBe(4);
    expect(change.used).toBe(4);
  });

  const monday = { timestamp: '2025-11-17 10:00:00', tokens: 5, event: '对话' };
  const tuesday = { timestamp: '2025-11-18 10:00:00', tokens: 5, event: '对话' };
  const timeless = { tokens: 5, event: '对话' };
  test.each<[what: string, before: object[], after: object[], added: object[]]>([
    ['an event put right', [monday], [{ ...monday, event: 'x' }], []],
    ['a count put right', [monday], [{ ...monday, tokens: 6 }], []],
    ['an id given', [monday], [{ ...monday, id: 'a' }], []],
    ['an id taken', [{ ...monday, id: 'a' }], [monday], []],
    ['a member more, without a time', [timeless], [{ ...timeless, more: 1 }], []],
    [
      'two alike, both with a member more',
      [monday, monday],
      [
        { ...monday, more: 1 },
        { ...monday, more: 2 },
      ],
      [],
    ],
    ['one of two alike', [monday, monday], [{ ...monday, more: 1 }, monday], []],
    ['a new one above the rewritten', [monday], [tuesday, { ...monday, more: 1 }], [tuesday]],
    ['a new one below the rewritten', [tuesday], [{ ...tuesday, more: 1 }, monday], [monday]],
    [
      'one with another session_id',
      [{ ...monday, session_id: 's1' }],
      [{ ...monday, session_id: 's2' }],
      [{ ...monday, session_id: 's2' }],
    ],
    [
      'one with another id and count',
      [{ ...monday, id: 'a' }],
      [{ ...monday, id: 'b', tokens: 6 }],
      [{ ...monday, id: 'b', tokens: 6 }],
    ],
    ['another id alone', [{ ...monday, id: 'a' }], [{ ...monday, id: 'b' }], []],
    ['a new one of another time', [monday], [tuesday], [tuesday]],
    ['a count and an event put right', [monday], [{ ...monday, tokens: 6, event: 'x' }], []],
    [
      'one of two of the same time, and one taken out',
      [monday, { ...monday, tokens: 7 }],
      [{ ...monday, tokens: 8 }],
      [{ ...monday, tokens: 8 }],
    ],
    ['another count, without a time', [timeless], [{ ...timeless, tokens: 6 }], [{ ...timeless, tokens: 6 }]],
  ])('of edited sessions only new ones count as new: %s', (_, before, after, added) => {
    const edit = merged({ base: { used: 3, sessions: before }, theirs: theirs(...after) });
    expect(edit.after.token_usage.sessions).toEqual(after);
    expect(edit.change.sessions.added.map(({ json }) => JSON.parse(json))).toEqual(added);
    expect(edit.change.sessions_count).toBe(after.length);
  });

  test('sessions are not taken away by a file that has no list of them', () => {
    expect(idsAfter({ theirs: { token_usage: { used: 3, total: 1_000 }, last_updated: TIME } })).toEqual([
      'd',
      'c',
      'b',
      'a',
    ]);
    expect(idsAfter({ theirs: { last_updated: TIME } })).toEqual(['d', 'c', 'b', 'a']);
  });

  test('sessions are taken away by a file with an empty list', () => {
    expect(idsAfter({ theirs: theirs() })).toEqual(['d']);
  });

  test.each<[what: string, sessions: object[], left: string[], after: string[]]>([
    ['fewer than there were', [{ id: 'new' }, { id: 'c' }], ['#b', '#a'], ['d', 'new', 'c']],
    ['as many as there were', [{ id: 'new' }, { id: 'c' }, { id: 'b' }], ['#a'], ['d', 'new', 'c', 'b']],
  ])('sessions that fall off the end where a program adds and keeps %s count on', (_, sessions, left, expected) => {
    const { change, after } = merged({ base, ours, theirs: theirs(...sessions) });

    expect(change.sessions).toMatchObject({ removed: [], left });
    expect(change.sessions_count).toBe(5);
    expect(after.token_usage.sessions.map(({ id }: { id: string }) => id)).toEqual(expected);
  });

  test('sessions that fall off the end are not the ones that come on top, however alike', () => {
    const alike = (...ids: string[]) => ids.map((id) => ({ id, tokens: 5, event: '对话' }));
    const { change, after } = merged({
      base: { used: 3, sessions: alike('c', 'b', 'a') },
      theirs: theirs(...alike('d', 'c', 'b')),
    });

    expect(change.sessions).toMatchObject({ removed: [], left: ['#a'], changed: [] });
    expect(change.sessions_count).toBe(4);
    expect(after.token_usage.sessions).toEqual(alike('d', 'c', 'b'));
  });

  test('sessions that fall off the end below one that was rewritten count on', () => {
    const { change, after } = merged({
      base: { used: 3, sessions: [tuesday, monday, { tokens: 1 }] },
      theirs: theirs({ tokens: 9 }, tuesday, { ...monday, more: 1 }),
    });

    expect(change.sessions).toMatchObject({
      removed: [],
      left: ['{"tokens":1}'],
      changed: [[expect.any(String), expect.any(String)]],
    });
    expect(change.sessions_count).toBe(4);
    expect(after.token_usage.sessions).toEqual([{ tokens: 9 }, tuesday, { ...monday, more: 1 }]);
  });

  test.each<[what: string, sessions: object[], removed: string[]]>([
    ['the oldest, and one is added in its place', [{ id: 'c' }, { id: 'b' }, { id: 'new' }], ['#a']],
    ['the oldest, and none is added', [{ id: 'c' }, { id: 'b' }], ['#a']],
    ['one in the middle, and one is added', [{ id: 'new' }, { id: 'c' }, base.sessions![2]!], ['#b']],
    ['all, and one is added', [{ id: 'new' }], ['#c', '#b', '#a']],
  ])('sessions are taken away by a person who deletes %s', (_, sessions, removed) => {
    const { change } = merged({ base, ours, theirs: theirs(...sessions) });

    expect(change.sessions.removed).toEqual(removed);
    expect(change.sessions.left).toBeUndefined();
    expect(change.sessions_count).toBe(4 + change.sessions.added.length - removed.length);
  });

  test('sessions that the ledger has recorded are no new ones', () => {
    const edit = merged({ base, ours, theirs: theirs({ id: 'old' }, ...base.sessions!), known: { old: 'recorded' } });

    expect(edit.change.sessions).toEqual({ removed: [], changed: [], added: [] });
    expect(edit.isNothing).toBe(true);
  });

  test('sessions that are undone do not come back, and push none off the end', () => {
    const edit = merged({ base, ours, theirs: theirs({ id: 'u' }, { id: 'c' }, { id: 'b' }), known: { u: 'undone' } });

    expect(edit.change.sessions).toEqual({ removed: ['#a'], changed: [], added: [] });
    expect(edit.isNothing).toBe(false);
  });

  test('sessions that an edit had removed come back, as what they are', () => {
    const edit = merged({ base, ours, theirs: theirs({ id: 'gone' }, ...base.sessions!), known: { gone: 'removed' } });

    expect(edit.change.sessions.added).toEqual([expect.objectContaining({ json: '{"id":"gone"}', restored: true })]);
    expect(edit.after.token_usage.sessions[1]).toEqual({ id: 'gone' });
  });

  test('sessions whose members change places, or numbers their spelling, are changed', () => {
    const at: State = { used: 3, sessions: [{ id: 'a', x: 1 }] };
    const places = merged({
      base: at,
      theirs: '{"token_usage":{"used":3,"total":1000,"sessions":[{"x":1,"id":"a"}]}}',
    });
    const spelling = merged({
      base: at,
      theirs: '{"token_usage":{"used":3,"total":1000,"sessions":[{"id":"a","x":1.0}]}}',
    });

    expect([places.change.sessions.changed, spelling.change.sessions.changed]).toEqual([
      [['#a', '{"x":1,"id":"a"}']],
      [['#a', '{"id":"a","x":1.0}']],
    ]);
  });

  test('sessions of other shapes are told apart and kept', () => {
    const strange = [{ tokens: 1 }, { tokens: 1 }, 'odd', null, [1]] as unknown as object[];
    const { after, change } = merged({ base: { used: 0 }, theirs: { used: 0, sessions: strange } });

    expect(after.token_usage.sessions).toEqual(strange);
    expect(change.sessions_count).toBe(5);
  });

  test('added sessions carry the time that they name, else that of their adoption', () => {
    const sessions = [
      { id: 'x', timestamp: '2025-11-18 21:00:00' },
      { id: 'y', start_time: '2025-11-01T10:00:00' },
      { id: 'z' },
    ];
    const { change } = merged({ base: { used: 0 }, theirs: { used: 0, sessions } });

    expect(change.sessions.added.map(({ json, at }) => [JSON.parse(json).id, at])).toEqual([
      ['z', new Date(NOW_MS).toISOString()],
      ['y', new Date(2025, 10, 1, 10).toISOString()],
      ['x', new Date(2025, 10, 18, 21).toISOString()],
    ]);
  });
});

describe('last_updated', () => {
  test.each<[string, string, string, string]>([
    ['a person’s is kept as it is', TIME, '2025-11-18T20:30:00.123456', '2025-11-18T20:30:00.123456'],
    ['ours stays', '2025-11-18T20:10:00', TIME, '2025-11-18T20:10:00'],
    ['ours wins when both changed', '2025-11-18T20:10:00', 'x', '2025-11-18T20:10:00'],
  ])('last_updated after a merge: %s', (_, ours, theirs, expected) => {
    const edit = merged({
      base: { used: 5 },
      ours: { used: 6, last_updated: ours },
      theirs: { used: 5, last_updated: theirs },
    });

    expect([edit.change.last_updated, edit.after.last_updated]).toEqual([expected, expected]);
  });
});

describe('an edit of nothing', () => {
  test('an edit that changes nothing is no edit', () => {
    expect(
      merged({ base: { used: 5 }, theirs: { used: 5 }, ours: { used: 9, sessions: [{ id: 'a' }] } }).isNothing,
    ).toBe(true);
  });

  test.each<[string, State]>([
    ['used', { used: 6 }],
    ['total', { used: 5, total: 7 }],
    ['a member', { used: 5, more: { status: 1 } }],
    ['a session', { used: 5, sessions: [{}] }],
    ['the time', { used: 5, last_updated: 'x' }],
  ])('a file with another %s is an edit', (_, theirs) => {
    expect(merged({ base: { used: 5 }, theirs }).isNothing).toBe(false);
  });
});

test('foreign members of both sides hold, in order and spelling', () => {
  const base =
    '{"z":1.0,"token_usage":{"used":1,"total":1000,"sessions":[],"extra":{"a":1}},"last_updated":"t","10":0}';
  const theirs =
    '{"z":1.00,"token_usage":{"used":1,"total":1000,"sessions":[],"extra":{"a":1,"b":-0.0}},"last_updated":"t","__proto__":{},"10":0}';
  const view = (text: string): View => ({ ...viewOf({ used: 1, last_updated: 't' }), document: parse(text) });
  const ours = view(base.replace('"z":1.0', '"z":1.0,"ours":true'));
  const { change } = mergeEdit(
    {
      base: view(base),
      theirs: parse(theirs),
      ours,
      isSetSince: false,
      isRenewedSince: false,
      standing: () => 'new',
      isReading: () => false,
      namelessSince: () => undefined,
    },
    NOW_MS,
  );

  expect(printJson(applyChange(ours.document, change)).replace(/\s+/g, '')).toBe(
    theirs.replace('"z":1.00', '"z":1.00,"ours":true'),
  );
});
