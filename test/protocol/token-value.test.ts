import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTokens, parseTokenValue } from '../../src/protocol/token-value.ts';
import { threadMs } from '../support/thread-time.ts';
import { CASES, type Expected } from './token-value.cases.ts';

for (const [promise, cases] of Object.entries(CASES)) {
  describe(promise, () => {
    test.each(cases.map(([text, expected]) => ({ name: show(text), text, expected })))(
      '$name',
      ({ text, expected }) => {
        expect(outcomeOf(text)).toEqual(inFull(expected));
      },
    );
  });
}

test('the table holds at least 250 cases, none of them twice', () => {
  const texts = Object.values(CASES).flatMap((cases) => cases.map(([text]) => text));
  expect(texts.length).toBeGreaterThanOrEqual(250);
  expect(new Set(texts).size).toBe(texts.length);
});

describe('a refusal', () => {
  test('a refusal names the reason and shows the accepted forms in both languages', () => {
    const refusal = parseTokenValue('35,00,0');
    if (refusal.ok) throw new Error('not refused');
    expect(refusal.text.en).toMatch(/group/);
    expect(refusal.text.zh).toMatch(/分组/);
    expect(refusal.hint.en).toContain('350,000 tokens used');
    expect(refusal.hint.zh).toContain('35万');
  });

  test('a refusal says the same whatever the text, so that nothing of a clipboard leaks', () => {
    const refusals = ['secret hunter2', 'password 12ab34'].map(parseTokenValue);
    expect(refusals[0]).toEqual(refusals[1]);
  });

  test('a refusal is one and the same for each reason', () => {
    const seen = new Map<string, unknown>();
    fc.assert(
      fc.property(grammarSoup, (text) => {
        const parsed = parseTokenValue(text);
        if (parsed.ok) return;
        expect(parsed).toEqual(seen.get(parsed.reason) ?? parsed);
        seen.set(parsed.reason, parsed);
      }),
    );
  });
});

describe('formatTokens', () => {
  test.each([
    [0, '0'],
    [7, '7'],
    [999, '999'],
    [1000, '1,000'],
    [350_000, '350,000'],
    [1_000_000, '1,000,000'],
    [Number.MAX_SAFE_INTEGER, '9,007,199,254,740,991'],
    [-15_000, '-15,000'],
    [-100, '-100'],
  ])('formatTokens writes %d as %s', (tokens, text) => expect(formatTokens(tokens)).toBe(text));

  test('formatTokens writes every count as it is read back', () => {
    fc.assert(
      fc.property(tokenCount, (tokens) => {
        expect(parseTokenValue(formatTokens(tokens))).toEqual({ ok: true, tokens, unit: 1, labelled: false });
        expect(formatTokens(tokens)).toBe(tokens.toLocaleString('en-US'));
      }),
    );
  });
});

describe('any figure in any accepted form', () => {
  test('a figure in any accepted form is read back exactly, with the size of its last digit', () => {
    fc.assert(
      fc.property(writtenFigure, surrounding, (figure, { before, after, hasWords, labelled }) => {
        fc.pre(!hasWords || !figure.isSpacedWithUnit);
        fc.pre(!hasWords || labelled || figure.standsAlone);
        const expected = { ok: true, tokens: figure.tokens, unit: figure.unit, labelled };
        expect(parseTokenValue(before + figure.text + after)).toEqual(expected);
      }),
      { numRuns: 10_000 },
    );
  });

  test('a figure is read back beside its budget, which is reported', () => {
    const slash = fc.constantFrom('/', ' / ', ' /', '/ ', '／', ' of ', ' out of ');
    const tail = fc.constantFrom('', ' (35%)', ' (35.0%)', '（35％）');
    fc.assert(
      fc.property(writtenFigure, slash, writtenFigure, tail, (used, between, total, after) => {
        // `1 of 350,000 tokens` counts something.
        fc.pre(used.standsAlone || (total.standsAlone && !between.includes('of')));
        fc.pre(total.standsAlone || !between.includes('of'));
        // `1/350,000` and `3 / 350,000` count the steps of something.
        fc.pre(used.tokens === 0 || used.tokens > 99 || /[^0-9０-９]$/.test(used.text) || !total.standsAlone);
        // `1/2 350 000` may begin with a date.
        fc.pre(!/^[0-9０-９]{1,2}[/／][0-9０-９]{1,2}\s/.test(used.text + between + total.text));
        fc.pre(!used.isSpacedWithUnit && !total.isSpacedWithUnit);
        const expected = { ok: true, tokens: used.tokens, unit: used.unit, labelled: false, total: total.tokens };
        expect(parseTokenValue(used.text + between + total.text + after)).toEqual(expected);
      }),
      { numRuns: 10_000 },
    );
  });

  test('a figure with another one beside it is refused', () => {
    const between = fc.constantFrom(' and ', '\n', ' 和 ', '；', ' - ', ' vs. ');
    fc.assert(
      fc.property(writtenFigure, between, writtenFigure, (one, words, other) => {
        fc.pre(one.tokens !== other.tokens && one.standsAlone && other.standsAlone);
        fc.pre(!one.isSpacedWithUnit && !other.isSpacedWithUnit);
        expect(outcomeOf(one.text + words + other.text)).toBe('ambiguous');
      }),
    );
  });

  test('a figure with a minus before it is refused', () => {
    fc.assert(
      fc.property(fc.constantFrom('-', '−', '－'), writtenFigure, (minus, { text }) => {
        expect(outcomeOf(minus + text)).toBe('negative');
        expect(outcomeOf(`Token: ${minus}${text}`)).toMatch(/negative|malformed_grouping/);
      }),
    );
  });
});

