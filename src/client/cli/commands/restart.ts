import { defineCommand } from '../command.ts';
import { settingsOfNextDaemon } from '../daemon-settings.ts';
import { startDaemon } from './start.ts';
import { stopDaemon } from './stop.ts';

/** Stops the daemon, if one runs, and starts one of this version; wrong settings are refused while the old one runs on. */
export const restart = defineCommand({
  flags: {},
  places: [],
  async run({ settings, language }) {
    settingsOfNextDaemon(settings);
    await stopDaemon(settings, language);
    return await startDaemon(settings, language);
  },
});
