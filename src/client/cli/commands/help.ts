import { type Command, type CommandTable, defineCommand } from '../command.ts';
import { findCommand } from '../find-command.ts';
import { helpOf, overview } from '../help.ts';

/** `help` and `help COMMAND`, as other programs have them. */
export function helpOn(commands: CommandTable): Command {
  return defineCommand({
    summary: { zh: '查看帮助', en: 'show help' },
    example: { zh: 'token-sync help record', en: 'token-sync help record' },
    flags: {},
    args: ['[COMMAND]'],
    async run({ positionals: [name], language }) {
      if (name === undefined) return await overview(commands, language);
      return helpOf(name, await findCommand(commands, name), language);
    },
  });
}
