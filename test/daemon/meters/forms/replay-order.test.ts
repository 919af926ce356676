import { describe, expect, test } from 'vitest';
import { readClaudeLine } from '../../../../src/daemon/meters/forms/claude-line.ts';
import { Lineage } from '../../../../src/daemon/meters/forms/codex-lineage.ts';
import { type CodexState, isMisrooted } from '../../../../src/daemon/meters/forms/codex-rollout.ts';
import type { Observation } from '../../../../src/daemon/meters/observation.ts';
import { randomOf } from '../../../support/random.ts';
import { cellsOf, shuffled, totalOf } from './cells.ts';
import { agentOf, event, forkOf, meta, NOW_MS, readRollout, usage } from './codex-lines.ts';

const SEEDS = Array.from({ length: 25 }, (_, seed) => seed);

interface Home {
  readonly files: readonly (readonly object[])[];
  readonly truth: number;
}

/**
 * A home in which conversations were forked, and forks of them, some from a point in the middle, some as sub-agents; every
 * file repeats all events of its ancestors. Some parents' files are gone, though what they used stands in their forks.
 */
function codexHome(random: () => number): Home {
  const upTo = (most: number) => Math.floor(random() * most);
  const born: { id: string; metas: object[]; events: object[]; size: number }[] = [];
  let truth = 0;
  for (let index = 0; index < 12; index += 1) {
    const id = `s-${upTo(1e6)}-${index}`;
    const parent = index % 4 === 0 ? undefined : born[upTo(born.length)]!;
    const link = parent && (random() < 0.5 ? forkOf(parent.id) : agentOf(parent.id));
    let size = 0;
    const events = (parent?.events ?? []).slice(0, random() < 0.3 ? 4 : undefined);
    for (const { payload } of events as { payload: { info: { total_token_usage: { total_tokens: number } } } }[]) {
      size = payload.info.total_token_usage.total_tokens;
    }
    for (let turns = 1 + upTo(6); turns > 0; turns -= 1) {
      const step = 1000 + upTo(1e6);
      size += step;
      truth += step;
      const told = event(usage(step), usage(size), new Date(NOW_MS - upTo(1e9)).toISOString());
      events.push(...Array.from({ length: 1 + upTo(2) }, () => told));
    }
    const hasAncestors = parent !== undefined && random() < 0.5;
    born.push({ id, metas: [meta(id, link), ...(hasAncestors ? parent.metas : [])], events, size });
  }
  return { files: born.map(({ metas, events }) => [...metas, ...events]), truth };
}

/** Reads files in this order, as a source does: whenever a link moves a root, the file's cells are taken back and it is read again. */
function readHome(files: Home['files']): readonly Observation[] {
  const lineage = new Lineage();
  const read = new Map<number, { state: CodexState; observations: Observation[] }>();
  const readFile = (index: number) => {
    const { rollout, findings } = readRollout(files[index]!, { lineage });
    read.set(index, { state: rollout.state, observations: findings.flatMap(({ observations }) => observations) });
  };
  for (const index of files.keys()) {
    readFile(index);
    for (const [other, { state }] of read) if (isMisrooted(state, lineage)) readFile(other);
  }
  return [...read.values()].flatMap(({ observations }) => observations);
}

describe('the order of reading', () => {
  test.each(SEEDS)('a home of forks counts every token once in every order of its files (seed %i)', (seed) => {
    const random = randomOf(seed);
    const { files, truth } = codexHome(random);
    const cells = cellsOf(readHome(files));
    expect(totalOf(cells)).toBe(truth);
    for (const order of [[...files].reverse(), ...Array.from({ length: 8 }, () => shuffled(files, random))]) {
      expect(cellsOf(readHome(order))).toEqual(cells);
    }
  });

  test('files that are read twice, as copies or once more from their beginning, count once', () => {
    const { files, truth } = codexHome(randomOf(99));
    expect(totalOf(cellsOf(readHome([...files, ...files])))).toBe(truth);
  });

  test.each(SEEDS)('lines of Claude Code make the same cells in every order and however often (seed %i)', (seed) => {
    const random = randomOf(seed);
    const upTo = (most: number) => Math.floor(random() * most);
    const lines = Array.from({ length: 60 }, (_, uuid) => {
      const usageSeen = { input_tokens: upTo(3), output_tokens: upTo(3), cache_read_input_tokens: upTo(3) };
      return JSON.stringify({ uuid: `${uuid}`, message: { id: `msg-${upTo(15)}`, usage: usageSeen } });
    });
    const observationsOf = (order: readonly string[]) =>
      order.flatMap(
        (line) => readClaudeLine(Buffer.from(line), { headHash: 'h', offset: 0, nowMs: NOW_MS }).observations,
      );
    const cells = cellsOf(observationsOf(lines));
    expect(cells.size).toBeGreaterThan(5);
    for (const order of [
      [...lines].reverse(),
      ...Array.from({ length: 4 }, () => shuffled([...lines, ...lines], random)),
    ]) {
      expect(cellsOf(observationsOf(order))).toEqual(cells);
    }
  });
});
