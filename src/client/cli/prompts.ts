import { createInterface } from 'node:readline/promises';

/** A person's answers, line by line. */
export interface Prompts extends Disposable {
  /** The next line, or `undefined` when the person has left by Ctrl+C or Ctrl+D. */
  ask(question: string): Promise<string | undefined>;
}

/** True when a person is there to be asked. */
export function isPersonThere(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks on standard error, so that standard output holds the result alone. */
export function openPrompts(): Prompts {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Keeps lines that were pasted at once, while nobody asks for them yet.
  const lines = terminal[Symbol.asyncIterator]();
  return {
    async ask(question) {
      terminal.setPrompt(question);
      terminal.prompt();
      const { value, done } = await lines.next();
      if (!done) return value;
      process.stderr.write('\n');
      return undefined;
    },
    [Symbol.dispose]: () => terminal.close(),
  };
}
