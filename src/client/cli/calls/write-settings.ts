import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type FailedStart, FOR_CALLER, SET_SETTINGS } from '../../../protocol/addresses.ts';
import { TokenSyncError } from '../../../protocol/errors.ts';

/**
 * Writes settings into the `config.json` of a data folder by the daemon's program, which ends with that: a daemon that runs does
 * not take all of them from the network. `null` takes one out. Throws what it refuses, with nothing written.
 */
export async function writeSettings(dataDir: string, changes: Readonly<Record<string, unknown>>): Promise<void> {
  const child = spawn(process.execPath, [daemonEntry(), '--data', dataDir, FOR_CALLER, SET_SETTINGS], {
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const ended = once(child, 'close');
  // One that refuses at once does not read what is offered to it.
  child.stdin.on('error', () => child.stdin.destroy());
  child.stdin.end(JSON.stringify(changes));
  const [told, words] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const word: Partial<FailedStart> | undefined = told.startsWith('{') ? JSON.parse(told) : undefined;
  if (!word) throw new Error(words);
  const { kind = 'internal', failed, hint } = word;
  if (failed) throw new TokenSyncError(kind, failed, hint ? { hint } : {});
}

function daemonEntry(): string {
  const entry = import.meta.url.endsWith('.ts') ? '../../../daemon/main.ts' : './daemon.js';
  return fileURLToPath(new URL(entry, import.meta.url));
}
