import { defineCommand } from '../command.ts';
import { findCommand } from '../command-table.ts';
import { helpOf, overview } from '../help.ts';

/** `help` and `help COMMAND`, for those who know it so from other programs. */
export const help = defineCommand({
  flags: {},
  places: ['[COMMAND]'],
  async run({ positionals: [name], language }) {
    if (name === undefined) return overview(language);
    await findCommand(name);
    return helpOf(name, language);
  },
});
