import { parseArgs } from 'node:util';
import type { Bilingual } from '../../protocol/language.ts';
import type { Command, FlagKind, FlagTable, FlagValues } from './command.ts';
import { GLOBAL_FLAGS, type GlobalFlags } from './settings.ts';
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
    return wanted && (wanted === 'text') === (value !== undefined);
  });
  return {
    name: args[index],
    before: args.slice(0, index),
    after: args.slice(index + 1),
    globals: Object.fromEntries(wellFormed.map(({ name, value }) => [name, value ?? true])),
  };
}

/** What the arguments of a command say; throws `wrong_usage` that names the first one at fault. */
export function parseArguments<F extends FlagTable>(
  args: readonly string[],
  { flags, places, passesThrough }: Pick<Command<F>, 'flags' | 'places' | 'passesThrough'>,
): { readonly flags: FlagValues<F> & GlobalFlags; readonly positionals: readonly string[] } {
  const known: FlagTable = { ...GLOBAL_FLAGS, ...flags };
  const values: Record<string, string | true> = {};
  const positionals: string[] = [];
  for (const token of tokenize(args, known)) {
    if (token.kind === 'positional') positionals.push(token.value);
    else if (Object.hasOwn(known, token.name)) values[token.name] = flagValue(token, known[token.name]!);
    else if (!passesThrough) throw unknownFlag(args[token.index]!, known);
  }
  const asksForHelp = values.help || values.version;
  if (!passesThrough && !asksForHelp) requirePlaces(positionals, places);
  return { flags: values as FlagValues<F> & GlobalFlags, positionals };
}

const GLOBALS: FlagTable = GLOBAL_FLAGS;

interface Flag {
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

const SHORT: Readonly<Record<string, string>> = { help: 'h', version: 'V' };

/** `-5`, `-修复` and `- a list` are values like any other; NUL, which no argument can hold, hides their dash. */
const FLAG = /^(?:-[A-Za-z]+|--[A-Za-z][\w-]*(?:=[\s\S]*)?|--)$/;
const MARK = '\0';

function tokenize(args: readonly string[], known: FlagTable): (Flag | Positional)[] {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, kind]) => [
      name,
      {
        type: kind === 'text' ? ('string' as const) : ('boolean' as const),
        ...(SHORT[name] && { short: SHORT[name] }),
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
  return tokens.flatMap((token): (Flag | Positional)[] => {
    if (token.kind === 'option-terminator') return [];
    const { kind, index } = token;
    if (kind === 'positional') return [{ kind, index, name: '', value: unmark(token.value) }];
    const value = token.value === undefined ? undefined : unmark(token.value);
    return [{ kind, index, name: token.name, value, isInline: token.inlineValue === true }];
  });
}

function unmark(value: string): string {
  return value.startsWith(MARK) ? value.slice(MARK.length) : value;
}

function flagValue({ name, value, isInline }: Flag, kind: FlagKind): string | true {
  if (kind === 'switch') {
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

function requirePlaces(positionals: readonly string[], places: readonly string[]): void {
  const form = places.join(' ');
  const usage: Bilingual = form
    ? { zh: `参数：${form}；含空格的文字请加引号`, en: `arguments: ${form}; put quotes around a text with spaces` }
    : { zh: '此命令没有参数', en: 'this command takes no arguments' };
  const missing = places[positionals.length];
  if (missing !== undefined && !missing.startsWith('[')) {
    throw wrongUsage({ zh: `缺少参数 ${missing}`, en: `the argument ${missing} is missing` }, usage);
  }
  const extra = positionals[places.length];
  if (extra !== undefined) {
    throw wrongUsage({ zh: `多余的参数：${extra}`, en: `one argument too many: ${extra}` }, usage);
  }
}
