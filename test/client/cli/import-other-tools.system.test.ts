import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDaemon, type TestDaemon, useDaemon } from '../../support/daemon.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { runCli, runJson } from '../../support/run-cli.ts';

const HEADER =
  'Date,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost';
const row = (date: string, total: string | number, model = 'claude-4-sonnet', kind = 'Included') =>
  `"${date}","${kind}","${model}","No","200","1000","5000","300","${total}","0.12"`;
const FIRST = row('2025-11-18T10:00:00.123Z', 6_500);
const SECOND = row('2025-11-18T11:00:00.000Z', '1,110', 'gpt-5');

/** Of files that add nothing. */
const idle = useDaemon();

describe("Cursor's usage export", () => {
  test('Cursor’s usage export counts its own total of each request, at its time, by its model', async () => {
    const daemon = await startDaemon();
    const { json } = await imported(daemon, 'usage-events.csv', [HEADER, FIRST, SECOND]);
    expect(json).toMatchObject({ success: true, imported_count: 2, total_tokens: 7_610, skipped: [] });
    expect((await daemon.rpc('usage.history')).sessions).toMatchObject([
      { id: expect.stringMatching(/^cursor:[\w-]{22}$/), tokens: 1_110, event: 'gpt-5', sync_type: 'import' },
      { id: expect.stringMatching(/^cursor:[\w-]{22}$/), tokens: 6_500, event: 'claude-4-sonnet' },
    ]);
    const { buckets } = await daemon.rpc('usage.stats', { bucket: 'day', time_zone: 'UTC' });
    expect(buckets).toMatchObject([{ start: expect.stringContaining('2025-11-18'), tokens: 7_610 }]);
  });

  test('Cursor’s usage export counts a request once, however often it is exported, and two equal ones in one file as two', async () => {
    const daemon = await startDaemon();
    await imported(daemon, 'one.csv', [HEADER, FIRST, FIRST]);
    const later = await imported(daemon, 'two.csv', [HEADER, SECOND, FIRST, FIRST]);
    expect(later.json).toMatchObject({ imported_count: 1, total_tokens: 1_110, current_usage: { used: 14_110 } });
    // The price of a request and the columns of a later generation change nothing.
    const wider = (line: string, tail: string) => `${line.slice(0, line.lastIndexOf(','))},${tail}`;
    const generation = [
      'Date,Cloud Agent ID,Automation ID,Kind,Model,Max Mode,"Input (w/ Cache Write)","Input (w/o Cache Write)",Cache Read,Output Tokens,Total Tokens,Requests',
    ];
    for (const line of [SECOND, FIRST, FIRST]) {
      const [date = '', ...rest] = line.split('","');
      generation.push(wider([date, '', '', ...rest].join('","'), '1'));
    }
    expect((await imported(daemon, 'three.csv', generation)).json).toMatchObject({ imported_count: 0 });
  });

  test.each([
    [
      'with the user of a team',
      'Date,User,Kind,Max Mode,Model,Tokens,Cost ($)',
      '2025-11-18T10:00:00Z,a@x.org,Included,No,auto,6500,0.1',
    ],
    [
      'with what it costs you',
      'Date,Model,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost,Cost to you',
      '2025-11-18T10:00:00Z,auto,0,0,0,0,6500,0.1,0',
    ],
    ['in other letters', HEADER.toUpperCase(), '2025-11-18T10:00:00Z,Included,auto,No,0,0,0,0,6500,0.1'],
    [
      'through a spreadsheet',
      `sep=;\n${HEADER.replaceAll(',', ';')}`,
      '2025-11-18T10:00:00Z;Included;auto;No;0;0;0;0;6500.0;0,1',
    ],
  ])('Cursor’s usage export is known in each of its generations: %s', async (_, header, line) => {
    const { json } = await imported(await startDaemon(), 'usage.csv', [header, line]);
    expect(json).toMatchObject({ imported_count: 1, total_tokens: 6_500 });
  });

  test('Cursor’s usage export passes over requests without a figure, and refuses one that is none', async () => {
    const daemon = await startDaemon();
    const lines = [
      HEADER,
      row('2025-11-18T10:00:00Z', ''),
      row('2025-11-18T10:00:01Z', '-'),
      row('2025-11-18T10:00:02Z', 0),
      FIRST,
    ];
    const { json } = await imported(daemon, 'a.csv', lines);
    expect(json).toMatchObject({ imported_count: 1, skipped: [{ number: 2 }, { number: 3 }, { number: 4 }] });
    const wrong = await runCli(
      ['import', file('b.csv', [HEADER, FIRST, row('x', 5)].join('\n')), '--lang', 'en'],
      daemon,
    );
    expect(wrong).toMatchObject({ code: 3, stdout: '' });
    expect(wrong.stderr).toContain('line 3: not a time: x');
    const figure = await runCli(
      ['import', file('c.csv', [HEADER, row('2025-11-18T10:00:00Z', '12.5')].join('\n')), '--lang', 'en'],
      daemon,
    );
    expect(figure).toMatchObject({ code: 3, stdout: '' });
    expect(figure.stderr).toContain('line 2: ');
  });
});

