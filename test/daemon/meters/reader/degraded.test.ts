import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { hugeLine } from '../../../../bench/meters/hostile-lines.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { until } from '../../../support/until.ts';
import { assistant } from '../forms/claude-lines.ts';
import { event, FIRST, meta, SECOND, tokenCount, usage } from '../forms/codex-lines.ts';
import { metersIn } from '../store/meters-at.ts';
import { append, message, rollout, transcript, write } from './logs.ts';
import { asProcess, here, orderFor, ReaderAt } from './reader-at.ts';

function started(start = here()) {
  const home = temporaryFolder(MEMORY);
  const order = orderFor(home, metersIn(temporaryFolder(MEMORY)));
  return { home, order, start: () => new ReaderAt(order, start) };
}

const times = <T>(count: number, of: (index: number) => T) => Array.from({ length: count }, (_, index) => of(index));

/** Lines of a form that is not known, such as a tool may write tomorrow. */
const NEW_FORMS = {
  claude: (index: number) => assistant({ tokens_in: 5, tokens_out: 7 }, { id: `new-${index}` }),
  codex: () => tokenCount({ last_usage: usage(5) }),
} as const;
const COUNTED = { claude: message('known', 9), codex: event(usage(500), usage(3500, 1300, 300, 90)) } as const;
const CASES = [
  ['claude', transcript, [message('m', 5)], 5, 14],
  ['codex', rollout, [meta('a'), FIRST, FIRST, SECOND], 3_300, 3_800],
] as const;

describe.each(CASES)('a source whose lines are not understood any more (%s)', (tool, pathIn, lines, before, after) => {
  test('is degraded after twenty of them, keeps its figures, and is well again as soon as a line counts', async () => {
    const { home, start } = started();
    const path = pathIn(home, 'one');
    write(path, lines);
    const reader = start();
    await reader.look();
    append(path, times(19, NEW_FORMS[tool]));
    await reader.lookAt(tool, path);
    expect(reader.standing(tool)?.state).toBe('read');
    append(
      path,
      times(1, () => NEW_FORMS[tool](19)),
    );
    await reader.lookAt(tool, path);
    const standing = reader.standing(tool)!;
    expect(standing).toMatchObject({ state: 'degraded', sinceMs: expect.any(Number) });
    for (const text of Object.values(standing.reason!)) expect(text).toContain(path);
    expect(Object.values(standing.hint!).every((text) => text.includes('token-sync'))).toBe(true);
    expect(reader.total(tool)).toBe(before);
    append(path, [COUNTED[tool]]);
    await reader.lookAt(tool, path);
    expect(reader.standing(tool)).toEqual({ tool, state: 'read' });
    expect(reader.total(tool)).toBe(after);
  });

  test('is so for the next process too, which does not read these lines once more', async () => {
    const { home, start } = started();
    write(pathIn(home, 'one'), [...lines, ...times(12, NEW_FORMS[tool])]);
    const first = start();
    await first.look();
    await first.end();
    append(
      pathIn(home, 'one'),
      times(8, (index) => NEW_FORMS[tool](20 + index)),
    );
    const second = start();
    await second.look();
    const standing = second.standing(tool);
    expect(standing?.state).toBe('degraded');
    await second.end();
    const third = start();
    await third.look();
    expect(third.standing(tool)).toEqual(standing);
  });
});

test('lines that rightly hold no count make no source degraded, and a counted one begins the row anew', async () => {
  const { home, start } = started();
  const silent = assistant(null, { id: 'none' });
  const rows = [
    ...times(19, NEW_FORMS.claude),
    message('m', 5),
    ...times(19, NEW_FORMS.claude),
    ...times(40, () => silent),
  ];
  write(transcript(home, 'one'), rows);
  const reader = start();
  await reader.look();
  expect(reader.standing('claude')).toEqual({ tool: 'claude', state: 'read' });
});

test.each([
  ['file', (path: string) => path, 0o000, 0o600],
  ['folder', dirname, 0o000, 0o700],
])('a %s that may not be read degrades its source, which is well once it may', async (_, placeOf, closed, open) => {
  const { home, start } = started(asProcess);
  const path = transcript(home, 'one');
  write(path, [message('m', 5)]);
  const reader = start();
  await reader.look();
  write(path, [message('m', 5), message('n', 1)]);
  chmodSync(placeOf(path), closed);
  await reader.look();
  await until(() => reader.standing('claude')?.state === 'degraded', 'the source is degraded');
  const { reason, hint } = reader.standing('claude')!;
  expect(reason!.en).toContain(placeOf(path));
  expect(reason!.zh).toContain(placeOf(path));
  expect(hint!.en).toContain('allow the user');
  expect(reader.total('claude')).toBe(5);
  chmodSync(placeOf(path), open);
  await until(() => reader.total('claude') === 6, 'it is read by itself');
  await until(() => reader.standing('claude')?.state === 'read', 'the source is well');
});

test('lines over 16 MiB are passed over, and one warning says how many', async () => {
  const { home, start } = started();
  const path = transcript(home, 'one');
  write(path, [message('m', 5)]);
  const huge = `${hugeLine().text}\n`;
  appendFileSync(path, huge);
  append(path, [message('n', 7)]);
  const reader = start();
  await reader.look();
  expect(reader.total('claude')).toBe(12);
  appendFileSync(path, huge);
  await reader.lookAt('claude', path);
  const warnings = reader.said.filter((word) => 'says' in word && word.says === 'warning');
  expect(warnings).toMatchObject([
    { code: 'meters_skipped_lines', text: { en: expect.stringMatching(/^1 line /) } },
    { code: 'meters_skipped_lines', text: { en: expect.stringMatching(/^2 lines /) } },
  ]);
});

test('what lies before the damage of a compressed log counts, a warning names it, and the whole one counts once', async () => {
  const { home, start } = started();
  const path = rollout(home, 'one');
  write(path, [meta('a'), FIRST, FIRST, SECOND]);
  const whole = zstdCompressSync(readFileSync(path));
  writeFileSync(
    `${path}.zst`,
    Buffer.concat([
      zstdCompressSync(`${JSON.stringify(meta('a'))}\n${JSON.stringify(FIRST)}\n`),
      whole.subarray(0, 30),
    ]),
  );
  write(path, []);
  const reader = start();
  await reader.look();
  expect(reader.total('codex')).toBe(1_100);
  expect(reader.said).toContainEqual(expect.objectContaining({ code: 'meters_damaged_log' }));
  writeFileSync(`${path}.zst`, whole);
  await reader.look();
  expect(reader.total('codex')).toBe(3_300);
});
