import type { Language } from '../../../protocol/language.ts';
import { isNoteSeen, writeNote } from '../show/output.ts';

/** Long enough for any daemon that is well, short enough for a person to wonder. */
const PATIENCE_MS = 2_000;

/** Does what the daemon is asked for, and tells a person whom it keeps waiting what is waited for. */
export async function tellIfSlow<T>(language: Language, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => tellSlowness(language), PATIENCE_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

function tellSlowness(language: Language): void {
  // A script that keeps both outputs together wants the result alone.
  if (isNoteSeen()) void writeNote(`${WAITING[language]}\n`);
}

const WAITING = { zh: '守护进程还没有答复，继续等待…', en: 'no answer from the daemon yet, still waiting …' };
