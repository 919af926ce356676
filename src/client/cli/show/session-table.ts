import type { Language } from '../../../protocol/language.ts';
import type { Session } from '../../../protocol/methods.ts';
import { formatTokens } from '../../../protocol/token-value.ts';
import { textOf } from '../../../shared/foreign-text.ts';
import { visibleLine } from '../../../shared/visible-text.ts';
import { signedTokens } from '../../../shared/words/figures.ts';
import { kindText } from '../../../shared/words/sync-kinds.ts';
import { displayWidth, fitWidth, padWidth } from './display-width.ts';

/** Sessions as a table with a header, each row cut at `width` columns; a figure is whole or left out, for a part of it reads as another. */
export function sessionTable(
  sessions: readonly Session[],
  language: Language,
  width = Number.POSITIVE_INFINITY,
): string {
  const rows = [HEADERS[language], ...sessions.map((session) => cellsOf(session, language))];
  const widths = HEADERS.en.map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column]!))));
  const columns = LAYOUTS.find((layout) => widthBeforeEvent(layout, widths) <= width) ?? [EVENT];
  return rows.map((row) => `${fitWidth(rowText(row, widths, columns), width)}\n`).join('');
}

/** The event of a session, whichever program wrote it. */
export function eventOf(session: Session): string {
  return visibleLine(textOf(session.event ?? session.task));
}

/** When a session was, whichever program wrote it. */
export function timeOf(session: Session): string {
  return visibleLine(textOf(session.timestamp ?? session.start_time));
}

/** A session's increment, as far as it has one. */
export function incrementOf({ tokens }: Session): string {
  return typeof tokens === 'number' && Number.isSafeInteger(tokens)
    ? signedTokens(tokens)
    : visibleLine(textOf(tokens));
}

type Cells = readonly string[];

function cellsOf(session: Session, language: Language): Cells {
  const { total_used, reset, undone } = session;
  const marks = [...(undone === true ? [UNDONE[language]] : []), ...(reset === true ? [RESET[language]] : [])];
  return [
    timeOf(session),
    incrementOf(session),
    typeof total_used === 'number' && Number.isSafeInteger(total_used) ? formatTokens(total_used) : '',
    typeOf(session, language),
    [...marks, eventOf(session)].join(' '),
  ];
}

/** In English the word that `--type` takes. */
function typeOf({ sync_type, method }: Session, language: Language): string {
  const type = textOf(sync_type ?? method);
  return visibleLine(language === 'en' ? type : kindText(type)[language]);
}

const [TIME, INCREMENT, USED, TYPE, EVENT] = [0, 1, 2, 3, 4] as const;

/** Which columns are shown: the first for which there is room. */
const LAYOUTS: readonly (readonly number[])[] = [
  [TIME, INCREMENT, USED, TYPE, EVENT],
  [TIME, INCREMENT, USED, EVENT],
  [INCREMENT, USED, EVENT],
  [INCREMENT, EVENT],
];

const GAP = '  ';

function widthBeforeEvent(layout: readonly number[], widths: readonly number[]): number {
  return layout.filter((column) => column !== EVENT).reduce((sum, column) => sum + widths[column]! + GAP.length, 0);
}

/** Figures stand to the right; the event, last, needs no padding. */
function rowText(row: Cells, widths: readonly number[], columns: readonly number[]): string {
  const padded = columns.map((column) => {
    if (column === EVENT) return row[column]!;
    return padWidth(row[column]!, widths[column]!, column === INCREMENT || column === USED ? 'left' : 'right');
  });
  return padded.join(GAP).trimEnd();
}

const HEADERS: Readonly<Record<Language, Cells>> = {
  zh: ['时间', '增量', '已使用', '类型', '事件'],
  en: ['Time', 'Increment', 'Used', 'Type', 'Event'],
};
const UNDONE = { zh: '[已撤销]', en: '[undone]' };
const RESET = { zh: '[重新计数]', en: '[reset]' };
