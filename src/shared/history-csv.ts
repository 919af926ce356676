import type { Session } from '../protocol/methods.ts';

const COLUMNS = [
  'id',
  'timestamp',
  'tokens',
  'event',
  'conversation_id',
  'sync_type',
  'total_used',
  'reset',
  'undone',
] as const;

/** The names of some columns in older programs. */
const OLDER_NAMES: Readonly<Partial<Record<(typeof COLUMNS)[number], string>>> = {
  id: 'session_id',
  timestamp: 'start_time',
  event: 'task',
  sync_type: 'method',
};

/** The names of the columns, as the first row. */
export const CSV_HEADER = `${COLUMNS.join(',')}\r\n`;

/** A session as a row of RFC 4180 that no spreadsheet runs. */
export function csvRow(session: Session): string {
  return `${COLUMNS.map((column) => cell(session[column] ?? session[OLDER_NAMES[column] ?? column])).join(',')}\r\n`;
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // One apostrophe more than the text itself begins with, so that `import` knows which one to take off.
  const harmless = /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
