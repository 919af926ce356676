import { parseArgs } from 'node:util';
import type { Bilingual } from '../../protocol/language.ts';
import type { Command } from './command.ts';
import { type Flag, type FlagTable, type FlagValues, GLOBAL_FLAGS, type GlobalFlags } from './flags.ts';
import { nearest } from './suggestion.ts';
import { wrongUsage } from './wrong-usage.ts';

/** A command line, cut at the command's name. */
export interface CommandLine {
  readonly name: string | undefined;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** The global flags wherever they stand, as far as they are well formed: what it takes to tell a person about the rest. */
  readonly globals: GlobalFlags;
}

/** Finds the command: the first argument that is neither a flag nor the value of a global one. */
export function splitCommandLine(args: readonly string[]): CommandLine {
  const tokens = tokenize(args, GLOBAL_FLAGS);
  const index = tokens.find((token) => token.kind === 'positional')?.index ?? args.length;
  const wellFormed = tokens.filter(({ kind, name, value }) => {
    const wanted = kind === 'option' && Object.hasOwn(GLOBALS, name) && GLOBALS[name];
    return wanted && takesValue(wanted) === (value !== undefined);
  });
  return {
    name: args[index],
    before: args.slice(0, index),
    after: args.slice(index + 1),
    globals: Object.fromEntries(wellFormed.map(({ name, value }) => [name, value ?? true])),
  };
}

/** The flags and positionals in the arguments of a command; throws `wrong_usage` that names the first one at fault. */
export function parseArguments<F extends FlagTable>(
  given: readonly string[],
  { flags, args, passesThrough }: Pick<Command<F>, 'flags' | 'args' | 'passesThrough'>,
): { readonly flags: FlagValues<F> & GlobalFlags; readonly positionals: readonly string[] } {
  const known: FlagTable = { ...GLOBAL_FLAGS, ...flags };
  const values: Record<string, string | true> = {};
  const positionals: string[] = [];
  for (const token of tokenize(given, known)) {
    if (token.kind === 'positional') positionals.push(token.value);
    else if (Object.hasOwn(known, token.name)) values[token.name] = flagValue(token, known[token.name]!);
    else if (!passesThrough) throw unknownFlag(given[token.index]!, known);
  }
  const asksForHelp = values.help || values.version;
  if (!passesThrough && !asksForHelp) requireArgs(positionals, args);
  return { flags: values as FlagValues<F> & GlobalFlags, positionals };
}

const GLOBALS: FlagTable = GLOBAL_FLAGS;

interface GivenFlag {
  readonly kind: 'option';
  readonly index: number;
  readonly name: string;
  readonly value: string | undefined;
  readonly isInline: boolean;
}

interface Positional {
  readonly kind: 'positional';
  readonly index: number;
  readonly name: '';
  readonly value: string;
}

/** `-5`, `-修复` and `- a list` are values like any other; NUL, which no argument can hold, hides their dash. */
const FLAG = /^(?:-[A-Za-z]+|--[A-Za-z][\w-]*(?:=[\s\S]*)?|--)$/;
const MARK = '\0';

function tokenize(args: readonly string[], known: FlagTable): (GivenFlag | Positional)[] {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, flag]) => [
      name,
      {
        type: takesValue(flag) ? ('string' as const) : ('boolean' as const),
        ...(flag.short !== undefined && { short: flag.short }),
      },
    ]),
  );
  const { tokens } = parseArgs({
    args: args.map((arg) => (arg.startsWith('-') && !FLAG.test(arg) ? MARK + arg : arg)),
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.flatMap((token): (GivenFlag | Positional)[] => {
    if (token.kind === 'option-terminator') return [];
    const { kind, index } = token;
    if (kind === 'positional') return [{ kind, index, name: '', value: unmark(token.value) }];
    const value = token.value === undefined ? undefined : unmark(token.value);
    return [{ kind, index, name: token.name, value, isInline: token.inlineValue === true }];
  });
}

function takesValue({ value }: Flag): boolean {
  return value !== undefined;
}

function unmark(value: string): string {
  return value.startsWith(MARK) ? value.slice(MARK.length) : value;
}

function flagValue({ name, value, isInline }: GivenFlag, flag: Flag): string | true {
  if (!takesValue(flag)) {
    if (value === undefined) return true;
    throw wrongUsage(
      { zh: `--${name} 不接受值`, en: `--${name} takes no value` },
      { zh: `只写 --${name}`, en: `write only --${name}` },
    );
  }
  if (value !== undefined && (isInline || !FLAG.test(value))) return value;
  throw wrongUsage(
    { zh: `--${name} 缺少值`, en: `--${name} needs a value` },
    { zh: `请写成 --${name} 值`, en: `write --${name} and the value after it` },
  );
}

function unknownFlag(flag: string, known: FlagTable) {
  const shown = flag.split('=')[0]!;
  const flags = Object.keys(known).map((name) => `--${name}`);
  const near = nearest(shown.replace(/^-*/, '--'), flags);
  const list = flags.join(' ');
  return wrongUsage(
    { zh: `未知选项：${shown}`, en: `unknown flag: ${shown}` },
    near
      ? { zh: `是否想用 ${near}？`, en: `did you mean ${near}?` }
      : {
          zh: `可用选项：${list}（以 - 开头的文字请写在 -- 之后）`,
          en: `known flags: ${list} (a text that begins with a dash stands after --)`,
        },
  );
}

function requireArgs(positionals: readonly string[], args: readonly string[]): void {
  const form = args.join(' ');
  const usage: Bilingual = form
    ? { zh: `参数：${form}；含空格的文字请加引号`, en: `arguments: ${form}; put quotes around a text with spaces` }
    : { zh: '此命令没有参数', en: 'this command takes no arguments' };
  const missing = args[positionals.length];
  if (missing !== undefined && !missing.startsWith('[')) {
    throw wrongUsage({ zh: `缺少参数 ${missing}`, en: `the argument ${missing} is missing` }, usage);
  }
  const extra = positionals[args.length];
  if (extra !== undefined) {
    throw wrongUsage({ zh: `多余的参数：${extra}`, en: `one argument too many: ${extra}` }, usage);
  }
}
