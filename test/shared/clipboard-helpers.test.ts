import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type ClipboardObstacle,
  clipboardObstacle,
  clipboardUnavailable,
  holdsNoText,
  windowsClipboardProgram,
} from '../../src/shared/clipboard-helpers.ts';

/** An error as clipboardy 5 makes it. */
function failure(message: string, fallbackStderr?: string): Error {
  const error = new Error(message);
  return fallbackStderr === undefined ? error : Object.assign(error, { fallbackError: { stderr: fallbackStderr } });
}

const NO_XSEL =
  "Couldn't find the `xsel` binary and fallback didn't work. On Debian/Ubuntu you can install xsel with: …";

describe('the words of a failed read', () => {
  test.each<[Error, ClipboardObstacle]>([
    [failure('Clipboard access requires a display server (X11 or Wayland).'), 'no_display'],
    [failure(NO_XSEL, "xsel: Can't open display: (null)"), 'no_display'],
    [failure(NO_XSEL), 'no_helper'],
    [failure("Couldn't find the `wl-paste` binary."), 'no_helper'],
    [failure("Couldn't find the `termux-api` scripts."), 'no_helper'],
    [failure('Command failed with ENOENT: pbpaste\nspawn pbpaste ENOENT'), 'no_helper'],
    [failure('You need to install Termux for this module to work on Android'), 'no_helper'],
    [failure('Both xsel and fallback failed'), 'failed'],
    [failure('PowerShell clipboard operation failed'), 'failed'],
  ])('the words of a failed read, %s, mean %s', (error, obstacle) => {
    expect(clipboardObstacle(error)).toBe(obstacle);
    expect(holdsNoText(error)).toBe(false);
  });

  test.each([
    'Command `wl-paste` failed: No suitable type of content copied',
    'Command `wl-paste` failed: Clipboard content is not available as requested type "text/plain"',
  ])('the error %s means that the clipboard holds something other than text', (message) => {
    expect(holdsNoText(failure(message))).toBe(true);
  });
});

test.each(
  (['no_display', 'no_helper', 'timeout', 'failed'] as const).flatMap((obstacle) =>
    ['linux', 'darwin', 'win32', 'android'].flatMap((platform) =>
      [true, false].map((isDaemon) => [obstacle, platform, isDaemon] as const),
    ),
  ),
)('%s on %s (daemon: %s) is told in both languages, with how to go on', (obstacle, platform, isDaemon) => {
  const { kind, text, hint } = clipboardUnavailable(obstacle, { platform, isDaemon });
  expect(kind).toBe('clipboard_unavailable');
  expect(text.zh).toMatch(/^无法读取剪贴板：./);
  expect(text.en).toMatch(/^the clipboard cannot be read: ./);
  expect(hint?.zh).toContain('token-sync record 数值');
  expect(hint?.en).toContain('token-sync record VALUE');
});

test('only a daemon is told to be restarted, and only Linux to install xsel', () => {
  const hintOf = (obstacle: ClipboardObstacle, platform: string, isDaemon: boolean) =>
    clipboardUnavailable(obstacle, { platform, isDaemon }).hint?.en;
  expect(hintOf('no_display', 'linux', true)).toContain('token-sync restart');
  expect(hintOf('no_display', 'linux', false)).not.toContain('restart');
  expect(hintOf('no_helper', 'linux', false)).toContain('xsel');
  expect(hintOf('no_helper', 'win32', false)).not.toContain('xsel');
});

test.each(['x64', 'arm64', 'ia32'])('the package brings its program for Windows on %s', (arch) => {
  expect(existsSync(new URL(windowsClipboardProgram(arch), import.meta.resolve('clipboardy')))).toBe(true);
});
