import {
  CLIPBOARD_TIMEOUT_MS,
  clipboardObstacle,
  clipboardTooLarge,
  clipboardUnavailable,
  holdsNoText,
  MAX_CLIPBOARD_BYTES,
} from '../../../shared/clipboard-helpers.ts';
import { pasteOnWindows } from '../../../shared/node/windows-clipboard.ts';

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

/** A helper that still runs then ends with this process. */
function giveUp(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(clipboardUnavailable('timeout', HERE)), CLIPBOARD_TIMEOUT_MS).unref();
  });
}

const HERE = { platform: process.platform, isDaemon: false };
