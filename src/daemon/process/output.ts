import { visibleText } from '../../shared/visible-text.ts';

/** The one place where the daemon writes to a terminal: to a person who started it there. Whatever leaves it is visible text. */
export function say(text: string): void {
  process.stdout.write(visibleText(text));
}

/** Why it does not start: to standard error, which whoever started it reads. */
export function complain(text: string): void {
  process.stderr.write(visibleText(text));
}

/** A line of a helper process to the daemon that started it. */
export function reply(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Tells of a terminal or a pipe that has gone away, which must not take the daemon with it. */
export function onUnread(tell: () => void): void {
  process.stdout.on('error', tell);
  process.stderr.on('error', () => process.stderr.destroy());
}

/** Writes to nobody from now on. */
export function fallSilent(): void {
  process.stdout.destroy();
}
