import { describe, expect, test } from 'vitest';
import type { EditChange, LedgerChange } from '../../../../src/daemon/rules/change.ts';
import { importReadings, recordReading, undoReading } from '../../../../src/daemon/rules/record.ts';
import { EMPTY, type Snapshot } from '../../../../src/daemon/rules/snapshot.ts';
import { parseJson } from '../../../../src/daemon/store/json/json-parse.ts';
import { printJson } from '../../../../src/daemon/store/json/json-print.ts';
import { type JsonObject, toPlain } from '../../../../src/daemon/store/json/json-tree.ts';
import {
  applyChange,
  MAX_SESSIONS,
  newDocument,
  plainSessions,
  sessionKeys,
  sessionNodes,
} from '../../../../src/daemon/store/state-file/document.ts';
import { NOW_MS, readingOf, snapshotOf } from '../../rules/readings.ts';

function parse(value: unknown): JsonObject {
  return parseJson(typeof value === 'string' ? value : JSON.stringify(value)) as JsonObject;
}

// biome-ignore lint/suspicious/noExplicitAny: the tests check the shape
function plain(document: JsonObject): any {
  return toPlain(document);
}

function recorded(id: string, snapshot: Snapshot = snapshotOf(0), datedMs?: number): LedgerChange {
  return recordReading(snapshot, readingOf('auto', 5, { id, datedMs }), 'rpc', NOW_MS);
}

function ids(document: JsonObject): unknown[] {
  return plainSessions(document).map(({ id }) => id);
}

const hour = (hours: number) => new Date(2025, 10, 18, hours).getTime();

test('a new state file is the one that is documented', () => {
  expect(printJson(newDocument(1_000_000, '2025-11-18T20:30:00'))).toBe(`{
  "token_usage": {
    "used": 0,
    "total": 1000000,
    "sessions": []
  },
  "last_updated": "2025-11-18T20:30:00"
}`);
});

describe('a reading', () => {
  test('a reading comes on top, with the figures and the time', () => {
    const document = [recorded('a'), recorded('b', snapshotOf(5))].reduce(applyChange, newDocument(1_000_000, 'x'));

    expect(ids(document)).toEqual(['b', 'a']);
    expect(plain(document)).toMatchObject({
      token_usage: { used: 10, total: 1_000_000 },
      last_updated: '2025-11-18T20:30:00',
    });
  });

  test('a reading leaves everything of other programs where and as it is', () => {
    const text = `{
  "10": 1.0,
  "status": {
    "completion_rate": 38.90,
    "big": 12345678901234567890,
    "__proto__": -0.0
  },
  "token_usage": {
    "note": 1e3,
    "used": 1,
    "percentage": 0.1,
    "total": 1000,
    "sessions": [
      {
        "task": "x",
        "tokens": 1.50
      }
    ],
    "limits": []
  },
  "2": null,
  "last_updated": "2025"
}`;
    const document = applyChange(parse(text), recorded('a', snapshotOf(1, 1_000)));

    const expected = text
      .replace('"used": 1', '"used": 6')
      .replace('"percentage": 0.1', '"percentage": 0.6')
      .replace('"last_updated": "2025"', '"last_updated": "2025-11-18T20:30:00"')
      .replace('"sessions": [\n', `"sessions": [\n      ${sessionText()},\n`);
    expect(printJson(document)).toBe(expected);
  });

  test('a reading adds the members that a file lacks', () => {
    expect(plain(applyChange(parse({ status: 1 }), recorded('a')))).toMatchObject({
      status: 1,
      token_usage: { used: 5, total: 1_000_000, sessions: [{ id: 'a' }] },
    });
    expect(
      Object.keys(plain(applyChange(parse({ token_usage: { used: 0 } }), recorded('a', snapshotOf(0, 0)))).token_usage),
    ).toEqual(['used', 'sessions']);
  });

  test.each<[string, number, string[]]>([
    ['now', hour(20), ['new', 'c', 'b', 'a']],
    ['at the time of another', hour(12), ['c', 'new', 'b', 'a']],
    ['between two others', hour(13), ['c', 'new', 'b', 'a']],
    ['before all', hour(1), ['c', 'b', 'a', 'new']],
  ])('a reading dated %s goes where its time belongs', (_, datedMs, expected) => {
    let document = newDocument(1_000_000, 'x');
    for (const [id, at] of [
      ['a', hour(10)],
      ['b', hour(12)],
      ['c', hour(14)],
    ] as const) {
      document = applyChange(document, recorded(id, snapshotOf(0), at));
    }

    expect(ids(applyChange(document, recorded('new', snapshotOf(15), datedMs)))).toEqual(expected);
  });

  test('a reading pushes the oldest out of the hundred, and is left out itself when it is older than those', () => {
    let document = newDocument(1_000_000, 'x');
    for (let count = 0; count < MAX_SESSIONS; count++) document = applyChange(document, recorded(`r${count}`));

    const newer = applyChange(document, recorded('new'));
    expect([ids(newer).length, ids(newer)[0], ids(newer).at(-1)]).toEqual([100, 'new', 'r1']);
    const older = applyChange(document, recorded('old', snapshotOf(1_000), hour(1)));
    expect(ids(older)).toEqual(ids(document));
    expect(plain(older).token_usage.used).toBe(1_005);
  });
});

