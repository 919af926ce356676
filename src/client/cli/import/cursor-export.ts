import { createHash } from 'node:crypto';
import { parseTimestamp } from '../../../protocol/timestamp.ts';
import { line } from './bad-file.ts';
import { plainName } from './columns.ts';
import type { Entry, Row } from './entry.ts';

/**
 * True for the header of the usage export of Cursor's dashboard, of which there are several generations: they agree on when,
 * which model and how many tokens, and in telling the kind of a request or its cache.
 */
export function isCursorExport(header: readonly string[]): boolean {
  const names = header.map(plainName);
  const has = (...wanted: string[]) => wanted.some((name) => names.includes(name));
  return has('date') && has('model') && has(...TOTALS) && has('kind', 'max mode', 'input (w/ cache write)');
}

/**
 * The requests of Cursor's usage export. The figure is the export's own total: input with and without cache write, cache
 * read and output. The id is made of what later exports tell the same of a request, and numbers those that are equal.
 */
export function cursorEntries(header: readonly string[], rows: readonly Row[]): Entry[] {
  const names = header.map(plainName);
  const at = (...wanted: string[]) => names.indexOf(wanted.find((name) => names.includes(name))!);
  const [date, model, total] = [at('date'), at('model'), at(...TOTALS)];
  const seen = new Map<string, number>();
  return rows.map(({ record, number }) => {
    const [timestamp = '', event = '', tokens = ''] = [record[date], record[model], record[total]].map((cell) =>
      cell?.trim(),
    );
    const content = JSON.stringify([parseTimestamp(timestamp) ?? timestamp, event, tokens.replace(/,|\.0+$/g, '')]);
    const nth = seen.get(content) ?? 0;
    seen.set(content, nth + 1);
    const fields = { id: idOf(content, nth), timestamp, event, tokens: NO_FIGURE.test(tokens) ? 0 : tokens };
    return { fields, place: line(number), number };
  });
}

/** The total of a request, newest name first. */
const TOTALS = ['total tokens', 'tokens'];

/** In the place of the total: the export writes `-` or nothing for a request that was billed by number, or failed. */
const NO_FIGURE = /^-?$/;

function idOf(content: string, nth: number): string {
  return `cursor:${createHash('sha256').update(`${nth}\n${content}`).digest('base64url').slice(0, 22)}`;
}
