import { spelled } from '../../../shared/command-line.ts';

/** A page with its commands as they work; a path may hold anything. */
export function spelledInHtml(page: string, command: string): string {
  return spelled(page, command.replaceAll('&', '&amp;').replaceAll('<', '&lt;'));
}
