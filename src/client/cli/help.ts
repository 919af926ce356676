import type { Language } from '../../protocol/language.ts';
import { spelled } from '../../shared/command-line.ts';
import type { Command, CommandTable, Outcome } from './command.ts';
import { type Flag, type FlagTable, GLOBAL_FLAGS } from './flags.ts';
import { ownCommand } from './own-command.ts';
import { padWidth } from './show/display-width.ts';

/** All commands, on one page; loads every one of them. */
export async function overview(commands: CommandTable, language: Language): Promise<Outcome> {
  const lines: string[] = [];
  for (const [name, load] of Object.entries(commands)) {
    const { summary } = await load();
    lines.push(`  ${padWidth(name, 10)} ${summary[language]}`);
  }
  const text = [
    TITLE[language],
    '',
    `${USAGE[language]}: token-sync ${{ zh: '命令 [选项]', en: 'COMMAND [FLAGS]' }[language]}`,
    '',
    `${COMMANDS[language]}:`,
    ...lines,
    '',
    ...globalLines(language),
    '',
    MORE[language],
  ].join('\n');
  return helpOutcome(text);
}

/** The help of one command. */
export function helpOf(name: string, command: Command, language: Language): Outcome {
  const { summary, example, args, flags, notes = [], passesThrough } = command;
  const text = [
    summary[language],
    '',
    `${USAGE[language]}: ${['token-sync', name, ...args, ...(passesThrough ? ['[FLAGS]'] : [])].join(' ')}`,
    ...notes.map(([begin, meaning]) => `  ${padWidth(begin, 20)} ${meaning[language]}`),
    ...flagLines(flags, language),
    '',
    `${EXAMPLE[language]}: ${example[language]}`,
    '',
    ...globalLines(language),
  ].join('\n');
  return helpOutcome(text);
}

/** With every command as the person can type it. */
function helpOutcome(text: string): Outcome {
  const help = spelled(text, ownCommand());
  return { text: `${help}\n`, json: { success: true, help } };
}

function globalLines(language: Language): string[] {
  return [`${EVERYWHERE[language]}:`, ...flagLines(GLOBAL_FLAGS, language)];
}

function flagLines(flags: FlagTable, language: Language): string[] {
  return Object.entries(flags).flatMap(([name, flag]) =>
    flag.meaning ? [`  ${padWidth(writtenFlag(name, flag), 20)} ${flag.meaning[language]}`] : [],
  );
}

function writtenFlag(name: string, { short, value }: Flag): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

const TITLE = {
  zh: 'token-sync：记录 AI 助手的 Token 用量',
  en: 'token-sync: keeps the token figure of your AI assistant',
};
const USAGE = { zh: '用法', en: 'Usage' };
const COMMANDS = { zh: '命令', en: 'Commands' };
const EXAMPLE = { zh: '示例', en: 'Example' };
const EVERYWHERE = { zh: '通用选项', en: 'Flags of every command' };
const MORE = { zh: '某个命令的详情：token-sync 命令 --help', en: 'More of one command: token-sync COMMAND --help' };
