import { createInterface } from 'node:readline/promises';
import type { Language } from '../../../protocol/language.ts';
import { visibleText } from '../../../shared/visible-text.ts';
import { isNoteSeen, writeNote } from '../show/output.ts';

/** A person's answers, line by line. */
export interface Prompts extends Disposable {
  /** The next line, or `undefined` when the person has left by Ctrl+C or Ctrl+D. */
  ask(question: string): Promise<string | undefined>;
}

/** True when a person is there to be asked. */
export function isPersonThere(): boolean {
  return process.stdin.isTTY === true && isNoteSeen();
}

/** Waits until the person presses any key, and tells whether it was the one that undoes, where that is offered; at once where nobody is there. */
export async function waitForKey(language: Language, offersUndo = false): Promise<'undo' | 'close'> {
  if (!isPersonThere()) return 'close';
  await writeNote(`\n${(offersUndo ? UNDO_OR_CLOSE : CLOSE)[language]}`);
  const { stdin } = process;
  stdin.setRawMode(true);
  const key = await new Promise<string>((resolve) => {
    stdin.once('data', (pressed) => resolve(String(pressed)));
    stdin.once('end', () => resolve(''));
    stdin.resume();
  });
  stdin.setRawMode(false);
  await writeNote('\n');
  return offersUndo && key.normalize('NFKC').toLowerCase() === 'u' ? 'undo' : 'close';
}

const CLOSE = { zh: '按任意键关闭…', en: 'Press any key to close …' };
const UNDO_OR_CLOSE = {
  zh: '按 U 撤销刚才的记录，按任意键关闭…',
  en: 'Press U to take back this reading, any other key to close …',
};

/** Asks on standard error, so that standard output holds the result alone. */
export function openPrompts(): Prompts {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Keeps lines that were pasted at once, while nobody asks for them yet.
  const lines = terminal[Symbol.asyncIterator]();
  let isClosed = false;
  terminal.once('close', () => {
    isClosed = true;
  });
  return {
    async ask(question) {
      // A pipe has closed before its last line was taken, and a closed terminal refuses to prompt.
      if (isClosed) await writeNote(question);
      else {
        terminal.setPrompt(visibleText(question));
        terminal.prompt();
      }
      const { value, done } = await lines.next();
      if (!done) return value;
      await writeNote('\n');
      return undefined;
    },
    [Symbol.dispose]: () => terminal.close(),
  };
}
