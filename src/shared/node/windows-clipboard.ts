import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { clipboardTooLarge, MAX_CLIPBOARD_BYTES, windowsClipboardProgram } from '../clipboard-helpers.ts';

/**
 * The text in the clipboard of Windows, read by the program that the package `clipboardy` brings along; `undefined` where
 * that cannot run, so that the package's other ways are left. Throws `value_refused` for a text that is too large.
 */
export async function pasteOnWindows(): Promise<string | undefined> {
  const program = fileURLToPath(new URL(windowsClipboardProgram(process.arch), import.meta.resolve('clipboardy')));
  try {
    const options = { windowsHide: true, maxBuffer: 2 * MAX_CLIPBOARD_BYTES } as const;
    return (await promisify(execFile)(program, ['--paste'], options)).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') throw clipboardTooLarge();
    return undefined;
  }
}
