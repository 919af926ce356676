import { describe, expect, test } from 'vitest';
import { importInChunks } from '../../../src/client/sdk/import-chunks.ts';
import { EMPTY, usageOf } from '../../../src/daemon/rules/snapshot.ts';
import type { ImportSession } from '../../../src/protocol/methods.ts';

const MIB = 1024 * 1024;
const MARK = '0:00000000';

/** Answers as a daemon that skips what is not above 0, and keeps what it was asked. */
function importer() {
  const chunks: ImportSession[][] = [];
  let used = 1_000;
  const importChunk = async (chunk: ImportSession[]) => {
    chunks.push(chunk);
    const counted = chunk.map(({ tokens }) => Number(tokens)).filter((tokens) => tokens > 0);
    const total_tokens = counted.reduce((sum, tokens) => sum + tokens, 0);
    used += total_tokens;
    const skipped = chunk.flatMap(({ tokens }, index) =>
      Number(tokens) > 0 ? [] : [{ index, reason: 'not above 0' }],
    );
    return {
      success: true as const,
      imported_count: counted.length,
      skipped,
      total_tokens,
      current_usage: usageOf({ ...EMPTY, used }, MARK),
    };
  };
  return { chunks, importChunk };
}

describe('an import in chunks', () => {
  test('an import in chunks makes one call of what fits in one, an empty list included', async () => {
    const { chunks, importChunk } = importer();
    expect(await importInChunks([], importChunk)).toMatchObject({ imported_count: 0, current_usage: { used: 1_000 } });
    await importInChunks(Array(1_000).fill({ tokens: 1 }), importChunk);
    expect(chunks.map(({ length }) => length)).toEqual([0, 1_000]);
  });

  test('an import in chunks never puts more than 100,000 sessions into a call', async () => {
    const { chunks, importChunk } = importer();
    await importInChunks(Array(100_001).fill({ tokens: 1, id: 'x' }), importChunk);
    expect(chunks.map(({ length }) => length)).toEqual([100_000, 1]);
  });

  test('an import in chunks never makes a request over 4 MiB, counted in bytes', async () => {
    const { chunks, importChunk } = importer();
    await importInChunks(Array(5_000).fill({ tokens: 1, event: '字'.repeat(1_000) }), importChunk);
    const sizes = chunks.map((sessions) => Buffer.byteLength(JSON.stringify({ sessions })));
    expect(Math.max(...sizes)).toBeLessThan(4 * MIB - 256);
    expect(sizes.length).toBe(4);
  });

  test('an import in chunks sums the results and counts positions in the whole list', async () => {
    const { importChunk } = importer();
    const sessions = Array.from({ length: 5_000 }, (_, index) => ({
      tokens: index % 2_500 ? 2 : 0,
      event: '字'.repeat(1_000),
    }));
    expect(await importInChunks(sessions, importChunk)).toEqual({
      success: true,
      imported_count: 4_998,
      skipped: [
        { index: 0, reason: 'not above 0' },
        { index: 2_500, reason: 'not above 0' },
      ],
      total_tokens: 9_996,
      current_usage: usageOf({ ...EMPTY, used: 10_996 }, MARK),
    });
  });

  test('an import in chunks gives an id to each session that has none, and leaves the list alone', async () => {
    const { chunks, importChunk } = importer();
    const sessions = [{ tokens: 1 }, { tokens: 1 }, { tokens: 1, id: 'mine' }];
    await importInChunks(sessions, importChunk);
    const ids = chunks[0]!.map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(ids[2]).toBe('mine');
    expect(sessions[0]).toEqual({ tokens: 1 });
  });
});
