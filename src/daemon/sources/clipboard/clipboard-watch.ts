import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Warnings } from '../../process/warnings.ts';
import type { ClipboardChanges } from './clipboard-changes.ts';
import { isLabelledUsage } from './labelled-usage.ts';

export interface ClipboardWatchOptions {
  /** Opens a way to hear of changes; rejects when there is none at the moment. */
  readonly open: (onChange: () => void) => Promise<ClipboardChanges>;
  readonly read: () => Promise<string>;
  /** Never rejects. */
  readonly record: (text: string) => Promise<void>;
  readonly platform: string;
  readonly warnings: Warnings;
  readonly onWatching: (via: string) => void;
  readonly onBug: (error: unknown) => void;
}

/** Where nothing tells of changes, a way is sought again after these, so that a desktop that comes back is found. */
const RETRY_MS = [1_000, 2_000, 5_000, 15_000, 60_000] as const;

/**
 * Records a copied text that is plainly a usage figure, once a copy. The clipboard is looked at only when it has
 * changed; of what was seen last, only a hash remains, under a key that nobody has.
 */
export class ClipboardWatch {
  readonly #options: ClipboardWatchOptions;
  readonly #key = randomBytes(32);
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #changes: ClipboardChanges | undefined;
  #looking: Promise<void> | undefined;
  #isStale = false;
  #seen = '';

  constructor(options: ClipboardWatchOptions) {
    this.#options = options;
    this.#running = this.#run().catch(options.onBug);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#changes?.close();
    await Promise.all([this.#running, this.#looking]);
    this.#options.warnings.clear(WARNING);
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures++) {
      if (await this.#follow()) failures = 0;
      const waitMs = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
      await pause(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Hears of changes until the desktop has gone; false when there was none. */
  async #follow(): Promise<boolean> {
    const { open, warnings, onWatching } = this.#options;
    this.#isStale = false;
    try {
      this.#changes = await open(() => this.#notice());
    } catch {
      // Whatever it was, a person is told what to do, and it is tried again.
      warnings.raise(WARNING, unavailable(this.#options.platform));
      return false;
    }
    if (this.#closing.signal.aborted) this.#changes.close();
    warnings.clear(WARNING);
    await this.#remember();
    onWatching(this.#changes.via);
    await this.#changes.ended;
    return true;
  }

  /** Remembers the text that stands there at first: it was copied when nobody watched, may be recorded already, and is no copy when its owner changes. */
  async #remember(): Promise<void> {
    this.#looking ??= this.#guard(async () => {
      const hash = this.#hash(await this.#read());
      if (!this.#isStale) this.#seen = hash;
      await this.#look();
    });
    await this.#looking;
  }

  #notice(): void {
    this.#isStale = true;
    this.#looking ??= this.#guard(() => this.#look());
  }

  async #guard(look: () => Promise<void>): Promise<void> {
    try {
      await look();
    } catch (error) {
      this.#explain(error);
    } finally {
      this.#looking = undefined;
    }
    if (this.#isStale && !this.#closing.signal.aborted) this.#notice();
  }

  async #look(): Promise<void> {
    while (this.#isStale && !this.#closing.signal.aborted) {
      this.#isStale = false;
      const text = await this.#read();
      // Between two owners the clipboard is empty for a moment.
      if (text === '') continue;
      const hash = this.#hash(text);
      if (hash === this.#seen) continue;
      this.#seen = hash;
      if (isLabelledUsage(text)) await this.#options.record(text);
    }
  }

  /** Warns where the clipboard cannot be read. After a text that was too large the next copy counts as new, whatever it is. */
  #explain(error: unknown): void {
    const { warnings, onBug } = this.#options;
    if (!(error instanceof TokenSyncError)) onBug(error);
    else if (error.kind !== 'clipboard_unavailable') this.#seen = '';
    else if (!this.#closing.signal.aborted) {
      const { text, hint } = error;
      warnings.raise(WARNING, {
        zh: `复制的内容没有记录：${text.zh}（${hint?.zh}）`,
        en: `a copy was not recorded: ${text.en} (${hint?.en})`,
      });
    }
  }

  async #read(): Promise<string> {
    const text = await this.#options.read();
    this.#options.warnings.clear(WARNING);
    return text;
  }

  #hash(text: string): string {
    return createHmac('sha256', this.#key).update(text.trim()).digest('base64');
  }
}

const WARNING = 'clipboard_watch';

function unavailable(platform: string) {
  const needs = platform === 'linux' ? NEEDS.linux : NEEDS.other;
  return {
    zh: `剪贴板监视暂不可用，会自动重试：${needs.zh}`,
    en: `the clipboard cannot be watched at the moment, which is tried again: ${needs.en}`,
  };
}

const NEEDS = {
  linux: {
    zh: '需要 X11（DISPLAY），或 Wayland（WAYLAND_DISPLAY）与 wl-clipboard；在桌面的终端运行 token-sync restart，或关闭 clipboard.watch',
    en: 'it takes X11 (DISPLAY), or Wayland (WAYLAND_DISPLAY) with wl-clipboard; run `token-sync restart` in a terminal of the desktop, or turn clipboard.watch off',
  },
  other: {
    zh: '系统的辅助程序没有运行；可关闭 clipboard.watch，改用 token-sync quick',
    en: "the system's helper does not run; turn clipboard.watch off and use `token-sync quick`",
  },
};
