import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkoutOf } from '../../protocol/addresses.ts';
import { commandOf } from '../../shared/command-line.ts';

/** Ways to call the command line that belongs to this daemon. */
export interface OwnCommand {
  /** From any folder of this machine. */
  readonly full: string;
  /** Within the folder of the checkout; without its path, for answers that strangers may read. */
  readonly short: string;
  /** From the folder that the daemon was started in, for whoever started it by hand. */
  readonly here: string;
}

/** Finds them from where the program lies. */
export function ownCommand(): OwnCommand {
  const place = { file: fileURLToPath(import.meta.url), exists: existsSync, platform: process.platform };
  const checkout = checkoutOf(place.file, existsSync);
  return {
    full: commandOf(place),
    short: commandOf(checkout === undefined ? place : { ...place, cwd: checkout }),
    here: commandOf({ ...place, cwd: process.cwd() }),
  };
}
