import type { Bilingual } from '../../protocol/language.ts';
import type { Alert } from '../../protocol/methods.ts';
import type { AlertSettings } from '../../shared/settings.ts';
import { visibleJson } from '../../shared/visible-text.ts';
import { alertText } from '../../shared/words/alert-text.ts';
import type { Config } from '../process/config.ts';
import type { Warnings } from '../process/warnings.ts';
import type { Snapshot } from '../rules/snapshot.ts';
import { HOOK_WARNING, NOTICE_WARNING, TITLE } from './alert-words.ts';
import { noticeCommand } from './desktop-notice.ts';
import { runProgram } from './program.ts';

export interface OutletOptions {
  readonly config: Pick<Config, 'alerts' | 'desktop' | 'lang'>;
  /** Where the hook runs. */
  readonly folder: string;
  readonly warnings: Warnings;
}

const NOTICE_TIMEOUT_MS = 10_000;
const HOOK_TIMEOUT_MS = 30_000;

/** Tells alerts on the desktop and to the program of the settings; what fails there is a warning. */
export class AlertOutlets {
  readonly #options: OutletOptions;
  readonly #settings: () => AlertSettings;

  /** `settings` are those that hold now, which may be others than those of the start. */
  constructor(options: OutletOptions, settings: () => AlertSettings) {
    this.#options = options;
    this.#settings = settings;
  }

  /** Shows an alert on the desktop, where there is one and the settings allow it. */
  async notice(alert: Alert, snapshot: Snapshot): Promise<void> {
    const { desktop, lang } = this.#options.config;
    if (!this.#settings().desktop) return;
    const notice = { title: TITLE[lang], body: alertText(alert, snapshot)[lang], isUrgent: alert.percent >= 100 };
    const command = noticeCommand(desktop, notice);
    if (!command) return;
    const run = () => runProgram(command, { timeoutMs: NOTICE_TIMEOUT_MS, isQuoted: true });
    await this.#run('alert_desktop', NOTICE_WARNING, run);
  }

  /** Runs the program of the settings, where there is one. */
  async runHook(alert: Alert, { used, total }: Snapshot): Promise<void> {
    const { folder, config } = this.#options;
    const { command } = this.#settings();
    if (!command) return;
    const message = alertText(alert, { used, total })[config.lang];
    const input = `${visibleJson({ ...alert, used, total, message })}\n`;
    const run = () => runProgram(command, { input, timeoutMs: HOOK_TIMEOUT_MS, cwd: folder });
    await this.#run('alert_command', HOOK_WARNING, run);
  }

  warn(code: string, error: unknown, words: (detail: string) => Bilingual): void {
    const { code: errno, message } = error as NodeJS.ErrnoException;
    this.#options.warnings.raise(code, words(errno ?? message));
  }

  async #run(code: string, words: (detail: string) => Bilingual, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#options.warnings.clear(code);
    } catch (error) {
      this.warn(code, error, words);
    }
  }
}
