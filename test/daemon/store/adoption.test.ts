import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../../src/daemon/store/json/json-parse.ts';
import { printJson } from '../../../src/daemon/store/json/json-print.ts';
import { getMember, type JsonNode, type JsonObject } from '../../../src/daemon/store/json/json-tree.ts';
import { STATE_FILE } from '../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { arbitraryObject } from './arbitrary-json.ts';
import { type OpenedStore, openStore, reopened, unmarked } from './opened-store.ts';

const SAMPLES = fileURLToPath(new URL('../../fixtures/state-files/', import.meta.url));

/** A daemon's first start on a state file of another program. */
async function adopted(content: string | Buffer, folder = temporaryFolder()): Promise<OpenedStore> {
  writeFileSync(join(folder, STATE_FILE), content);
  return openStore(folder);
}

/** The text of what other programs keep: everything but our own figures and the sessions that we added. */
function foreignText(text: string, added: number): string {
  const document = parseJson(text) as JsonObject;
  const entries = document.entries
    .filter(([key]) => key !== 'last_updated')
    .map(([key, node]): [string, JsonNode] => [key, key === 'token_usage' ? foreignUsage(node, added) : node]);
  return printJson({ kind: 'object', entries });
}

function foreignUsage(node: JsonNode, added: number): JsonNode {
  if (node.kind !== 'object') return node;
  const entries = node.entries
    .filter(([key]) => !['used', 'total', 'percentage', 'mark'].includes(key))
    .map(([key, value]): [string, JsonNode] => [
      key,
      key === 'sessions' && value.kind === 'array' ? { kind: 'array', items: value.items.slice(added) } : value,
    ]);
  return { kind: 'object', entries };
}

describe('the files of older programs', () => {
  test.each<[string, object, number]>([
    ['architect_monitor.older-program.json', { used: 299_000, total: 1_000_000, percent: 29.9 }, 1],
    [
      'architect_monitor.other-shapes.json',
      { used: 215_000, total: 1_000_000, percent: 21.5, last_updated: '2025-11-18T20:30:00.123456' },
      4,
    ],
  ])('%s is adopted with every field, in order and spelling', async (name, usage, sessions) => {
    const text = readFileSync(join(SAMPLES, name), 'utf8');
    const store = await adopted(text);

    expect(store.usage).toMatchObject({ ...usage, sessions_count: sessions, revision: 1 });
    expect(foreignText(store.text(), 0)).toBe(foreignText(text, 0));
    expect(await store.history()).toEqual(JSON.parse(text).token_usage.sessions);
    expect(store.warningCodes()).toEqual([]);

    const receipt = await store.record(15_000, { id: 'ours', event: '完成架构设计' });
    expect(receipt.total_used).toBe(store.usage.used);
    expect(foreignText(store.text(), 1)).toBe(foreignText(text, 0));
    expect(store.state().token_usage.percentage).toBeCloseTo(receipt.percent, 1);
    expect(store.state().token_usage.sessions[0]).toMatchObject({ id: 'ours', tokens: 15_000 });
  });

  test('the files of older programs are the ones of shared/samples', () => {
    expect(readdirSync(SAMPLES).sort()).toEqual([
      'architect_monitor.older-program.json',
      'architect_monitor.other-shapes.json',
    ]);
  });
});

