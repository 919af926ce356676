import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import { asTyped } from '../own-command.ts';

/** The failure of a call in sentences for a person; rethrows anything but a `TokenSyncError`. */
export function failureText(error: unknown): Bilingual {
  if (!(error instanceof TokenSyncError)) throw error;
  const { text, hint, field = '' } = error;
  const named = withLabel(text, field);
  if (!hint) return { zh: named.zh, en: capitalized(named.en) };
  const advice = asTyped(hint);
  return { zh: `${named.zh}。${advice.zh}`, en: `${capitalized(named.en)}. ${capitalized(advice.en)}.` };
}

/** How the page calls the fields that a person fills in. */
const LABELS: Readonly<Record<string, Bilingual>> = {
  event: { zh: '“事件”', en: '“What for”' },
  conversation_id: { zh: '“对话”', en: '“Conversation”' },
};

/** The daemon names a field as programs do. */
function withLabel({ zh, en }: Bilingual, field: string): Bilingual {
  const label = Object.hasOwn(LABELS, field) ? LABELS[field] : undefined;
  if (!label) return { zh, en };
  return {
    zh: zh.startsWith(`${field} `) ? label.zh + zh.slice(field.length + 1) : zh,
    en: en.startsWith(`${field} `) ? label.en + en.slice(field.length) : en,
  };
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