const day = (date: string, totalTokens: number, more: object = {}) => ({
  date,
  inputTokens: 10,
  outputTokens: 20,
  cacheCreationTokens: 30,
  cacheReadTokens: totalTokens - 60,
  totalTokens,
  totalCost: 17.58,
  modelsUsed: ['claude-opus-4-1', 'claude-sonnet-4-5'],
  ...more,
});

describe('a report of ccusage', () => {
  test.each([
    ['while it lasted', new Date(2025, 10, 18, 9)],
    ['long ago, and was copied since', undefined],
  ])(
    'a report of ccusage of days counts each day once, and leaves out the one that may not have been over, made %s',
    async (_, written) => {
      const daemon = await startDaemon();
      const totals = { totalTokens: 0 };
      const report = { daily: [day('2025-11-18', 1_000), day('2025-11-17', 33_269)], totals };
      expect((await imported(daemon, 'a.json', report, written)).json).toMatchObject({
        imported_count: 1,
        total_tokens: 33_269,
        skipped: [{ number: 1, reason: 'it may not have been over when the report was made; import a later report' }],
      });
      const grown = { daily: [day('2025-11-17', 33_269), day('2025-11-18', 90_000), day('2025-11-20', 5)], totals };
      expect((await imported(daemon, 'b.json', grown)).json).toMatchObject({ imported_count: 1, total_tokens: 90_000 });
      expect(daemon.state().token_usage.sessions).toMatchObject([
        { id: expect.stringMatching(/^ccusage:/), tokens: 90_000, event: 'claude-opus-4-1, claude-sonnet-4-5' },
        { tokens: 33_269, timestamp: expect.stringMatching(/^2025-11-17/) },
      ]);
    },
  );

  test.each([
    [
      'weeks',
      {
        weekly: [
          day('', 500, { date: undefined, week: '2025-11-10' }),
          day('', 5, { date: undefined, week: '2025-11-17' }),
        ],
        totals: {},
      },
      {},
    ],
    [
      'months',
      {
        monthly: [
          day('', 500, { date: undefined, month: '2025-10' }),
          day('', 5, { date: undefined, month: '2025-11' }),
        ],
        totals: {},
      },
      { timestamp: expect.stringMatching(/^2025-10-01/) },
    ],
    [
      'months in its other form',
      {
        type: 'monthly',
        data: [
          { month: '2025-10', models: ['opus'], totalTokens: 500 },
          { month: '2025-11', totalTokens: 5 },
        ],
        summary: {},
      },
      { event: 'opus' },
    ],
    [
      'the days of projects',
      { projects: { app: [day('2025-11-18', 200)], api: [day('2025-11-18', 300), day('2025-11-19', 5)] }, totals: {} },
      { conversation_id: 'api', tokens: 300 },
    ],
    [
      'days of another tool',
      {
        daily: [day('2025-11-18', 500, { modelsUsed: undefined, models: { 'gpt-5': {} } }), day('2025-11-19', 5)],
        totals: {},
      },
      { event: 'gpt-5' },
    ],
    [
      'all tools',
      {
        daily: [
          { period: '2025-11-18', agent: 'all', totalTokens: 500 },
          { period: '2025-11-19', agent: 'all', totalTokens: 5 },
        ],
        totals: {},
      },
      { tokens: 500 },
    ],
  ])('a report of ccusage of %s is known, and counts once but for its newest', async (_, report, session) => {
    const daemon = await startDaemon();
    expect((await imported(daemon, 'a.json', report)).json).toMatchObject({ total_tokens: 500, skipped: [{}] });
    expect((await imported(daemon, 'a.json', report)).json).toMatchObject({ imported_count: 0 });
    expect((await daemon.rpc('usage.history')).sessions).toContainEqual(expect.objectContaining(session));
  });

  test('a report of ccusage of no days adds nothing', async () => {
    const { json } = await imported(idle(), 'a.json', { daily: [], totals: { totalTokens: 0 } });
    expect(json).toMatchObject({ success: true, imported_count: 0 });
  });

  test.each([
    [
      'several sections',
      { daily: [day('2025-11-18', 5)], monthly: [day('', 5, { month: '2025-11' })] },
      'it tells the same usage several times (daily, monthly)',
    ],
    ['blocks', { blocks: [{ id: 'a', totalTokens: 5 }] }, 'the blocks of ccusage overlap'],
    ['blocks in its other form', { type: 'blocks', data: [{ totalTokens: 5 }] }, 'use ccusage daily --json'],
    [
      'sessions',
      { sessions: [{ sessionId: '-home-me-app', totalTokens: 500, lastActivity: '2025-11-18' }], totals: {} },
      'the sessions of ccusage go on',
    ],
    [
      'sessions in its other form',
      { type: 'session', data: [{ session: 's-1', totalTokens: 500, lastActivity: '2025-11-18' }], summary: {} },
      'use ccusage daily --json',
    ],
    ['a day without a date', { daily: [day('', 5)], totals: {} }, 'entry 1: date is missing, or is no value'],
    [
      'half a token',
      { daily: [day('2025-11-18', 5.5)], totals: {} },
      'entry 1: totalTokens is missing, or is no value',
    ],
  ])('a report of ccusage with %s is refused by name', async (_, report, reason) => {
    const run = await runCli(['import', file('a.json', JSON.stringify(report)), '--lang', 'en'], idle());
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toContain(reason);
    expect((await idle().rpc('usage.get')).revision).toBe(0);
  });
});

