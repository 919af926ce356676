import type { Bilingual, Language } from '../../../protocol/language.ts';
import type { GaugeMeter, Meter, MeterSource, Meters } from '../../../protocol/methods.ts';
import { spelled } from '../../../shared/command-line.ts';
import { visibleLine } from '../../../shared/visible-text.ts';
import {
  counterText,
  gaugeDetails,
  gaugeText,
  originText,
  toolName,
  windowText,
} from '../../../shared/words/meter-text.ts';
import {
  feedingText,
  isFound,
  OFFER,
  offersOf,
  SWITCH_OFF,
  stateText,
  toolNames,
} from '../../../shared/words/source-text.ts';
import { asTyped, ownCommand } from '../own-command.ts';
import { block, type Rows } from './render.ts';

/** The answer of `meters`: every meter, every source with what is read from where, and what feeds the budget. */
export function metersText(told: Meters, nowMs: number, language: Language): string {
  const rows = meterRows(told.meters, nowMs, language, SHOWN_GAUGES);
  const hidden = told.meters.length - rows.length;
  return [
    block(language, `📟 ${TITLE[language]}`, rows.length > 0 ? rows : [[STATE, NONE[language]]]),
    hidden > 0 ? line(olderText(hidden)[language]) : '',
    '\n',
    sourcesText(told.sources, nowMs, language),
    '\n',
    block(language, `⛽ ${FEEDS[language]}: ${feedingText(told)[language]}`, []),
    offerText(told, language),
  ].join('');
}

/** A line for each meter, of each gauge only the conversations written last; so many of them. */
export function meterRows(meters: readonly Meter[], nowMs: number, language: Language, gauges: number): Rows {
  return meters.flatMap((meter, index) => {
    const earlier = meters.slice(0, index).filter((other) => other.meter === meter.meter).length;
    if (meter.kind === 'gauge' && earlier >= gauges) return [];
    const origin = originText(meter, nowMs)[language];
    const text = figureOf(meter, nowMs)[language];
    return [[sameIn(meter.meter), language === 'zh' ? `${text}（${origin}）` : `${text} (${origin})`] as const];
  });
}

function figureOf(meter: Meter, nowMs: number): Bilingual {
  if (meter.kind === 'counter') return counterText(meter);
  if (meter.kind === 'window') return windowText(meter, nowMs);
  return sameIn(gaugeLine(meter));
}

function gaugeLine(meter: GaugeMeter): string {
  return `${gaugeText(meter)} · ${gaugeDetails(meter)}`;
}

/** The newest conversations of each gauge are enough for a person; a program has them all. */
const SHOWN_GAUGES = 5;

function olderText(count: number): Bilingual {
  return { zh: `另有 ${count} 个较早的对话，见 --json`, en: `${count} older conversations: see --json` };
}

function sourcesText(sources: readonly MeterSource[], nowMs: number, language: Language): string {
  const isShown = (source: MeterSource) => isFound(source) || source.reason !== undefined;
  const shown = sources.filter(isShown);
  const rest = (state: MeterSource['state']) => sources.filter((source) => source.state === state && !isShown(source));
  const others = (['absent', 'off'] as const)
    .map((state) => ({ state, names: toolNames(rest(state)) }))
    .filter(({ names }) => names.en !== '');
  return [
    block(language, `🔌 ${SOURCES[language]}`, []),
    ...shown.map((source) => sourceText(source, nowMs, language)),
    ...others.map(({ state, names }) => row(names[language], stateText({ state }, nowMs)[language])),
    sources.length === 0 ? row(STATE[language], NO_SOURCES[language]) : '',
    shown.length > 0 ? line(`→ ${asTyped(SWITCH_OFF)[language]}`) : '',
  ].join('');
}

/** One source: its state, why, what to do about it, and the places that are read. */
function sourceText(source: MeterSource, nowMs: number, language: Language): string {
  const { name, reason, hint, places = [] } = source;
  const state = stateText(source, nowMs)[language];
  const colon = { zh: '：', en: ': ' }[language];
  return [
    row(toolName(name), reason ? `${state}${colon}${reason[language]}` : state),
    hint ? `  ${line(`→ ${asTyped(hint)[language]}`)}` : '',
    ...places.map((place) => `  ${line(`${READS[language]} ${place}`)}`),
  ].join('');
}

function offerText(told: Meters, language: Language): string {
  const offers = offersOf(told);
  if (offers.length === 0) return '';
  return [
    line(OFFER[language]),
    ...offers.flatMap(({ commands, effect }) => [
      ...commands.map((command) => `  ${line(spelled(command, ownCommand()))}`),
      `    ${line(effect[language])}`,
    ]),
  ].join('');
}

function row(label: string, value: string): string {
  return line(`${label}: ${value}`);
}

function line(text: string): string {
  return `   ${visibleLine(text)}\n`;
}

function sameIn(text: string): Bilingual {
  return { zh: text, en: text };
}

const TITLE = { zh: '实时用量', en: 'Live meters' };
const STATE = { zh: '状态', en: 'State' };
const NONE = { zh: '还没有读到任何工具的用量', en: 'no figure of a tool has been read yet' };
const SOURCES = {
  zh: '来源（只读，只保留数字、模型、项目名和时间）',
  en: 'Sources (read only; kept are counts, model, project name and times)',
};
const NO_SOURCES = { zh: '没有读取任何工具', en: 'no tool is read' };
const READS = { zh: '读取', en: 'reads' };
const FEEDS = { zh: '自动计入额度的', en: 'Feeds the budget' };