// A few hundred a run, of another seed each time; `npm run test:fuzz` takes tens of thousands at every way in.
describe('no text at all', () => {
  const promise = (text: string) => {
    const parsed = parseTokenValue(text);
    if (!parsed.ok) {
      expect(Object.keys(parsed)).toEqual(['ok', 'reason', 'text', 'hint']);
      return;
    }
    expect(Number.isSafeInteger(parsed.tokens) && parsed.tokens >= 0).toBe(true);
    expect(parsed.unit >= 1 && Number.isInteger(Math.log10(parsed.unit))).toBe(true);
    if (parsed.total !== undefined) expect(Number.isSafeInteger(parsed.total) && parsed.total >= 0).toBe(true);
  };

  test('no text of any code units throws or yields another shape', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), promise), { numRuns: 2_000 });
    const codeUnits = fc.array(fc.nat(0xffff), { maxLength: 100 }).map((units) => String.fromCharCode(...units));
    fc.assert(fc.property(codeUnits, promise), { numRuns: 2_000 });
  });

  test('no text of any characters throws or yields another shape', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), promise), { numRuns: 2_000 });
  });

  test('no text made of pieces of the grammar throws or yields another shape', () => {
    fc.assert(fc.property(grammarSoup, promise), { numRuns: 20_000 });
  });

  test('no text without a digit yields a value', () => {
    const digitless = grammarSoup.map((text) => text.replace(/\p{N}/gu, ''));
    fc.assert(fc.property(digitless, (text) => void expect(parseTokenValue(text).ok).toBe(false)));
  });
});

describe('a hostile text takes time in proportion to its length', () => {
  const seeds = [
    ...['1', '1,', '123,', '1 ', '1 000 ', '1, ', ',', ' ', '/', '1/', '1/2 ', 'K', '1K', '1K ', '_', '1_', '-', '- '],
    ...['-1', '- 1 ', '+', '.', '1.', '1..', '%', '1% ', '万', '3万', '第1', ':', '1:', '://', 'a:// 1 ', '(', '"1"'],
    ...['a ', 'a1 ', 'a 1 ', 'token ', '57 tokens ', '１，', '１', '　', 'é', '٣', '😀', '\uD800', '\0', '1\0', '\n'],
    ...['1\n', 'a 1\n', '350000\n', '350,000 / 1,000,000\n', '2025-11-18 ', 'aaaa-', '1-', '1@', '\u200B', '1\u200B'],
  ];
  test.each(seeds.map((seed) => ({ name: show(seed), seed })))('$name', ({ seed }) => {
    expect(growthOf(parseTokenValue, seed)).toBeLessThan(MAX_GROWTH);
  });
});

function outcomeOf(text: string): unknown {
  const parsed = parseTokenValue(text);
  return parsed.ok ? parsed : parsed.reason;
}

function inFull(expected: Expected): unknown {
  if (typeof expected === 'string') return expected;
  return { ok: true, unit: 1, labelled: false, ...(typeof expected === 'number' ? { tokens: expected } : expected) };
}