describe('percentage', () => {
  test.each<[string, string, string]>([
    ['29.9', '29.9', 'keeps its spelling while it is right'],
    ['29.90', '29.90', 'keeps its spelling while it is right'],
    ['12', '29.9', 'is made right'],
    ['null', '29.9', 'is made right'],
    ['"30%"', '"30%"', 'of another kind is left alone'],
  ])('the percentage %s becomes %s: it %s', (before, after) => {
    const document = parse(`{"token_usage":{"used":298995,"total":1000000,"percentage":${before},"sessions":[]}}`);

    const text = printJson(applyChange(document, recorded('a', snapshotOf(298_995))));

    expect(text).toContain(`"percentage": ${after}`);
  });

  test('the percentage is never added, and is 0 without a budget', () => {
    expect(printJson(applyChange(newDocument(1, ''), recorded('a')))).not.toContain('percentage');
    const document = parse('{"token_usage":{"used":5,"percentage":12,"sessions":[]}}');
    expect(printJson(applyChange(document, recorded('a', snapshotOf(5, 0))))).toContain('"percentage": 0.0');
  });
});

describe('an undo', () => {
  const first = recorded('a');
  const second = recordReading(snapshotOf(5), readingOf('auto', 7, { id: 'b' }), 'rpc', NOW_MS);
  const document = [first, second].reduce(applyChange, newDocument(1_000_000, 'x'));

  test('an undo takes the session out, and brings the one that is given', () => {
    const request = { id: 'u', isListed: true, backfill: '{"id":"older","tokens":1.0}' };
    const after = applyChange(document, undoReading(snapshotOf(12), second.reading, request, 'rpc', NOW_MS));

    expect(ids(after)).toEqual(['a', 'older']);
    expect(plain(after).token_usage.used).toBe(5);
    expect(printJson(after)).toContain('"tokens": 1.0');
  });

  test('an undo never makes more than a hundred sessions', () => {
    let full = newDocument(1_000_000, 'x');
    for (let count = 0; count < MAX_SESSIONS; count++) full = applyChange(full, recorded(`r${count}`));
    const request = { id: 'u', isListed: true, backfill: '{"id":"older"}' };

    expect(ids(applyChange(full, undoReading(snapshotOf(12), second.reading, request, 'rpc', NOW_MS)))).toHaveLength(
      100,
    );
  });
});

test('an import comes in the order of its times', () => {
  const change = importReadings(
    EMPTY,
    [
      readingOf('import', 1, { id: 'late', datedMs: hour(15) }),
      readingOf('import', 1, { id: 'early', datedMs: hour(9) }),
    ],
    'rpc',
    NOW_MS,
  );

  expect(ids(applyChange(newDocument(1, ''), change))).toEqual(['late', 'early']);
});

describe('an edit', () => {
  const base = parse({ token_usage: { used: 5, total: 100, sessions: [{ id: 'c' }, { id: 'b', x: 1 }, { id: 'a' }] } });
  const edit = (sessions: Partial<EditChange['sessions']>, patch: unknown[] = []): EditChange => ({
    ...snapshotOf(5, 100),
    kind: 'edit',
    committed_at: '',
    meter: 'main',
    source: 'edit',
    patch,
    sessions: { removed: [], changed: [], added: [], ...sessions },
  });
  const added = (json: string, before: string | null) => ({ json, before, at: '' });

  test.each<[string, EditChange, unknown[]]>([
    ['removes', edit({ removed: ['#b'] }), ['c', 'a']],
    ['leaves out', edit({ removed: ['#c'], left: ['#a'] }), ['b']],
    ['removes what is gone already', edit({ removed: ['#zz'] }), ['c', 'b', 'a']],
    ['adds on top', edit({ added: [added('{"id":"n"}', '#c')] }), ['n', 'c', 'b', 'a']],
    ['adds in between', edit({ added: [added('{"id":"n"}', '#a')] }), ['c', 'b', 'n', 'a']],
    ['adds at the end', edit({ added: [added('{"id":"n"}', null)] }), ['c', 'b', 'a', 'n']],
    ['adds on top when its neighbour is gone', edit({ added: [added('{"id":"n"}', '#zz')] }), ['n', 'c', 'b', 'a']],
    [
      'adds several, each before the one added before it',
      edit({ added: [added('{"id":"n"}', '#a'), added('{"id":"m"}', '#n')] }),
      ['c', 'b', 'm', 'n', 'a'],
    ],
  ])('an edit %s sessions', (_, change, expected) => {
    expect(ids(applyChange(base, change))).toEqual(expected);
  });

  test('an edit changes a session in its place', () => {
    const after = applyChange(base, edit({ changed: [['#b', '{"id":"b","x":2.0}']] }));

    expect(ids(after)).toEqual(['c', 'b', 'a']);
    expect(printJson(after)).toContain('"x": 2.0');
  });

  test('an edit keeps the newest hundred sessions', () => {
    const many = Array.from({ length: 250 }, (_, index) => added(`{"id":"n${index}"}`, null));

    expect(ids(applyChange(base, edit({ added: many })))).toEqual([
      'c',
      'b',
      'a',
      ...Array.from({ length: 97 }, (_, index) => `n${index}`),
    ]);
  });
});

test('sessions without an id are told apart by what they say, equal ones by their place from the oldest', () => {
  const sessions = [{ tokens: 1 }, { id: 'a' }, { tokens: 1 }, { id: '' }, { id: 5 }, 'odd', null];
  const nodes = sessionNodes(parse({ token_usage: { sessions } }));

  expect(sessionKeys(nodes)).toEqual([
    '{"tokens":1}~1',
    '#a',
    '{"tokens":1}',
    '{"id":""}',
    '{"id":5}',
    '"odd"',
    'null',
  ]);
});

function sessionText(): string {
  const session = {
    id: 'a',
    timestamp: '2025-11-18 20:30:00',
    tokens: 5,
    event: '完成架构设计',
    conversation_id: 'manual-001',
    sync_type: 'auto',
    total_used: 6,
  };
  return JSON.stringify(session, undefined, 2).replaceAll('\n', '\n      ');
}
