import type { TokenSyncError } from '../../protocol/errors.ts';
import type { Command, CommandTable } from './command.ts';
import { nearest } from './suggestion.ts';
import { wrongUsage } from './wrong-usage.ts';

/** The command of a name; throws `wrong_usage` with the nearest one or all of them. */
export async function findCommand(commands: CommandTable, name: string): Promise<Command> {
  if (Object.hasOwn(commands, name)) return await commands[name]!();
  const names = Object.keys(commands);
  const near = nearest(name, names);
  const list = names.join(' ');
  throw wrongUsage(
    { zh: `未知命令：${name}`, en: `unknown command: ${name}` },
    near
      ? { zh: `是否想用 ${near}？全部命令：${list}`, en: `did you mean ${near}? All commands: ${list}` }
      : { zh: `全部命令：${list}`, en: `all commands: ${list}` },
  );
}

/** The refusal of a command line without a command. */
export function missingCommand(commands: CommandTable): TokenSyncError {
  const names = Object.keys(commands).join(' ');
  return wrongUsage(
    { zh: '缺少命令', en: 'a command is missing' },
    { zh: `可用命令：${names}；详情见 token-sync --help`, en: `commands: ${names}; see token-sync --help` },
  );
}
