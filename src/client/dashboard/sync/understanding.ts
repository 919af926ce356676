import type { Bilingual } from '../../../protocol/language.ts';
import type { Usage } from '../../../protocol/methods.ts';
import { explainRefusal, parseTokenValue } from '../../../protocol/token-value.ts';
import { effectOf } from '../../../shared/effect.ts';

/** The meaning of a value below the present figure: the counter has started anew, or the figure was wrong. */
export type Meaning = 'manual' | 'correction';

/** How a text is understood against the present figure. */
export type Understanding =
  | {
      readonly kind: 'value';
      readonly tokens: number;
      /** The increment that recording it makes; negative only for a correction; absent where only the daemon knows it. */
      readonly increment: number | undefined;
      /** It is below the present figure, and not merely a rounded form of it: a person must choose its meaning. */
      readonly isLower: boolean;
      /** It is the present figure, rounded. */
      readonly isRounded: boolean;
      /** A budget written beside it that is not the present one. */
      readonly otherTotal: number | undefined;
    }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly text: Bilingual };

/** Longer than the words around a figure. */
export const MAX_VALUE_LENGTH = 80;

/**
 * Whether a pasted text is to be counted: a person and an assistant speak in it, or it is more than the words around a
 * figure and tells no one figure.
 */
export function isConversation(text: string): boolean {
  if (PERSON.test(text) && ASSISTANT.test(text)) return true;
  return text.trim().length > MAX_VALUE_LENGTH && !parseTokenValue(text).ok;
}

const PERSON = speaker('user|human|you|me|q|用户|人类|我|你|问|提问');
const ASSISTANT = speaker(
  'assistant|ai|bot|a|chatgpt|gpt|claude|gemini|copilot|deepseek|qwen|kimi|助手|助理|机器人|答|回答|回复|AI ?助手',
);

/** A line that begins with one of the names, as conversations are copied: `User:`, `**User**:`, `You said:`, `用户：`. */
function speaker(names: string): RegExp {
  return new RegExp(`^[ \\t>#*]*(?:${names})[ *]*(?:said|说)?[ *]*[:：]`, 'imu');
}

/** Understands a text as the daemon will; `isSum` where `used` is no counter's figure, so that nothing can be compared with it. */
export function understand(
  text: string,
  { used, total, isSum = false }: Pick<Usage, 'used' | 'total'> & { readonly isSum?: boolean },
  meaning: Meaning = 'manual',
): Understanding {
  if (text.trim() === '') return { kind: 'nothing' };
  const parsed = parseTokenValue(text);
  if (!parsed.ok) return { kind: 'refused', text: explainRefusal(text) };
  const { tokens, unit } = parsed;
  const manual = effectOf(used, { tokens, unit, sync_type: 'manual' });
  const isLower = !isSum && manual.reset === true;
  const { increment } = isLower ? effectOf(used, { tokens, unit, sync_type: meaning }) : manual;
  return {
    kind: 'value',
    tokens,
    increment: isSum ? undefined : increment,
    isLower,
    isRounded: !isSum && manual.rounded === true,
    otherTotal: parsed.total !== undefined && parsed.total >= 1 && parsed.total !== total ? parsed.total : undefined,
  };
}
