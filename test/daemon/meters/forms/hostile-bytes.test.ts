import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as claude from '../../../../src/daemon/meters/forms/claude-line.ts';
import { Lineage } from '../../../../src/daemon/meters/forms/codex-lineage.ts';
import * as codex from '../../../../src/daemon/meters/forms/codex-rollout.ts';
import { readCursorConversation } from '../../../../src/daemon/meters/forms/cursor-conversation.ts';
import type { Finding } from '../../../../src/daemon/meters/forms/finding.ts';
import { allTokens } from '../../../../src/daemon/meters/forms/token-counts.ts';
import type { Observation } from '../../../../src/daemon/meters/observation.ts';
import { event, forkOf, meta, NOW_MS, tokenCount, turn, usage } from './codex-lines.ts';

const LINES = [
  {
    type: 'assistant',
    message: { id: 'm', model: 'x', usage: { input_tokens: 5, output_tokens: '7', iterations: [{}] } },
  },
  { data: { message: { message: { usage: { cache_creation: { ephemeral_5m_input_tokens: 3 } } } } } },
  meta('b', forkOf('a')),
  turn('gpt-5.4'),
  event(usage(5), usage(5)),
  tokenCount(null, { rate_limits: { primary: { used_percent: 1, window_minutes: 300, resets_at: 1_790_000_000 } } }),
  { promptTokenBreakdown: { totalUsedTokens: 5 }, contextTokenLimit: 9, modelConfig: { modelName: 'x' } },
].map((line) => JSON.stringify(line));

const MEMBERS = [...new Set(LINES.flatMap((line) => line.match(/(?<=")[a-z_A-Z0-9]+(?=":)/g) ?? [])), '__proto__'];

/** What can stand at any place of a line: the members that the forms look for, with anything in them. */
const { value: anyJson } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(
      null,
      true,
      -1,
      1.5,
      1e300,
      2 ** 53,
      '',
      '12',
      '__proto__',
      'session_meta',
      'token_count',
      'event_msg',
    ),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.uniqueArray(fc.tuple(fc.constantFrom(...MEMBERS), tie('value')), { maxLength: 5 }).map(Object.fromEntries),
  ),
}));

const anyLine = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  anyJson.map((value) => Buffer.from(JSON.stringify(value) ?? '')),
  // A real line, of which a part is lost or replaced by other bytes.
  fc
    .tuple(fc.constantFrom(...LINES), fc.nat(300), fc.nat(40), fc.uint8Array({ maxLength: 9 }))
    .map(([line, at, length, bytes]) =>
      Buffer.concat([Buffer.from(line.slice(0, at)), bytes, Buffer.from(line.slice(at + length))]),
    ),
);

/** What every form makes of these lines, each as a reader would take them that knows no prefilter. */
function findingsOf(lines: readonly Buffer[]): Finding[] {
  const rollout = new codex.CodexRollout('head', new Lineage());
  return lines.flatMap((line, offset) => {
    claude.isCandidate(line);
    codex.isCandidate(line);
    return [
      claude.readClaudeLine(line, { headHash: 'head', offset, nowMs: NOW_MS }),
      rollout.take(line, NOW_MS),
      readCursorConversation('id', line, { nowMs: NOW_MS, isFresh: offset % 2 === 0 }),
      readCursorConversation('id', line.toString(), { nowMs: NOW_MS, isFresh: true }),
    ];
  });
}

/** What is wrong with an observation, whatever it was made of. */
function faultsOf(seen: Observation): string[] {
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  const faults: string[] = [];
  if (!isCount(seen.atMs) || seen.atMs > NOW_MS + 86_400_000) faults.push(`time ${seen.atMs}`);
  if (Object.values(seen).includes(undefined)) faults.push('a member without a value');
  if (seen.kind === 'gauge' && !(isCount(seen.used) && isCount(seen.limit ?? 0))) faults.push(`used ${seen.used}`);
  if (seen.kind === 'window' && !(seen.usedPercent >= 0 && isCount(seen.resetsAtMs))) faults.push('window');
  if (seen.kind !== 'count') return faults;
  const { tokens, key } = seen;
  if (!Object.values(tokens).every(isCount) || !isCount(allTokens(tokens))) faults.push(JSON.stringify(tokens));
  if (allTokens(tokens) === 0 || tokens.reasoning > tokens.output) faults.push(JSON.stringify(tokens));
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) faults.push(`key ${key}`);
  return faults;
}

describe('lines of any bytes', () => {
  test('no form throws, and all that one tells is whole numbers from 0 on, plain keys and times of the past', () => {
    const seen = { counted: 0, nothing: 0, not_understood: 0 };
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 6 }), (lines) => {
        const findings = findingsOf(lines);
        for (const { outcome } of findings) seen[outcome] += 1;
        expect(findings.flatMap(({ observations }) => observations.flatMap(faultsOf))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
    expect(Object.values(seen).every((times) => times > 20)).toBe(true);
  });

  test('a line without the prefilter’s bytes holds no count', () => {
    fc.assert(
      fc.property(anyLine, (line) => {
        const rollout = new codex.CodexRollout('head', new Lineage());
        const outcomes = [
          claude.isCandidate(line) || claude.readClaudeLine(line, { headHash: 'h', offset: 0, nowMs: NOW_MS }).outcome,
          codex.isCandidate(line) || rollout.take(line, NOW_MS).outcome,
        ];
        expect(outcomes).not.toContain('counted');
      }),
      { numRuns: 2000 },
    );
  });

  test('a state that hostile lines left goes on after JSON like one that was never kept', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 6 }), anyLine, (lines, next) => {
        const rollout = new codex.CodexRollout('head', new Lineage());
        for (const line of lines) rollout.take(line, NOW_MS);
        const kept: unknown = JSON.parse(JSON.stringify(rollout.state));
        const resumed = codex.CodexRollout.resume('head', new Lineage(), kept);
        expect(resumed?.take(next, NOW_MS).observations).toEqual(
          new codex.CodexRollout('head', new Lineage(), rollout.state).take(next, NOW_MS).observations,
        );
      }),
    );
  });
});
