import type { Bilingual } from '../../protocol/language.ts';

/** How long ago something was, in its largest whole unit. */
export function ageText(ageMs: number): Bilingual {
  const seconds = Math.max(0, Math.floor(ageMs / 1_000));
  if (seconds < 60) return { zh: `${seconds} 秒`, en: `${seconds} s` };
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return { zh: `${minutes} 分钟`, en: `${minutes} min` };
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return { zh: `${hours} 小时`, en: `${hours} h` };
  const days = Math.floor(hours / 24);
  return { zh: `${days} 天`, en: `${days} days` };
}
