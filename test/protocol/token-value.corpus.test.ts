import { describe, expect, test } from 'vitest';
import { splitDropText, understandDropText } from '../../src/daemon/sources/drop-folder/drop-content.ts';
import { parseTokenValue } from '../../src/protocol/token-value.ts';
import { ACCEPTED, LINES, type LineVerdict, NEVER_ANOTHER, REFUSED } from './token-value.corpus.ts';

describe.each(Object.entries(ACCEPTED))('accepted: %s', (_kind, rows) => {
  test.each(titled(rows, ([text]) => text))('%s is read as its figure', (_title, [text, tokens, total]) => {
    expect(parseTokenValue(text)).toMatchObject({ ok: true, tokens, ...(total !== undefined && { total }) });
  });
});

describe.each(Object.entries(REFUSED))('refused: %s', (_kind, texts) => {
  test.each(titled(texts, (text) => text))('%s is refused', (_title, text) => {
    expect(parseTokenValue(text)).toMatchObject({ ok: false, hint: expect.anything() });
  });
});

describe('refused, or read as this figure and no other', () => {
  test.each(titled(NEVER_ANOTHER, ([text]) => text))('%s is read as no other figure', (_title, [text, tokens]) => {
    const verdict = parseTokenValue(text);
    if (verdict.ok) expect(verdict.tokens).toBe(tokens);
  });
});

describe('a line of a drop-file', () => {
  test.each(titled(LINES, ([line]) => line))('the line %s has its verdict', (_title, [line, verdict]) => {
    expect(verdictOf(line)).toEqual(verdict);
  });
});

describe('the corpus', () => {
  const accepted = Object.values(ACCEPTED).flatMap((rows) => rows.map(([text]) => text));
  const refused = Object.values(REFUSED).flat();

  test('the corpus has no text twice, and none with two verdicts', () => {
    expect(repeated([...accepted, ...refused, ...NEVER_ANOTHER.map(([text]) => text)])).toEqual([]);
    expect(repeated(LINES.map(([line]) => line))).toEqual([]);
  });

  test('the corpus is as large as was promised', () => {
    expect(accepted.length).toBeGreaterThanOrEqual(450);
    expect(refused.length).toBeGreaterThanOrEqual(650);
    expect(LINES.length).toBeGreaterThanOrEqual(120);
  });

  test('a line that is a whole text has the verdict of that text', () => {
    const figures = new Map(Object.values(ACCEPTED).flatMap((rows) => rows.map(([text, tokens]) => [text, tokens])));
    for (const [line, verdict] of LINES) {
      if (refused.includes(line)) expect([line, verdict]).toEqual([line, 'refused']);
      if (figures.has(line)) expect([line, verdict]).toMatchObject([line, { tokens: figures.get(line) }]);
    }
  });
});

/** What the drop folder makes of a file with this one line. */
function verdictOf(line: string): LineVerdict {
  const offered = offeredBy(line);
  if (!offered) return 'refused';
  const value = parseTokenValue(String(offered.tokens));
  if (!value.ok) return 'refused';
  return offered.event === undefined ? { tokens: value.tokens } : { tokens: value.tokens, event: offered.event };
}

function offeredBy(line: string) {
  try {
    const readings = understandDropText(splitDropText(new TextEncoder().encode(`${line}\n`)));
    return readings.length === 1 ? readings[0]?.offered : undefined;
  } catch {
    return undefined;
  }
}

function titled<Row>(rows: readonly Row[], textOf: (row: Row) => string): [title: string, row: Row][] {
  return rows.map((row) => [JSON.stringify(textOf(row)), row]);
}

function repeated(texts: readonly string[]): string[] {
  return texts.filter((text, at) => texts.indexOf(text) !== at);
}