function show(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 40)}…` : text)
    .replaceAll('$', '＄')
    .replaceAll('%', '％');
}

/** Ten times the text takes ten times as long; a quadratic reader takes a hundred times. */
const MAX_GROWTH = 40;

function growthOf(read: (text: string) => unknown, seed: string): number {
  const [short, long] = [15_000, 150_000].map((length) => {
    const text = seed.repeat(Math.ceil(length / seed.length));
    return threadMs(() => read(text));
  });
  return long! / short!;
}

interface WrittenFigure {
  readonly text: string;
  readonly tokens: number;
  readonly unit: number;
  /** Counts among words without a label. */
  readonly standsAlone: boolean;
  /** Digits grouped by spaces before a unit, which only count alone on their line. */
  readonly isSpacedWithUnit: boolean;
}

const tokenCount = fc.maxSafeNat();

const UNITS: readonly (readonly [letter: string, exponent: number])[] = [
  ...([
    ['', 0],
    ['', 0],
    ['K', 3],
    ['k', 3],
    ['千', 3],
    ['万', 4],
    ['萬', 4],
    ['w', 4],
    ['W', 4],
    ['M', 6],
    ['亿', 8],
    ['億', 8],
  ] as const),
];

const writtenFigure: fc.Arbitrary<WrittenFigure> = fc
  .record({
    unit: fc.constantFrom(...UNITS),
    whole: fc.oneof(fc.nat(2_000_000), fc.nat(999), tokenCount).map(String),
    decimals: fc.oneof(fc.constant(''), fc.nat(999_999).map(String)),
    separator: fc.constantFrom('', ',', '，', '_', "'", '’', ' ', '\u00A0', '\u2009', '\u202F', '\u3000'),
    space: fc.constantFrom('', '', ' ', '\u00A0', '\u3000'),
    isWide: fc.boolean(),
  })
  .map(({ unit: [letter, exponent], whole, decimals, separator, space, isWide }) => {
    const shown = decimals.slice(0, exponent);
    const isGrouped = separator !== '' && whole.length > 3;
    const digits = isGrouped ? whole.replace(/\B(?=(?:\d{3})+$)/g, separator) : whole;
    const plain = digits + (shown && `.${shown}`) + (whole.length < 5 && letter ? space : '') + letter;
    return {
      text: isWide ? plain.replace(/[0-9.KMkWw]/g, toFullWidth) : plain,
      tokens: Number(BigInt(whole + shown) * 10n ** BigInt(exponent - shown.length)),
      unit: 10 ** (exponent - shown.length),
      standsAlone: letter !== '' || whole.length >= 5,
      isSpacedWithUnit: isGrouped && letter !== '' && /\s/.test(separator),
    };
  })
  .filter(({ tokens }) => Number.isSafeInteger(tokens));

const wrapping = fc.constantFrom(
  ...['""', "''", '“”', '「」', '[]', '()', '（）', '{}', '<>', '``', '~ ', '≈ '].map(([before = '', after = '']) => ({
    before,
    after,
  })),
  { before: '', after: '' },
  { before: '**', after: '**' },
);

const punctuation = fc.oneof(
  wrapping,
  fc.constantFrom(
    { before: '• ', after: ' (35.0%)' },
    { before: '  ', after: '\r\n' },
    { before: '→', after: '.' },
    { before: '', after: '。' },
  ),
);

const labels = fc.constantFrom(
  ...[
    ['', ' tokens used'],
    ['', ' tokens'],
    ['', ' tokens used.'],
    ['Token: ', ''],
    ['Token：', ''],
    ['Tokens = ', ' in this session'],
    ['已使用 ', ' tokens'],
    ['已使用：', ''],
    ['令牌用量：', '。'],
    ['You have used ', ' tokens so far, well done'],
    ['{"tokens": ', ', "event": "x"}'],
    ['2025-11-18 20:30:00 Token: ', ' (35%)'],
  ].map(([before = '', after = '']) => ({ before, after, hasWords: true, labelled: true })),
);

const words = fc.constantFrom(
  ...[
    ['the counter shows ', ''],
    ['目前', '，完成架构设计'],
    ['gpt-4o: ', ' (35%)'],
    ['some text\n', ' now'],
  ].map(([before = '', after = '']) => ({ before, after, hasWords: true, labelled: false })),
);

const surrounding = fc.oneof(
  punctuation.map((marks) => ({ ...marks, hasWords: false, labelled: false })),
  labels,
  words,
  fc.tuple(labels, wrapping).map(([label, { before, after }]) => ({
    ...label,
    before: label.before + before,
    after: after + label.after,
  })),
);

const grammarSoup = fc
  .array(
    fc.constantFrom(
      ...['0', '1', '57', '350', '000', '12345', '350000', '350,000', '１', '３５０', '9007199254740992', '.5', '0.0'],
      ...[',', '，', '_', "'", '’', '.', '..', ' ', '  ', '\u00A0', '\u2009', '\u202F', '\u3000', '\t', '\n', '\r\n'],
      ...[
        'K',
        'k',
        'M',
        'm',
        'w',
        '千',
        '万',
        '亿',
        '百',
        'Ｋ',
        '-',
        '−',
        '–',
        '—',
        '+',
        '±',
        '/',
        '／',
        ':',
        '%',
        '％',
      ],
      ...['(', ')', '[', ']', '"', '$', '#', '@', '^', '\\', '://', '~', 'x', '*', '=', '第', '元', '、', '。', '・'],
      ...[
        'token',
        'tokens',
        ' tokens used',
        'Token: ',
        '已使用',
        '剩余',
        ' of ',
        ' left',
        'limit',
        'v',
        'e',
        'é',
        '٣',
        '½',
      ],
      ...['\0', '\uD800', '\uDC00', '\uFEFF', '\u202E', '\uFE0F', '😀', '𝟑', '2025-11-18', '20:30', 'gpt-4o'],
    ),
    { maxLength: 14 },
  )
  .map((pieces) => pieces.join(''));

function toFullWidth(char: string): string {
  return String.fromCharCode(char.charCodeAt(0) + 0xfee0);
}
