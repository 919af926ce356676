import { spawn } from 'node:child_process';

/** Programs that open an address in the person's browser, tried in order. `gio open` is left out: it exits with 0 where nothing was opened, too. */
const OPENERS: Readonly<Record<string, readonly (readonly [program: string, ...args: string[]])[]>> = {
  darwin: [['open']],
  // `start` takes the first text in quotes for the title of a window.
  win32: [['cmd', '/c', 'start', '""']],
  linux: [['xdg-open'], ['wslview']],
};

/** An opener that has not failed by then has handed the address over, or has become the browser itself. */
const MOST_MS = 1_500;

/** Opens an address in the person's browser; false where there is none that can be opened. */
export async function openInBrowser(url: string, platform: string = process.platform): Promise<boolean> {
  for (const [program, ...args] of OPENERS[platform] ?? OPENERS.linux!) {
    if (await hasOpened(program, [...args, url])) return true;
  }
  return false;
}

function hasOpened(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: 'ignore',
      detached: true,
      windowsHide: true,
      windowsVerbatimArguments: true,
    });
    const timer = setTimeout(resolve, MOST_MS, true);
    const settle = (isOpen: boolean) => {
      clearTimeout(timer);
      resolve(isOpen);
    };
    child.on('error', () => settle(false));
    child.on('exit', (code) => settle(code === 0));
    child.unref();
  });
}
