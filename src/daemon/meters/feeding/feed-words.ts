import type { Language } from '../../../protocol/language.ts';
import { toolName } from '../../../shared/words/meter-text.ts';

/** The event of a session that a meter tells. */
export function feedEvent(meter: string, lang: Language): string {
  const name = toolName(meter.split('.')[0]!);
  return lang === 'zh' ? `${name} 用量` : `${name} usage`;
}
