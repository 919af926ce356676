const PATTERN = /^\s*(\d{4})\/(\d{1,2})\/(\d{1,2})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*$/;

/** A local time as spreadsheets save it (`2026/11/1 9:05`) as the state file's sessions show it; any other text as it is. */
export function toPlainTime(text: string): string {
  const match = PATTERN.exec(text);
  if (!match) return text;
  const [, year = '', month = '', day = '', hour, minute, second = '00'] = match;
  const date = [year, padded(month), padded(day)].join('-');
  return hour === undefined ? date : `${date} ${padded(hour)}:${minute}:${second}`;
}

function padded(digits: string): string {
  return digits.padStart(2, '0');
}