describe('a file that lacks something', () => {
  test.each<[string, string, object]>([
    ['no sessions', '{"token_usage":{"used":5,"total":100}}', { used: 5, total: 100, percent: 5, sessions_count: 0 }],
    ['no used', '{"token_usage":{"total":100,"sessions":[]}}', { used: 0, total: 100, percent: 0 }],
    ['no total', '{"token_usage":{"used":5,"sessions":[]}}', { used: 5, total: 0, percent: 0, remaining: 0 }],
    ['a total of 0', '{"token_usage":{"used":5,"total":0,"sessions":[]}}', { used: 5, total: 0, percent: 0 }],
    ['an empty token_usage', '{"token_usage":{}}', { used: 0, total: 0, percent: 0 }],
    ['no token_usage', '{"status":{"text":"x"}}', { used: 0, total: 1_000_000, percent: 0 }],
    ['nothing at all', '{}', { used: 0, total: 1_000_000, percent: 0 }],
    [
      'a figure over the budget',
      '{"token_usage":{"used":500,"total":100}}',
      { used: 500, total: 100, percent: 500, remaining: -400 },
    ],
  ])('a file with %s is adopted as it stands', async (_, text, usage) => {
    const store = await adopted(text);
    expect(store.usage).toMatchObject(usage);
    const before = store.usage.used;

    await store.record(10, { id: 'a' });

    expect(store.usage.used).toBe(before + 10);
    expect(store.state().token_usage).toMatchObject({ used: before + 10, sessions: [{ id: 'a' }] });
    await store.setTotal(2_000);
    expect(store.state().token_usage.total).toBe(2_000);
  });

  test('a file without a total is given none', async () => {
    const store = await adopted('{"token_usage":{"used":5,"sessions":[]}}');
    await store.record(10);

    expect(Object.keys(store.state().token_usage)).toEqual(['used', 'mark', 'sessions']);
  });
});

const BODY =
  '{\n  "token_usage": {\n    "used": 5,\n    "total": 100,\n    "sessions": []\n  },\n  "status": "✅ 完成"\n}\n';

describe('a file in another form', () => {
  test.each<[string, Buffer]>([
    ['with a byte order mark', Buffer.from(`\ufeff${BODY}`)],
    ['in UTF-16, little end first', Buffer.from(`\ufeff${BODY}`, 'utf16le')],
    ['in UTF-16, big end first', Buffer.from(`\ufeff${BODY}`, 'utf16le').swap16()],
    ['with CRLF', Buffer.from(BODY.replaceAll('\n', '\r\n'))],
    ['minified', Buffer.from(JSON.stringify(JSON.parse(BODY)))],
    ['indented by four', Buffer.from(JSON.stringify(JSON.parse(BODY), undefined, 4))],
    ['indented by tabs', Buffer.from(JSON.stringify(JSON.parse(BODY), undefined, '\t'))],
    ['with escapes', Buffer.from(BODY.replace('✅ 完成', '\\u2705 \\u5b8c\\u6210'))],
    ['with space around it', Buffer.from(`\n\n  ${BODY}  \n`)],
  ])('a file %s is read, and is ours in form after the next recording', async (_, bytes) => {
    const store = await adopted(bytes);
    expect(store.usage).toMatchObject({ used: 5, total: 100 });
    expect(JSON.parse(readFileSync(join(store.folder, STATE_FILE), 'utf8'))).toMatchObject({ status: '✅ 完成' });

    await store.record(1, { id: 'a' });

    const bytesAfter = readFileSync(join(store.folder, STATE_FILE));
    const text = bytesAfter.toString('utf8');
    expect(Buffer.from(text).equals(bytesAfter)).toBe(true);
    expect(text).toBe(`${printJson(parseJson(text))}\n`);
    expect(text).toContain('"status": "✅ 完成"');
    expect(store.usage.used).toBe(6);
  });

  test('a file stays as a person formats it until the next change', async () => {
    const store = await openStore(temporaryFolder());
    await store.record(1);
    const { revision } = store.usage;
    const reformatted = JSON.stringify(store.state(), undefined, 4);
    store.write(reformatted);
    await store.adopt();

    expect(store.text()).toBe(reformatted);
    expect(store.usage.revision).toBe(revision);
  });
});