describe("codeburn's export", () => {
  const burnt = (day: string, input: number) => ({
    Date: day,
    'Cost (USD)': 1.5,
    'Input Tokens': input,
    'Output Tokens': 20,
    'Cache Read Tokens': 300,
    'Cache Write Tokens': 4_000,
  });
  const report = (periods: object[]) => ({
    schema: 'codeburn.export.v2',
    generated: '2025-11-19T12:00:00.000Z',
    periods,
  });

  test('codeburn’s export counts each day once with its cache, though the periods overlap, and leaves the last out while it lasts', async () => {
    const daemon = await startDaemon();
    const [past, today] = [burnt('2025-11-18', 1), burnt('2025-11-19', 2)];
    const periods = [
      { label: 'Today', daily: [today] },
      { label: '7 Days', daily: [past, today] },
      { label: '30 Days', daily: [burnt('2025-11-02', 7), past, today] },
    ];
    const { json } = await imported(daemon, 'a.json', report(periods));
    expect(json).toMatchObject({ imported_count: 2, total_tokens: 4_327 + 4_321, skipped: [{ number: 3 }] });
    expect((await imported(daemon, 'a.json', report(periods))).json).toMatchObject({ imported_count: 0 });
    expect(daemon.state().token_usage.sessions[0]).toMatchObject({
      id: expect.stringMatching(/^codeburn:/),
      event: 'codeburn',
    });
  });

  test('codeburn’s export is refused where a part is missing', async () => {
    const { 'Cache Write Tokens': _, ...part } = burnt('2025-11-18', 1);
    const path = file('a.json', JSON.stringify(report([{ label: 'x', daily: [part] }])));
    const run = await runCli(['import', path, '--lang', 'zh'], idle());
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toContain('第 1 条：缺少 Cache Write Tokens');
  });
});

