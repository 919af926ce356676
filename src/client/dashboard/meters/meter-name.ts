import type { Bilingual } from '../../../protocol/language.ts';
import type { Meter } from '../../../protocol/methods.ts';
import { toolName, toolOf } from '../../../shared/words/meter-text.ts';

/** A meter's name for a person: `Claude Code · 5-hour limit`. */
export function meterName(meter: Meter): Bilingual {
  const tool = toolName(toolOf(meter));
  const { zh, en } = whatOf(meter);
  return { zh: `${tool} · ${zh}`, en: `${tool} · ${en}` };
}

function whatOf(meter: Meter): Bilingual {
  if (meter.kind === 'gauge') return { zh: '对话', en: 'conversation' };
  if (meter.kind === 'window') return windowName(meter.window_minutes);
  return meter.meter.endsWith('.billed') ? { zh: '账单用量', en: 'billed' } : { zh: '用量', en: 'tokens' };
}

function windowName(minutes: number): Bilingual {
  if (minutes % 1_440 === 0) return { zh: `${minutes / 1_440} 天限额`, en: `${minutes / 1_440}-day limit` };
  if (minutes % 60 === 0) return { zh: `${minutes / 60} 小时限额`, en: `${minutes / 60}-hour limit` };
  return { zh: `${minutes} 分钟限额`, en: `${minutes}-minute limit` };
}
