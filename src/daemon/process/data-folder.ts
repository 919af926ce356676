import { accessSync, constants } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  ALERT_FILE,
  CONFIG_FILE,
  DAEMON_FILE,
  DROP_FOLDER,
  LOG_FOLDER,
  METERS_FILE,
  RENEWAL_FILE,
  STATE_FILE,
} from '../../protocol/addresses.ts';
import { unusableFolder } from '../../shared/words/unusable-folder.ts';
import { syncFolderNow } from '../disk/atomic-replace.ts';
import { makeFolder } from '../disk/make-folder.ts';
import { startFailure } from './start-failure.ts';

/** The paths of a data folder. */
export interface DataFolder {
  readonly path: string;
  readonly stateFile: string;
  readonly dropFolder: string;
  readonly daemonFile: string;
  readonly logFolder: string;
  readonly alertFile: string;
  readonly configFile: string;
  readonly renewalFile: string;
  readonly metersFile: string;
}

/** Makes the data folder, readable by its owner only, where there is none; throws `storage_failed` when it cannot be used. */
export function openDataFolder(path: string): DataFolder {
  const folder = resolve(path);
  try {
    makeDurably(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    if (isFull(cause)) throw startFailure(cause, folder);
    throw unusableFolder('storage_failed', folder, cause as NodeJS.ErrnoException);
  }
  return {
    path: folder,
    stateFile: join(folder, STATE_FILE),
    dropFolder: join(folder, DROP_FOLDER),
    daemonFile: join(folder, DAEMON_FILE),
    logFolder: join(folder, LOG_FOLDER),
    alertFile: join(folder, ALERT_FILE),
    configFile: join(folder, CONFIG_FILE),
    renewalFile: join(folder, RENEWAL_FILE),
    metersFile: join(folder, METERS_FILE),
  };
}

/** A power cut must not take the folder itself, with all that was made durable in it. */
function makeDurably(folder: string): void {
  const first = makeFolder(folder);
  if (first === undefined) return;
  for (let made = folder; made !== dirname(made); made = dirname(made)) {
    syncFolderNow(dirname(made));
    if (made === first) return;
  }
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}