describe('spelling, order and odd keys', () => {
  const TEXT = `{
  "10": 1.0,
  "9": 12345678901234567890,
  "__proto__": {
    "polluted": 1e3
  },
  "constructor": -0.0,
  "token_usage": {
    "__proto__": 0.10,
    "used": 5,
    "2": [
      1.50,
      -0,
      1E+2
    ],
    "total": 100,
    "sessions": [
      {
        "1": 1.0,
        "tokens": 2.50,
        "__proto__": null
      }
    ]
  },
  "toString": "\\ud800",
  "last_updated": "x",
  "1": {}
}
`;

  test('spelling, order and odd keys are all kept, through adoption, recording and a restart', async () => {
    const first = await adopted(TEXT);
    expect(unmarked(first.text())).toBe(TEXT);
    await first.record(1, { id: 'a' });
    expect(foreignText(first.text(), 1)).toBe(foreignText(TEXT, 0));
    const second = await reopened(first);
    await second.record(1, { id: 'b' });

    expect(foreignText(second.text(), 2)).toBe(foreignText(TEXT, 0));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    const [foreign] = (await second.history()).slice(-1);
    expect(Object.hasOwn(foreign!, '__proto__')).toBe(true);
  });

  test('spelling, order and odd keys of any document are kept', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryObject, arbitraryObject, async (around, within) => {
        const usage: JsonObject = {
          kind: 'object',
          entries: [
            ...within.entries.filter(([key]) => !['used', 'total', 'sessions', 'percentage', 'mark'].includes(key)),
            ['used', { kind: 'literal', text: '5' }],
            ['sessions', { kind: 'array', items: [within] }],
          ],
        };
        const entries = around.entries.filter(([key]) => !['token_usage', 'last_updated'].includes(key));
        const text = printJson({ kind: 'object', entries: [['token_usage', usage], ...entries] });
        const store = await adopted(text);
        await store.record(1, { id: 'ours' });
        expect(foreignText(store.text(), 1)).toBe(foreignText(text, 0));
        expect(getMember(parseJson(store.text()) as JsonObject, 'token_usage')).toBeDefined();
        await store.close();
      }),
      { numRuns: 60 },
    );
  });

  test('of a key that stands twice the last value counts, as for every JSON parser', async () => {
    const store = await adopted('{"a":1,"token_usage":{"used":5,"used":7,"total":100,"sessions":[]},"a":2.0}');
    expect(store.usage.used).toBe(7);
    await store.record(1);

    expect(store.state()).toMatchObject({ a: 2, token_usage: { used: 8 } });
    expect(store.text()).toContain('"a": 2.0');
  });
});

