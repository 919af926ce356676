import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE } from '../../protocol/addresses.ts';
import { type DaemonSettings, readDaemonSettings } from '../../protocol/settings.ts';
import type { Settings } from './settings.ts';

/** The settings of a daemon that a client starts now; throws the `wrong_usage` that this daemon would end with. */
export function settingsOfNextDaemon({ dataDir, port }: Settings): DaemonSettings {
  return readDaemonSettings({
    readFile: () => readFileSync(join(dataDir, CONFIG_FILE), 'utf8'),
    env: process.env,
    flags: port === undefined ? {} : { port: String(port) },
  });
}
