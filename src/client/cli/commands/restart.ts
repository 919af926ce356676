import { defineCommand } from '../command.ts';
import { startDaemon } from './start.ts';
import { stopDaemon } from './stop.ts';

/** Stops the daemon, if one runs, and starts one of this version. */
export const restart = defineCommand({
  flags: {},
  places: [],
  async run({ settings, language }) {
    await stopDaemon(settings, language);
    return await startDaemon(settings, language);
  },
});
