import { describe, expect, test } from 'vitest';
import { readCursorConversation } from '../../../../src/daemon/meters/forms/cursor-conversation.ts';

const NOW_MS = Date.UTC(2026, 8, 20);
const LIVE = { nowMs: NOW_MS, isFresh: true };

const read = (row: unknown, id = 'conversation-1', seen = LIVE) =>
  readCursorConversation(id, JSON.stringify(row), seen);
const gauge = (row: unknown) => read(row).observations[0];

describe('a conversation of Cursor', () => {
  test('a conversation tells what its context holds, its limit and its model', () => {
    const row = {
      composerId: 'conversation-1',
      promptTokenBreakdown: { totalUsedTokens: 42_000 },
      contextTokensUsed: 41_000,
      contextTokenLimit: 200_000,
      modelConfig: { modelName: 'claude-4.5-opus' },
      conversationMap: { text: 'what was said' },
    };
    expect(read(row)).toEqual({
      outcome: 'counted',
      observations: [
        {
          kind: 'gauge',
          meter: 'cursor.context',
          conversation: 'conversation-1',
          used: 42_000,
          limit: 200_000,
          model: 'claude-4.5-opus',
          atMs: NOW_MS,
          provenance: 'exact',
        },
      ],
    });
  });

  test.each<[string, unknown, object]>([
    ['without a breakdown the context counts', { contextTokensUsed: 7 }, { used: 7 }],
    [
      'a breakdown of 0 falls through to the context',
      { promptTokenBreakdown: { totalUsedTokens: 0 }, contextTokensUsed: 7 },
      { used: 7 },
    ],
    [
      'a breakdown of null falls through to the context',
      { promptTokenBreakdown: { totalUsedTokens: null }, contextTokensUsed: 7 },
      { used: 7 },
    ],
    ['a context of 0 is a figure', { contextTokensUsed: 0 }, { used: 0 }],
    ['numbers may be texts', { contextTokensUsed: '7', contextTokenLimit: '9' }, { used: 7, limit: 9 }],
    [
      'a model like the name of a prototype is a model',
      { contextTokensUsed: 7, modelConfig: { modelName: '__proto__' } },
      { model: '__proto__' },
    ],
  ])('%s', (_, row, expected) => {
    expect(gauge(row)).toMatchObject(expected);
  });

  test.each<[string, unknown, string]>([
    ['a limit of 0 is none', { contextTokensUsed: 7, contextTokenLimit: 0 }, 'limit'],
    ['a limit that is no count is none', { contextTokensUsed: 7, contextTokenLimit: -3 }, 'limit'],
    ['the model "default" is none', { contextTokensUsed: 7, modelConfig: { modelName: 'default' } }, 'model'],
    ['an empty model is none', { contextTokensUsed: 7, modelConfig: { modelName: '' } }, 'model'],
  ])('%s', (_, row, member) => {
    expect(gauge(row)).toMatchObject({ used: 7 });
    expect(gauge(row)).not.toHaveProperty(member);
  });

  test.each<[string, unknown]>([
    ['without figures', { composerId: 'conversation-1', name: 'x' }],
    ['with figures of null', { contextTokensUsed: null, promptTokenBreakdown: null }],
    ['with a breakdown of 0 and nothing else', { promptTokenBreakdown: { totalUsedTokens: 0 } }],
  ])('a row %s is no gauge', (_, row) => {
    expect(read(row)).toEqual({ outcome: 'nothing', observations: [] });
  });

  test('a sub-conversation of a tool is no gauge', () => {
    expect(read({ contextTokensUsed: 7 }, 'task-call\nfc_1')).toEqual({ outcome: 'nothing', observations: [] });
  });

  test('a deleted row is no gauge', () => {
    expect(readCursorConversation('conversation-1', null, LIVE).outcome).toBe('nothing');
  });

  test.each<[string, unknown]>([
    ['a figure that is no count', JSON.stringify({ contextTokensUsed: 'many' })],
    [
      'a breakdown that is no count',
      JSON.stringify({ promptTokenBreakdown: { totalUsedTokens: -1 }, contextTokensUsed: 7 }),
    ],
    ['a text that is no JSON', '{"contextTokensUsed": 7'],
    ['a list', '[7]'],
    ['a number', 7],
    ['nothing at all', ''],
  ])('%s is not understood', (_, value) => {
    expect(readCursorConversation('conversation-1', value, LIVE)).toEqual({
      outcome: 'not_understood',
      observations: [],
    });
  });

  test('a value may be a blob, a part of a larger buffer too', () => {
    const padded = new TextEncoder().encode('xx{"contextTokensUsed":7}xx');
    const blob = padded.subarray(2, -2);
    expect(readCursorConversation('conversation-1', blob, LIVE).observations[0]).toMatchObject({ used: 7 });
  });

  test.each<[string, object, number]>([
    ['the time that it was last changed', { lastUpdatedAt: NOW_MS - 5000, createdAt: NOW_MS - 9000 }, NOW_MS - 5000],
    ['the time that it was made', { createdAt: NOW_MS - 9000 }, NOW_MS - 9000],
    ['the present where that lies before its own time', { lastUpdatedAt: NOW_MS + 5000 }, NOW_MS],
    ['the present where it tells none', {}, NOW_MS],
  ])('a row of the past has %s', (_, times, atMs) => {
    const seen = { nowMs: NOW_MS, isFresh: false };
    expect(read({ contextTokensUsed: 7, ...times }, 'c', seen).observations[0]).toMatchObject({ atMs });
  });

  test('a row that is being written has the present, whatever it says', () => {
    expect(gauge({ contextTokensUsed: 7, lastUpdatedAt: NOW_MS - 5000 })).toMatchObject({ atMs: NOW_MS });
  });
});
