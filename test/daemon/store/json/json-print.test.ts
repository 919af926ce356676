import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { parseJson } from '../../../../src/daemon/store/json/json-parse.ts';
import { printJson, printJsonLine } from '../../../../src/daemon/store/json/json-print.ts';
import {
  getMember,
  type JsonArray,
  type JsonObject,
  toJsonNode,
  toPlain,
  withMember,
} from '../../../../src/daemon/store/json/json-tree.ts';
import { threadMs } from '../../../support/thread-time.ts';
import { arbitraryNode } from '../arbitrary-json.ts';

describe('printJson', () => {
  test('printJson lays plain values out as JSON.stringify with two spaces does', () => {
    const value = fc.jsonValue({ stringUnit: 'binary' });
    fc.assert(
      fc.property(value, (plain) => {
        const text = JSON.stringify(plain, null, 2);
        expect(printJson(parseJson(text))).toBe(text);
        expect(printJson(toJsonNode(plain))).toBe(text);
        expect(printJsonLine(toJsonNode(plain))).toBe(JSON.stringify(plain));
      }),
    );
  });

  test('a text that printJson makes of a tree is read back by parseJson as the same tree', () => {
    fc.assert(
      fc.property(arbitraryNode, (node) => {
        assert.deepStrictEqual(parseJson(printJson(node)), node);
        assert.deepStrictEqual(parseJson(printJsonLine(node)), node);
      }),
    );
  });

  test('printJson indents a part by where it stands, wherever it was printed before', () => {
    fc.assert(
      fc.property(arbitraryNode, (part) => {
        const entries = [
          ['a', part],
          ['b', { kind: 'array', items: [part, part] }],
        ] as const;
        const document: JsonObject = { kind: 'object', entries };
        printJson(part);
        const text = printJson(document);
        expect(printJson(parseJson(text))).toBe(text);
        expect(printJson(part)).toBe(printJson(parseJson(printJsonLine(part))));
      }),
    );
  });

  test('printJson escapes lone surrogates and control characters, and nothing else that is not ASCII', () => {
    expect(printJson(toJsonNode('完成✅\u2028\ud800\u0001/'))).toBe('"完成✅\u2028\\ud800\\u0001/"');
  });

  test('printJson does not copy a long text once for every level around it', () => {
    const long = `"${'x'.repeat(2_000_000)}"`;
    const flat = readAndPrintMs(`[${long}]`);
    expect(readAndPrintMs('['.repeat(512) + long + ']'.repeat(512)) / flat).toBeLessThan(20);
  });

  test('printJson quotes only what is new when one session of a hundred was added', () => {
    const before = parseJson(printJson(toJsonNode(stateFile(100)))) as JsonObject;
    printJson(before);
    const after = withSession(before, { id: 'new', event: '新' });
    const stringify = vi.spyOn(JSON, 'stringify');
    const text = printJson(after);
    const calls = stringify.mock.calls.length;
    stringify.mockRestore();
    expect(text).toBe(JSON.stringify(toPlain(after), null, 2));
    expect(calls).toBeLessThan(20);
  });
});

/** Each run reads a tree of its own, since a text once printed is remembered. */
function readAndPrintMs(text: string): number {
  return threadMs(() => printJson(parseJson(text)));
}

function stateFile(count: number): unknown {
  const sessions = Array.from({ length: count }, (_, index) => ({
    id: `01J${index}`,
    tokens: index,
    event: '完成架构设计',
  }));
  return { token_usage: { used: 1, total: 1_000_000, sessions }, prompt: '长'.repeat(500), events: [] };
}

function withSession(document: JsonObject, session: unknown): JsonObject {
  const usage = getMember(document, 'token_usage') as JsonObject;
  const sessions = getMember(usage, 'sessions') as JsonArray;
  const items = [toJsonNode(session), ...sessions.items];
  return withMember(document, 'token_usage', withMember(usage, 'sessions', { kind: 'array', items }));
}
