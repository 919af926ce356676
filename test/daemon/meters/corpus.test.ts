import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CLAUDE_ROOTS, makeClaudeHome } from '../../../bench/meters/claude-home.ts';
import { makeCodexHome } from '../../../bench/meters/codex-home.ts';
import { corpusSizes, REFERENCE } from '../../../bench/meters/corpus-sizes.ts';
import { makeCursorHome } from '../../../bench/meters/cursor-database.ts';
import { CONTENT_CANARY, TOKEN_CANARY } from '../../../bench/meters/dice.ts';
import { makeSizedCorpus } from '../../../bench/meters/sized-corpus.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { execFileSync } from '../../support/programs.ts';
import { SecondCount } from './second-count.ts';

const NOW_MS = Date.UTC(2026, 10, 20);

describe('a corpus of a given size', () => {
  test('the reference has its number of files, median, 99th percentile, largest file and sum', () => {
    const sizes = corpusSizes(REFERENCE.bytes);
    expect(sizes).toHaveLength(3000);
    expect(sizes[1500]! / REFERENCE.medianBytes).toBeCloseTo(1, 1);
    expect(sizes[2970]! / REFERENCE.p99Bytes).toBeCloseTo(1, 1);
    expect(sizes.at(-1)).toBe(REFERENCE.largestBytes);
    expect(sizes.reduce((sum, size) => sum + size, 0) / REFERENCE.bytes).toBeCloseTo(1, 1);
  });

  test('a small one has files of such sizes, and a second count finds what it is known to hold', () => {
    const root = temporaryFolder();
    const { truth, files } = makeSizedCorpus(root, { bytes: 4e6, seed: 1, tools: ['claude', 'codex'], nowMs: NOW_MS });
    const sizes = filesBelow(root).map((file) => statSync(file).size);
    const planned = corpusSizes(4e6);
    expect(sizes).toHaveLength(files);
    expect(Math.max(...sizes) / planned.at(-1)!).toBeCloseTo(1, 1);
    const count = new SecondCount();
    count.readHome(root);
    for (const group of ['meter', 'model', 'hour', 'conversation'] as const) {
      expect(count.by(group), group).toEqual(truth.by(group));
    }
  });

  test('the program writes a home and its truth, the same for the same seed and time', () => {
    const program = join(import.meta.dirname, '../../../bench/meters/make-corpus.ts');
    const made = ['one', 'other'].map((name) => {
      const folder = join(temporaryFolder(), name);
      const size = [
        '--bytes',
        '1e6',
        '--cursor-conversations',
        '3',
        '--cursor-rows',
        '20',
        '--now',
        '2026-11-20T00:00:00Z',
      ];
      execFileSync(process.execPath, [program, folder, ...size]);
      return readFileSync(join(folder, 'truth.json'), 'utf8');
    });
    expect(made[0]).toBe(made[1]);
    expect(JSON.parse(made[0]!).gauges.length).toBeGreaterThan(0);
  });
});

describe('what the corpora try', () => {
  test('all roots, forms of files and later changes occur within forty seeds', () => {
    const folder = temporaryFolder();
    const stages = new Set<string>();
    for (let seed = 0; seed < 40; seed += 1) {
      for (const { name } of makeClaudeHome(folder, seed, { nowMs: NOW_MS }).stages) stages.add(name);
      for (const { name } of makeCodexHome(folder, seed, { nowMs: NOW_MS }).stages) stages.add(name);
    }
    expect([...stages].sort()).toEqual([
      'a conversation is reverted',
      'a conversation is reverted and goes on at once',
      'a reverted conversation goes on',
      'a rollout is archived',
      'a rollout is compressed',
      'a rollout is deleted',
      'a transcript grows',
      'a transcript is cut and goes on at once',
      'a transcript is deleted',
      'a transcript is replaced by a longer one',
      'the tail of a line is written',
    ]);
    for (const root of CLAUDE_ROOTS) expect(existsSync(join(folder, root)), root).toBe(true);
    const files = filesBelow(folder);
    const plain = new Set(files);
    const twins = files.filter((file) => plain.has(file.replace(/\.zst$/, '')) && file.endsWith('.zst'));
    expect(twins.length).toBeGreaterThan(10);
    expect(files.filter((file) => file.endsWith('.zst')).length).toBeGreaterThan(twins.length);
    for (const part of ['/archived_sessions/', '/subagents/agent-']) {
      expect(files.filter((file) => file.includes(part)).length, part).toBeGreaterThan(10);
    }
  });

  test('nearly half of the counts of rollouts tell again what was told before', () => {
    const root = temporaryFolder();
    for (let seed = 0; seed < 10; seed += 1) makeCodexHome(root, seed);
    const told = filesBelow(root).map((file) => {
      const bytes = readFileSync(file);
      const text = String(file.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes);
      const infos = [
        ...text.matchAll(/"payload":\{"type":"token_count","info":(\{"total_token_usage.+?),"rate_limits"/g),
      ];
      return { all: infos.length, once: new Set(infos.map(([, info]) => info)).size };
    });
    const sum = (of: 'all' | 'once') => told.reduce((total, counts) => total + counts[of], 0);
    expect(1 - sum('once') / sum('all')).toBeGreaterThan(0.4);
    expect(1 - sum('once') / sum('all')).toBeLessThan(0.55);
  });

  test('what people said is in every transcript, and a token in the database, so that a leak of either shows', () => {
    const root = temporaryFolder();
    makeClaudeHome(root, 1);
    makeCodexHome(root, 1);
    const cursor = makeCursorHome(root, 1);
    cursor.close();
    for (const file of filesBelow(root)) {
      const bytes = readFileSync(file);
      expect(file.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes, file).toSatisfy((text: Buffer) =>
        text.includes(CONTENT_CANARY),
      );
    }
    expect(readFileSync(cursor.path).includes(TOKEN_CANARY)).toBe(true);
  });

  test('a line of more than 16 MiB stands in a home that asks for one', () => {
    const root = temporaryFolder();
    const home = makeClaudeHome(root, 1, { sessions: 1, hasHugeLine: true });
    const count = new SecondCount();
    count.readHome(root);
    expect(Math.max(...filesBelow(root).map((file) => statSync(file).size))).toBeGreaterThan(17 * 1024 * 1024);
    expect(count.by('meter')).toEqual(home.truth.by('meter'));
  });
});

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
