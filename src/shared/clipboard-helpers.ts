import { TokenSyncError } from '../protocol/errors.ts';
import type { Bilingual } from '../protocol/language.ts';
import type { ParsedTokenValue } from '../protocol/token-value.ts';

/** The event of a value that came from the clipboard, where none is given. */
export const CLIPBOARD_EVENT: Bilingual = { zh: '从剪贴板同步', en: 'Clipboard sync' };

/** A larger clipboard is refused unread: it is no copied value. */
export const MAX_CLIPBOARD_BYTES = 64 * 1024;

/** The program that holds a copied text hands it over when asked, and may hang; longer than this nobody waits. */
export const CLIPBOARD_TIMEOUT_MS = 3_000;

/**
 * The program that reads the clipboard on Windows, relative to the entry of the package `clipboardy`, which brings it
 * along but starts a PowerShell first: half a second and some fifty megabytes for each read.
 */
export function windowsClipboardProgram(arch: string): string {
  const name = arch === 'arm64' ? 'aarch64' : arch === 'ia32' ? 'i686' : 'x86_64';
  return `./fallbacks/windows/clipboard_${name}.exe`;
}

/** The obstacles to reading the clipboard. */
export type ClipboardObstacle = 'no_display' | 'no_helper' | 'timeout' | 'failed';

/** Whether a failed read says that there is something in the clipboard, but no text. */
export function holdsNoText(error: unknown): boolean {
  return /not available as requested type|no suitable type of content/i.test(wordsOf(error));
}

/** The obstacle that an error of a read tells of. Its words are not passed on: they may quote the clipboard. */
export function clipboardObstacle(error: unknown): ClipboardObstacle {
  const words = wordsOf(error);
  if (/requires a display server|can't open display|failed to connect to a wayland/i.test(words)) return 'no_display';
  if (/couldn't find the|enoent|need to install termux/i.test(words)) return 'no_helper';
  return 'failed';
}

/** The message of the error, and the output of the fallback helper, if one was tried. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { message, fallbackError } = error as Error & { readonly fallbackError?: { readonly stderr?: unknown } };
  return `${message}\n${fallbackError?.stderr ?? ''}`;
}

/** The program that reads, and its system (`process.platform`). */
export interface ClipboardUser {
  readonly platform: string;
  /** A daemon lives on without the terminal that it was started from. */
  readonly isDaemon: boolean;
}

/** The refusal where there is no clipboard to read; names what is missing on this platform and how to go on. */
export function clipboardUnavailable(
  obstacle: ClipboardObstacle,
  { platform, isDaemon }: ClipboardUser,
): TokenSyncError {
  const { zh, en } = OBSTACLES[obstacle];
  const isOutside = obstacle === 'no_display' && !isDaemon;
  const remedy = isOutside ? FROM_DESKTOP : REMEDIES[obstacle][PLATFORMS[platform] ?? 'other'];
  return new TokenSyncError(
    'clipboard_unavailable',
    { zh: `无法读取剪贴板：${zh}`, en: `the clipboard cannot be read: ${en}` },
    {
      hint: {
        zh: `${remedy ? `${remedy.zh}；` : ''}不用剪贴板也可以：token-sync record 数值`,
        en: `${remedy ? `${remedy.en}; ` : ''}or go on without it: token-sync record VALUE`,
      },
    },
  );
}

/** The refusal of a clipboard over `MAX_CLIPBOARD_BYTES`. */
export function clipboardTooLarge(): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    {
      zh: '剪贴板中的内容超过 64 KiB，不像一个 Token 数值',
      en: 'the clipboard holds over 64 KiB, which is no token value',
    },
    { hint: { zh: '请只复制数值本身', en: 'copy the value alone' } },
  );
}

/** The refusal of a clipboard whose text yields no token value; it never quotes the text. */
export function noValueInClipboard({ reason, text, hint }: RefusedValue): TokenSyncError {
  const { zh, en } = NOTHING_COPIED[reason] ?? { zh: `：${text.zh}`, en: `: ${text.en}` };
  return new TokenSyncError(
    'value_refused',
    { zh: `已读取剪贴板${zh}`, en: `the clipboard was read${en}` },
    {
      hint: {
        zh: `请先复制数值再试，或直接录入：token-sync record 数值；${hint.zh}`,
        en: `copy the figure first and try again, or enter it: token-sync record VALUE; ${hint.en}`,
      },
    },
  );
}

type RefusedValue = Extract<ParsedTokenValue, { readonly ok: false }>;

const NOTHING_COPIED: Readonly<Partial<Record<RefusedValue['reason'], Bilingual>>> = {
  empty: { zh: '，但里面没有文字', en: ', but it holds no text' },
  no_value: { zh: '，但里面没有 Token 数值', en: ', but it holds no token value' },
};

const OBSTACLES: Readonly<Record<ClipboardObstacle, Bilingual>> = {
  no_display: {
    zh: '这里没有图形界面（没有可用的 X11 DISPLAY 或 WAYLAND_DISPLAY）',
    en: 'there is no display here (neither an X11 DISPLAY nor a WAYLAND_DISPLAY that answers)',
  },
  no_helper: { zh: '缺少读取剪贴板的程序', en: 'the program that reads it is missing' },
  timeout: {
    zh: `${CLIPBOARD_TIMEOUT_MS / 1_000} 秒内没有得到内容`,
    en: `it did not answer within ${CLIPBOARD_TIMEOUT_MS / 1_000} s`,
  },
  failed: { zh: '读取失败', en: 'reading it failed' },
};

const COPY_AGAIN: Bilingual = { zh: '请只复制数值本身再试', en: 'copy the value alone once more and try again' };

const FROM_DESKTOP: Bilingual = { zh: '请在桌面的终端里运行', en: 'run it in a terminal of the desktop' };

const PLATFORMS: Readonly<Record<string, 'linux' | 'android'>> = { linux: 'linux', android: 'android' };

type Remedies = Readonly<Partial<Record<'linux' | 'android' | 'other', Bilingual>>>;

const REMEDIES: Readonly<Record<ClipboardObstacle, Remedies>> = {
  no_display: {
    linux: {
      zh: '请从桌面的终端运行 token-sync restart，让守护进程看到桌面',
      en: 'run `token-sync restart` in a terminal of the desktop, so that the daemon sees it',
    },
  },
  no_helper: {
    linux: {
      zh: '请安装 xsel（X11）或 wl-clipboard（Wayland），如 sudo apt install xsel wl-clipboard',
      en: 'install xsel (X11) or wl-clipboard (Wayland), such as by sudo apt install xsel wl-clipboard',
    },
    android: { zh: '请在 Termux 中运行 pkg install termux-api', en: 'run pkg install termux-api in Termux' },
    other: { zh: '请检查 PATH 中是否有 pbpaste 或 PowerShell', en: 'see that pbpaste or PowerShell is on the PATH' },
  },
  timeout: { linux: COPY_AGAIN, android: COPY_AGAIN, other: COPY_AGAIN },
  failed: {
    linux: {
      zh: '请检查 xsel（X11）或 wl-clipboard（Wayland）能否运行',
      en: 'see that xsel (X11) or wl-clipboard (Wayland) runs',
    },
    other: COPY_AGAIN,
  },
};
