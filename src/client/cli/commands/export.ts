import { FAILURES } from '../../../protocol/errors.ts';
import type { Session } from '../../../protocol/methods.ts';
import { CSV_HEADER, csvRow } from '../../../shared/history-csv.ts';
import { FILTER_FLAGS, historyPages, missingNote, toFilters } from '../calls/history-pages.ts';
import { defineCommand } from '../command.ts';
import { writeDocument } from '../show/output.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** Writes the whole history, or what the filters leave of it, to standard output while it is read; fails, with all that could be read written, where entries are missing. */
export const exportHistory = defineCommand({
  summary: { zh: '导出全部历史到标准输出', en: 'write the whole history to standard output' },
  example: { zh: 'token-sync export --format csv > history.csv', en: 'token-sync export --format csv > history.csv' },
  flags: {
    format: { value: 'FORMAT', meaning: { zh: 'csv（默认）、json、jsonl', en: 'csv (default), json, jsonl' } },
    ...FILTER_FLAGS,
  },
  args: [],
  async run({ flags, daemon, settings, language }) {
    const format = FORMATS[toFormat(flags.format, settings.isJson)];
    let isFirst = true;
    let missing = 0;
    for await (const { sessions, unreadable = 0 } of historyPages(daemon, toFilters(flags))) {
      // Nothing is written before the first page is there, so that a failure is told as one; a slow reader slows the reading.
      await writeDocument((isFirst ? format.head : '') + format.rows(sessions, isFirst));
      if (sessions.length > 0) isFirst = false;
      missing = unreadable;
    }
    await writeDocument(format.end(missing));
    const remark = missingNote(missing, language);
    return remark === undefined
      ? undefined
      : { text: '', json: undefined, remark, exitCode: FAILURES.storage_failed.exit };
  },
});

type FormatName = 'csv' | 'json' | 'jsonl';

interface Format {
  readonly head: string;
  /** The text behind the last session; JSON tells there how many entries could not be read. */
  end(unreadable: number): string;
  /** `isFirst` holds until the first session was written. */
  rows(sessions: readonly Session[], isFirst: boolean): string;
}

const FORMATS: Readonly<Record<FormatName, Format>> = {
  csv: { head: CSV_HEADER, end: () => '', rows: (sessions) => sessions.map(csvRow).join('') },
  json: {
    head: '{"sessions":[',
    end: (unreadable) => `]${unreadable > 0 ? `,"unreadable":${unreadable}` : ''}}\n`,
    rows: (sessions, isFirst) =>
      sessions.length === 0 ? '' : (isFirst ? '' : ',') + sessions.map((session) => JSON.stringify(session)).join(','),
  },
  jsonl: {
    head: '',
    end: () => '',
    rows: (sessions) => sessions.map((session) => `${JSON.stringify(session)}\n`).join(''),
  },
};

function toFormat(text: string | undefined, isJson: boolean): FormatName {
  const format = text ?? (isJson ? 'json' : 'csv');
  if (!Object.hasOwn(FORMATS, format)) throw wrongFormat(format);
  if (isJson && format !== 'json') throw contradiction(format);
  return format as FormatName;
}

function wrongFormat(format: string) {
  return wrongUsage(
    { zh: `--format 的值无效：${format}`, en: `--format is wrong: ${format}` },
    { zh: '可用的格式：csv、json、jsonl', en: 'known formats: csv, json, jsonl' },
  );
}

function contradiction(format: string) {
  return wrongUsage(
    { zh: `--json 与 --format ${format} 矛盾`, en: `--json and --format ${format} contradict each other` },
    { zh: '只写其中一个', en: 'write only one of them' },
  );
}
