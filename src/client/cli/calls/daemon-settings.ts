import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE } from '../../../protocol/addresses.ts';
import { readRegularText } from '../../../shared/node/regular-file.ts';
import { readDaemonSettings } from '../../../shared/read-settings.ts';
import type { DaemonSettings } from '../../../shared/settings.ts';
import { isForbidden, unusableFolder } from '../../../shared/words/unusable-folder.ts';
import type { Settings } from '../settings.ts';

/**
 * The settings of a daemon that a client starts now; throws the `wrong_usage` that this daemon would end with, or
 * `unauthorized` where the data folder is not this user's to read.
 */
export function settingsOfNextDaemon({ dataDir, port }: Settings): DaemonSettings {
  requireOpenFolder(dataDir);
  return readDaemonSettings({
    readFile: () => readRegularText(join(dataDir, CONFIG_FILE)),
    env: process.env,
    flags: port === undefined ? {} : { port: String(port) },
  });
}

/** A folder that is not there yet is as good as one without settings. */
function requireOpenFolder(dataDir: string): void {
  try {
    accessSync(dataDir, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (isForbidden(error)) throw unusableFolder('unauthorized', dataDir, error);
  }
}
