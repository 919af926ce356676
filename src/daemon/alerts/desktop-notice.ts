import { visibleLine } from '../../shared/visible-text.ts';
import type { Desktop } from '../process/config.ts';

/** A message that stands on the desktop for some seconds. */
export interface DesktopNotice {
  readonly title: string;
  readonly body: string;
  readonly isUrgent: boolean;
}

/**
 * The system's own program that shows a notice, with its arguments; `undefined` where there is no desktop to show it on.
 * No package: those there are bring megabytes of programs of their own for what one call does. No text is ever part of a script.
 */
export function noticeCommand(desktop: Desktop, notice: DesktopNotice): readonly string[] | undefined {
  const { isUrgent } = notice;
  const [title, body] = [visibleLine(notice.title), visibleLine(notice.body)];
  const { platform, display, waylandDisplay, sessionBus } = desktop;
  if (platform === 'win32')
    return ['powershell.exe', '-NoProfile', '-NonInteractive', '-EncodedCommand', toast(title, body)];
  if (platform === 'darwin') return ['/usr/bin/osascript', ...MAC_SCRIPT.flatMap((line) => ['-e', line]), title, body];
  if (!display && !waylandDisplay && !sessionBus) return undefined;
  return ['notify-send', '--app-name=token-sync', `--urgency=${isUrgent ? 'critical' : 'normal'}`, '--', title, body];
}

const MAC_SCRIPT = ['on run argv', 'display notification (item 2 of argv) with title (item 1 of argv)', 'end run'];

/** A toast needs the id of a program in the start menu; PowerShell's own is on every Windows (10 and later). */
const POWERSHELL_ID = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe';

/** In UTF-16, as `-EncodedCommand` wants it; the texts come as base64, so that no character of theirs is code. */
function toast(title: string, body: string): string {
  const text = (words: string) =>
    `[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${Buffer.from(words).toString('base64')}'))`;
  const manager = 'Windows.UI.Notifications.ToastNotificationManager';
  const script = [
    "$ErrorActionPreference = 'Stop'",
    `[${manager}, Windows.UI.Notifications, ContentType = WindowsRuntime] > $null`,
    `$xml = [${manager}]::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)`,
    "$lines = $xml.GetElementsByTagName('text')",
    `$lines.Item(0).AppendChild($xml.CreateTextNode(${text(title)})) > $null`,
    `$lines.Item(1).AppendChild($xml.CreateTextNode(${text(body)})) > $null`,
    `[${manager}]::CreateToastNotifier('${POWERSHELL_ID}').Show([Windows.UI.Notifications.ToastNotification]::new($xml))`,
  ].join('\n');
  return Buffer.from(script, 'utf16le').toString('base64');
}
