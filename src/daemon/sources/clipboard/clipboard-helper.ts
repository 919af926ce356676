import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClipboardChanges } from './clipboard-changes.ts';

/** Starts the helper of a desktop that writes a line for each change of its clipboard; rejects when it ends at once. */
export async function openHelperChanges(
  desktop: keyof typeof HELPERS,
  onChange: () => void,
): Promise<ClipboardChanges> {
  const { command, args, isQuietWhenEmpty } = HELPERS[desktop](process.pid);
  const helper = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true });
  const ended = new Promise<void>((resolve) => {
    helper.once('exit', () => resolve());
    helper.once('error', () => resolve());
  });
  let hear: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    hear = resolve;
  });
  helper.stdout.on('data', () => hear());
  const quiet = isQuietWhenEmpty ? pause(QUIET_MS, true, { ref: false }) : pause(START_MS, false, { ref: false });
  const isUp = await Promise.race([ready.then(() => true), ended.then(() => false), quiet]);
  if (!isUp) {
    helper.kill();
    throw new Error(`${command} cannot tell of changes`);
  }
  hear = onChange;
  return { via: command, ended, close: () => void helper.kill() };
}

/** A helper that has not ended by then stays, and has nothing to tell because nothing was copied yet. */
const QUIET_MS = 300;

/** The longest that the start of a helper takes: PowerShell compiles first. */
const START_MS = 15_000;

/** Each writes a line at its start for what is there, and ends after its parent: with the next change, or within half a second. */
const HELPERS = {
  wayland: (): Helper => ({
    command: 'wl-paste',
    args: ['--watch', 'sh', '-c', 'trap "" PIPE; echo || kill $PPID'],
    isQuietWhenEmpty: true,
  }),
  win32: (parent: number): Helper => ({
    command: 'powershell.exe',
    args: ['-NoProfile', '-NonInteractive', '-Command', windowsLoop(parent)],
  }),
  darwin: (parent: number): Helper => ({ command: 'osascript', args: ['-l', 'JavaScript', '-e', macLoop(parent)] }),
};

interface Helper {
  readonly command: string;
  readonly args: readonly string[];
  readonly isQuietWhenEmpty?: true;
}

/** The sequence number is a counter that Windows keeps: asking for it costs next to nothing, and opens no clipboard. */
function windowsLoop(parent: number): string {
  const signature =
    "'[DllImport(' + [char]34 + 'user32.dll' + [char]34 + ')] public static extern uint GetClipboardSequenceNumber();'";
  return [
    `Add-Type -Namespace TokenSync -Name Clipboard -MemberDefinition (${signature})`,
    `$parent = [Diagnostics.Process]::GetProcessById(${parent})`,
    '$seen = -1',
    'do {',
    '$now = [TokenSync.Clipboard]::GetClipboardSequenceNumber()',
    "if ($now -ne $seen) { $seen = $now; [Console]::Out.WriteLine('') }",
    '} until ($parent.WaitForExit(500))',
  ].join('\n');
}

/** macOS has no event for it; its change count is made for being looked at. */
function macLoop(parent: number): string {
  return [
    "ObjC.import('AppKit'); ObjC.import('unistd');",
    'const board = $.NSPasteboard.generalPasteboard, out = $.NSFileHandle.fileHandleWithStandardOutput;',
    "const line = $('\\n').dataUsingEncoding($.NSUTF8StringEncoding);",
    `for (let seen = -1; $.getppid() === ${parent}; delay(0.5)) {`,
    'const now = Number(board.changeCount);',
    'if (now !== seen) { seen = now; out.writeData(line); }',
    '}',
  ].join('\n');
}
