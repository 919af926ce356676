import type { Bilingual } from '../../../protocol/language.ts';
import type { MeterSource } from '../../../protocol/methods.ts';
import { given } from '../../../shared/given.ts';
import { toolName } from '../../../shared/words/meter-text.ts';
import { isFound, SWITCH_OFF, stateText, toolNames } from '../../../shared/words/source-text.ts';
import { asTyped } from '../own-command.ts';
import { type Finding, type Subject, well, wrong } from './finding.ts';

/** Each tool whose figures are read: how it stands, what is read and where, and how to end that. */
export function checkSources({ meters }: Subject): Finding[] {
  if (!meters) return [];
  const { sources } = meters;
  const told = sources.filter((source) => isFound(source) || source.reason);
  const others = sources.filter((source) => !told.includes(source));
  return [...told.map((source) => findingOn(source, Date.now())), ...notRead(others)];
}

function findingOn(source: MeterSource, nowMs: number): Finding {
  const { name, state, reason, hint, places = [] } = source;
  const check = `source:${name}`;
  const { zh, en } = stateText(source, nowMs);
  const text: Bilingual = {
    zh: `${toolName(name)}：${zh}${reason ? `，${reason.zh}` : ''}${places.length > 0 ? `；只读 ${places.join('、')}` : ''}`,
    en: `${toolName(name)}: ${en}${reason ? `, ${reason.en}` : ''}${places.length > 0 ? `; read only: ${places.join(', ')}` : ''}`,
  };
  if (state === 'degraded') return wrong(check, asTyped(text), hint ?? asTyped(SWITCH_OFF));
  return { ...well(check, text.zh, text.en), ...given({ hint }) };
}

/** The tools of which nothing is read, in one line. */
function notRead(sources: readonly MeterSource[]): Finding[] {
  if (sources.length === 0) return [];
  const { zh, en } = toolNames(sources);
  return [well('sources', `不读取：${zh}（本机没有，或已关闭）`, `not read: ${en} (not found here, or switched off)`)];
}
