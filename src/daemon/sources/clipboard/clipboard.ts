import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Language } from '../../../protocol/language.ts';
import type { Receipt } from '../../../protocol/methods.ts';
import { parseTokenValue } from '../../../protocol/token-value.ts';
import { CLIPBOARD_EVENT, noValueInClipboard } from '../../../shared/clipboard-helpers.ts';
import type { Desktop } from '../../process/config.ts';
import type { Warnings } from '../../process/warnings.ts';
import { ClipboardReader } from './clipboard-reader.ts';
import { ClipboardWatch } from './clipboard-watch.ts';
import { openClipboardChanges } from './open-changes.ts';

export interface ClipboardOptions {
  /** That of events and triggers where nobody names another. */
  readonly language: Language;
  readonly desktop: Desktop;
  readonly warnings: Warnings;
  /** Records a text that holds a value, as a counter's total; under `id` where one is given. Refuses an implausible one. */
  readonly record: (text: string, event: string, id: string | undefined) => Promise<Receipt>;
  /** Whether a live meter has counted a figure already, `unit` being one of its last shown digit; none has by default. */
  readonly isAlreadyCounted?: (value: number, unit: number) => boolean;
  /** A copied figure was not recorded, because it is counted already. */
  readonly onAlreadyCounted?: () => void;
  /** Watching has begun, by this way. */
  readonly onWatching: (via: string) => void;
  readonly onBug: (error: unknown) => void;
}

/** The one way from the clipboard to the monitor; nothing but the parsed value leaves it. */
export interface Clipboard {
  /** Records the value in the clipboard; throws `clipboard_unavailable` or `value_refused`, which never quote it. */
  sync(event?: string, language?: Language): Promise<Receipt>;
  /** As `sync`, for a signal that nobody waits on: what is wrong becomes a warning too, until it is right. */
  trigger(id: string): Promise<void>;
  /** Records labelled values as they are copied, from now on. */
  watch(): void;
  /** Ends that; what is being recorded still is. */
  unwatch(): void;
  /** Ends reading and watching. */
  close(): Promise<void>;
}

export function createClipboard(options: ClipboardOptions): Clipboard {
  const { language: ownLanguage, desktop, warnings, onBug } = options;
  const reader = new ClipboardReader();
  let watch: ClipboardWatch | undefined;
  let ended: Promise<void> = Promise.resolve();

  const record = async (text: string, event?: string, language = ownLanguage, id?: string) => {
    const parsed = parseTokenValue(text);
    if (!parsed.ok) throw noValueInClipboard(parsed);
    const receipt = await options.record(text, event ?? CLIPBOARD_EVENT[language], id).catch(withoutQuestion);
    for (const code of Object.values(CLIPBOARD_WARNINGS)) warnings.clear(code);
    return receipt;
  };
  const sync = async (event?: string, language?: Language) => record(await reader.read(), event, language);
  const warn = (error: unknown) => {
    if (!(error instanceof TokenSyncError)) return onBug(error);
    const { kind, text, hint } = error;
    const code = kind === 'clipboard_unavailable' ? CLIPBOARD_WARNINGS.unavailable : CLIPBOARD_WARNINGS.refused;
    for (const other of Object.values(CLIPBOARD_WARNINGS)) if (other !== code) warnings.clear(other);
    warnings.raise(code, {
      zh: `剪贴板没有同步：${text.zh}${hint ? `（${hint.zh}）` : ''}`,
      en: `the clipboard was not synced: ${text.en}${hint ? ` (${hint.en})` : ''}`,
    });
  };

  const recordCopy = async (text: string) => {
    if (!isCounted(text, options)) return record(text).then(() => undefined, warn);
    options.onAlreadyCounted?.();
  };

  return {
    sync,
    async trigger(id) {
      try {
        await record(await reader.read(), undefined, undefined, id);
      } catch (error) {
        warn(error);
        throw error;
      }
    },
    watch() {
      watch ??= new ClipboardWatch({
        open: async (onChange) => {
          await ended;
          return await openClipboardChanges(desktop, onChange);
        },
        read: () => reader.read(),
        record: recordCopy,
        platform: desktop.platform,
        warnings,
        onWatching: options.onWatching,
        onBug,
      });
    },
    unwatch() {
      const last = watch;
      watch = undefined;
      if (last) ended = ended.then(() => last.close());
    },
    async close() {
      await Promise.all([watch?.close(), ended, reader.close()]);
    },
  };
}

/** Only of what is copied in passing: whoever asks for a sync means the figure. */
function isCounted(text: string, { isAlreadyCounted }: Pick<ClipboardOptions, 'isAlreadyCounted'>): boolean {
  const parsed = parseTokenValue(text);
  return parsed.ok && isAlreadyCounted?.(parsed.tokens, parsed.unit) === true;
}

/** Nobody is there to answer, and the question would quote what may be a secret. */
function withoutQuestion(error: unknown): never {
  if (!(error instanceof TokenSyncError) || !error.question) throw error;
  const { kind, text, hint } = error;
  throw new TokenSyncError(kind, text, hint && { hint });
}

/** The codes of what can be wrong with a trigger. */
export const CLIPBOARD_WARNINGS = { unavailable: 'clipboard_unavailable', refused: 'clipboard_refused' } as const;
