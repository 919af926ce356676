import { describe, expect, test } from 'vitest';
import { parseArguments, splitCommandLine } from '../../../src/client/cli/arguments.ts';
import { nearest } from '../../../src/client/cli/suggestion.ts';
import type { TokenSyncError } from '../../../src/protocol/errors.ts';

const command = {
  flags: { id: { value: 'ID' }, 'dry-run': {} },
  args: ['VALUE', '[EVENT]'],
} as const;

describe('a command line', () => {
  test.each([
    [['status'], 'status', [], []],
    [['--lang', 'zh', 'record', '5'], 'record', ['--lang', 'zh'], ['5']],
    [['--json', 'record', '5', '--id', 'x'], 'record', ['--json'], ['5', '--id', 'x']],
    [['--data=/tmp/a b', 'undo'], 'undo', ['--data=/tmp/a b'], []],
    [[], undefined, [], []],
    [['--help'], undefined, ['--help'], []],
  ])('%j is cut at the command', (args, name, before, after) => {
    expect(splitCommandLine(args)).toMatchObject({ name, before, after });
  });

  test.each([
    [['record', 'x', '--bad', '--lang', 'zh', '--json'], { lang: 'zh', json: true }],
    [['record', '--data'], {}],
    [['record', '--json=yes'], {}],
  ])('%j tells the global flags even where the rest is wrong', (args, globals) => {
    expect(splitCommandLine(args).globals).toEqual(globals);
  });
});

describe('arguments that are understood', () => {
  test.each([
    [['5'], {}, ['5']],
    [['5', 'done', '--id', 'a'], { id: 'a' }, ['5', 'done']],
    [['--id=a=b', '5'], { id: 'a=b' }, ['5']],
    [['--dry-run', '5'], { 'dry-run': true }, ['5']],
    [['-5'], {}, ['-5']],
    [['-350,000'], {}, ['-350,000']],
    [['-.5'], {}, ['-.5']],
    [['-'], {}, ['-']],
    [['5', '-修复'], {}, ['5', '-修复']],
    [['5', '- a list'], {}, ['5', '- a list']],
    [['5', '--', '--json'], {}, ['5', '--json']],
    [['5', '--id', '-7'], { id: '-7' }, ['5']],
    [['5', ''], {}, ['5', '']],
    [['--help'], { help: true }, []],
    [['-h'], { help: true }, []],
  ])('%j', (args, flags, positionals) => {
    expect(parseArguments(args, command)).toEqual({ flags, positionals });
  });
});

describe('arguments that are refused name what was wrong', () => {
  test.each([
    [['5', '--idd', 'a'], '未知选项：--idd', 'unknown flag: --idd', 'did you mean --id?'],
    [['5', '-x'], '未知选项：-x', 'unknown flag: -x', 'known flags'],
    [['5', '-json'], '未知选项：-json', 'unknown flag: -json', 'did you mean --json?'],
    [['5', '--id'], '--id 缺少值', '--id needs a value', 'write --id'],
    [['5', '--id', '--json'], '--id 缺少值', '--id needs a value', 'write --id'],
    [['5', '--json=1'], '--json 不接受值', '--json takes no value', 'only --json'],
    [[], '缺少参数 VALUE', 'the argument VALUE is missing', 'VALUE [EVENT]'],
    [['5', 'a', 'b'], '多余的参数：b', 'one argument too many: b', 'quotes'],
    [['5', '--toString'], '未知选项：--toString', 'unknown flag: --toString', 'known flags'],
  ])('%j', (args, zh, en, hint) => {
    const refusal = refusalOf(() => parseArguments(args, command));
    expect(refusal.kind).toBe('wrong_usage');
    expect(refusal.text).toEqual({ zh, en });
    expect(refusal.hint?.en).toContain(hint);
  });
});

test.each([
  ['statu', 'status'],
  ['recrod', 'record'],
  ['hist', 'history'],
  ['STATUS', 'status'],
  ['x', undefined],
  ['quick', undefined],
])('%s is taken for %s', (word, meant) => {
  expect(nearest(word, ['status', 'record', 'history', 'undo'])).toBe(meant);
});

function refusalOf(parse: () => unknown): TokenSyncError {
  try {
    parse();
  } catch (error) {
    return error as TokenSyncError;
  }
  throw new Error('the arguments were not refused');
}
