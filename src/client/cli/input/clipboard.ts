import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  CLIPBOARD_TIMEOUT_MS,
  clipboardObstacle,
  clipboardTooLarge,
  clipboardUnavailable,
  holdsNoText,
  MAX_CLIPBOARD_BYTES,
  windowsClipboardProgram,
} from '../../../shared/clipboard-helpers.ts';

/** The text in the clipboard, empty for a picture; throws `clipboard_unavailable`, or `value_refused` for one too large. */
export async function readClipboard(): Promise<string> {
  const text = await Promise.race([readText(), giveUp()]);
  if (Buffer.byteLength(text) > MAX_CLIPBOARD_BYTES) throw clipboardTooLarge();
  return text;
}

async function readText(): Promise<string> {
  const pasted = process.platform === 'win32' ? await pasteOnWindows() : undefined;
  if (pasted !== undefined) return pasted;
  const { default: clipboardy } = await import('clipboardy');
  try {
    return await clipboardy.read();
  } catch (error) {
    // Of the error itself nothing is passed on: it may quote the clipboard.
    if (holdsNoText(error)) return '';
    throw clipboardUnavailable(clipboardObstacle(error), HERE);
  }
}

/** By the package's own program; where that cannot run, the package's other ways are left. */
async function pasteOnWindows(): Promise<string | undefined> {
  const program = fileURLToPath(new URL(windowsClipboardProgram(process.arch), import.meta.resolve('clipboardy')));
  try {
    const options = { windowsHide: true, maxBuffer: 2 * MAX_CLIPBOARD_BYTES } as const;
    return (await promisify(execFile)(program, ['--paste'], options)).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') throw clipboardTooLarge();
    return undefined;
  }
}

/** What still runs then is ended with this process. */
function giveUp(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(clipboardUnavailable('timeout', HERE)), CLIPBOARD_TIMEOUT_MS).unref();
  });
}

const HERE = { platform: process.platform, isDaemon: false };