describe('what spreadsheets and libraries make of a file', () => {
  test.each([
    ['a first line sep=;', 'a.csv', 'sep=;\ntokens;event\n100;"a, b"\n200;c\n', 300],
    ['such a line with quotes and a tab', 'a.csv', '"sep=\t"\r\ntokens\tevent\r\n100\ta\r\n', 100],
    [
      'whole numbers with a point, as pandas writes them',
      'a.csv',
      ',tokens,event\n0,350000.0,a\n1,0.0,b\n2,12.0,c\n',
      350_012,
    ],
  ])('%s is read', async (_, name, content, total) => {
    const { json } = await imported(await startDaemon(), name, content);
    expect(json).toMatchObject({ success: true, total_tokens: total });
  });

  test.each([
    ['a line below sep=;', 'sep=;\ntokens;event\n100;a\nlots;b\n', 'line 4: no token value was found'],
    ['half a token', 'tokens\n350000.5\n', 'line 2: '],
    [
      'two columns that may be the time',
      'tokens,date,time\n5,2025-11-18,10:00\n',
      'line 1: each of date, time may be the column timestamp; keep one of them',
    ],
    [
      'two columns that may be the tokens',
      'Tokens,数量\n5,6\n',
      'line 1: each of Tokens, 数量 may be the column tokens',
    ],
    [
      'input and output without a total',
      'Date,Input Tokens,Output Tokens\n2025-11-18,5,6\n',
      'the header has no column tokens; it has: Date, Input Tokens, Output Tokens',
    ],
    ['a workbook', Buffer.from('504b030414000600', 'hex'), 'this is a workbook of Excel; save it there as CSV UTF-8'],
    ['a workbook of old', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'this is a workbook of Excel'],
    [
      'UTF-16BE without its mark',
      Buffer.from('tokens\n5\n', 'utf16le').swap16(),
      'UTF-16 text without its mark (BOM); save it as UTF-8',
    ],
  ])('%s is refused by name', async (_, content, reason) => {
    const run = await runCli(['import', file('a.csv', content), '--lang', 'en'], idle());
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toContain(reason);
    expect((await idle().rpc('usage.get')).revision).toBe(0);
  });
});

test.each([
  ['zh', 'CSV 列名：timestamp、time、date'],
  ['en', 'a column of CSV, by any of these names: timestamp, time, date'],
])('the help names the columns and the tools that are known (%s)', async (lang, names) => {
  const { stdout } = await runCli(['import', '--help', '--lang', lang], idle());
  expect(stdout).toContain(names);
  for (const tool of ['Cursor', 'ccusage', 'codeburn']) expect(stdout).toMatch(new RegExp(`^  ${tool} `, 'm'));
});

/** What `import` makes of a file of these lines, or of this document, last written at `written`. */
async function imported(
  daemon: TestDaemon,
  name: string,
  content: string | readonly string[] | object,
  written?: Date,
) {
  const text =
    typeof content === 'string' ? content : Array.isArray(content) ? content.join('\n') : JSON.stringify(content);
  const path = file(name, text);
  if (written) utimesSync(path, written, written);
  return await runJson(['import', path, '--lang', 'en'], daemon);
}

function file(name: string, content: string | Uint8Array): string {
  const folder = temporaryFolder();
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