describe('many sessions', () => {
  const sessions = Array.from({ length: 250 }, (_, index) => ({
    timestamp: `2025-11-${String(28 - Math.floor(index / 10)).padStart(2, '0')} 12:00:${String(59 - (index % 10)).padStart(2, '0')}`,
    tokens: index,
    event: `会话 ${index}`,
    method: 'manual',
  }));
  const text = JSON.stringify({ token_usage: { used: 5, total: 100, sessions }, status: 1 });

  test('many sessions are all in the history, and the newest hundred in the file', async () => {
    const first = await adopted(text);
    expect(first.state().token_usage.sessions).toEqual(sessions.slice(0, 100));
    expect(first.usage.sessions_count).toBe(250);
    expect(await first.history()).toEqual(sessions);

    await first.record(1, { id: 'a' });
    const second = await reopened(first);

    expect(second.usage).toMatchObject({ used: 6, sessions_count: 251, revision: 2 });
    expect(second.state().token_usage.sessions.slice(1)).toEqual(sessions.slice(0, 99));
    expect((await second.history()).slice(1)).toEqual(sessions);
  });

  test.each([100, 50])(
    'many sessions all count when another program adds some and keeps %i, also after a restart',
    async (limit) => {
      const first = await adopted(text);
      await first.record(1, { id: 'a' });
      for (let round = 0; round < 5; round++) {
        first.edit(({ token_usage }) => {
          token_usage.sessions.unshift({ timestamp: '2025-11-29 12:00:00', tokens: 1, event: `theirs ${round}` });
          token_usage.sessions.splice(limit);
        });
        const written = first.text();
        await first.adopt();
        expect(JSON.parse(unmarked(first.text()))).toEqual(JSON.parse(unmarked(written)));
      }
      expect(first.usage.sessions_count).toBe(256);
      const { sessions: before } = first.state().token_usage;
      const second = await reopened(first);
      await second.record(1, { id: 'b' });

      expect(second.usage.sessions_count).toBe(257);
      expect(second.state().token_usage.sessions.slice(1)).toEqual(before.slice(0, 99));
      expect(await second.history()).toHaveLength(257);
    },
  );

  test('sessions that another program cut off are undone and come back like any others', async () => {
    const store = await adopted(JSON.stringify({ token_usage: { used: 0, total: 100, sessions: [] } }));
    for (let count = 0; count < 100; count++) await store.record(1, { id: `r${count}` });
    store.edit(({ token_usage }) => {
      token_usage.sessions.unshift({ id: 'theirs', tokens: 1 });
      token_usage.sessions.pop();
    });
    await store.adopt();
    expect(store.usage.sessions_count).toBe(101);
    await store.undo();

    expect(store.usage.sessions_count).toBe(100);
    const ids = store.state().token_usage.sessions.map(({ id }: { id: string }) => id);
    expect([ids.length, ids.at(-1)]).toEqual([100, 'r0']);
  });

  test('sessions that say the same are each kept', async () => {
    const same = Array.from({ length: 5 }, () => ({ tokens: 1 }));
    const store = await adopted(JSON.stringify({ token_usage: { used: 5, total: 100, sessions: same } }));

    expect(store.usage.sessions_count).toBe(5);
    expect(await store.history()).toEqual(same);
    store.edit((state) => state.token_usage.sessions.pop());
    await store.adopt();
    expect(store.state().token_usage.sessions).toHaveLength(4);
    expect(store.usage.sessions_count).toBe(4);
  });

  test('a session of another program with a known id counts once', async () => {
    const store = await adopted(
      JSON.stringify({ token_usage: { used: 50, total: 100, sessions: [{ id: 'x', tokens: 50, total_used: 50 }] } }),
    );

    expect(await store.record(7, { id: 'x' })).toMatchObject({ duplicate: true, increment: 50, total_used: 50 });
    expect(store.usage).toMatchObject({ used: 50, revision: 1 });
  });
});

describe('a file that is no state file', () => {
  test.each<[string, string | Buffer, string?]>([
    ['half of one', BODY.slice(0, 40)],
    ['nothing', '', 'was empty'],
    ['nothing but blanks', ' \n', 'was empty'],
    ['a list', '[1]', 'should be a JSON object'],
    ['a number', '350000', 'should be a JSON object'],
    ['text', 'hello'],
    ['JSON with a comment', `// mine\n${BODY}`],
    ['JSON with a comma too much', BODY.replace('"✅ 完成"\n', '"✅ 完成",\n')],
    ['two documents', BODY + BODY],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['zeros', Buffer.alloc(100)],
    ['nested too deep', `{"a":${'['.repeat(900)}${']'.repeat(900)}}`, 'was nested deeper than 512 levels'],
    ['nested without end', '{"a":'.repeat(5_000)],
  ])(
    'a state file that is %s is set aside byte for byte with the reason, and a new one begins',
    async (_, content, reason) => {
      const store = await adopted(content);

      const [copy, ...others] = readdirSync(store.folder).filter((name) => name.includes('.invalid-'));
      expect(others).toEqual([]);
      expect(readFileSync(join(store.folder, copy!)).equals(Buffer.from(content as string))).toBe(true);
      expect(store.warnings.list()).toEqual([expect.objectContaining({ code: 'state_file_invalid' })]);
      expect(store.warnings.list()[0]?.en).toBe(
        `the state file ${reason ?? 'was not valid JSON'}; what it held is kept in ${copy}`,
      );
      expect(store.state()).toMatchObject({ token_usage: { used: 0, total: 1_000_000, sessions: [] } });
      await store.record(10);
      expect(store.state().token_usage.used).toBe(10);
    },
  );
});
