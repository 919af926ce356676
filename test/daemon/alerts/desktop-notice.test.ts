import { expect, test } from 'vitest';
import { noticeCommand } from '../../../src/daemon/alerts/desktop-notice.ts';

const NOTICE = { title: 'Token 用量提醒', body: `"; rm -rf / ' $(x) -e`, isUrgent: false };
const DESKTOP = { display: undefined, waylandDisplay: undefined, sessionBus: undefined, authorityFile: '' };

test('a notice is shown on Linux only where there is a desktop, its text after the end of the flags', () => {
  expect(noticeCommand({ ...DESKTOP, platform: 'linux' }, NOTICE)).toBeUndefined();
  for (const place of [{ display: ':0' }, { waylandDisplay: 'wayland-0' }, { sessionBus: 'unix:path=/x' }]) {
    const command = noticeCommand({ ...DESKTOP, ...place, platform: 'linux' }, NOTICE)!;
    expect(command[0]).toBe('notify-send');
    expect(command.slice(-3)).toEqual(['--', NOTICE.title, NOTICE.body]);
  }
});

test('a notice hands its text to AppleScript as arguments, never as code', () => {
  const command = noticeCommand({ ...DESKTOP, platform: 'darwin' }, NOTICE)!;
  expect(command[0]).toBe('/usr/bin/osascript');
  expect(command.slice(-2)).toEqual([NOTICE.title, NOTICE.body]);
  expect(command.slice(1, -2).join('\n')).not.toContain(NOTICE.body);
});

test('a notice hands its text to PowerShell in base64, never as code', () => {
  const command = noticeCommand({ ...DESKTOP, platform: 'win32' }, NOTICE)!;
  const script = Buffer.from(command.at(-1)!, 'base64').toString('utf16le');
  expect(command.slice(0, -1)).toEqual(['powershell.exe', '-NoProfile', '-NonInteractive', '-EncodedCommand']);
  expect(script).not.toContain('rm -rf');
  const texts = [...script.matchAll(/FromBase64String\('([^']*)'\)/g)].map(([, text]) =>
    Buffer.from(text!, 'base64').toString(),
  );
  expect(texts).toEqual([NOTICE.title, NOTICE.body]);
});
