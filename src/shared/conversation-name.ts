/** A text without the conversation that it names. */
export interface NamedText {
  readonly text: string;
  readonly conversation?: string;
}

/** A reading as a person wrote it. */
export interface Entry {
  readonly value: string;
  readonly event: string;
}

/**
 * Takes ` #name` off, the last word of a text that a person writes about a reading (SPEC §5.5). A name begins with a letter, Han
 * characters included: `fix #123` names an issue, and stays as it is.
 */
export function takeConversation(text: string): NamedText {
  const end = text.trimEnd().length;
  let start = end;
  while (start > 0 && !isSpace(text.charAt(start - 1))) start -= 1;
  const [, conversation] = NAME.exec(text.slice(start, end).replace(SENTENCE_END, '')) ?? [];
  return conversation === undefined ? { text } : { text: text.slice(0, start).trimEnd(), conversation };
}

/** The same for an entry: the name stands at the end of the event or, before the value is read at all, of the value. */
export function nameConversation<T extends Entry>(entry: T): T & { readonly conversation?: string } {
  const event = takeConversation(entry.event);
  if (event.conversation !== undefined) return { ...entry, event: event.text, conversation: event.conversation };
  const value = takeConversation(entry.value);
  // A name alone is no value, and is refused for what it is.
  if (value.conversation === undefined || value.text === '') return entry;
  return { ...entry, value: value.text, conversation: value.conversation };
}

/** Quotes belong to the text around; a Chinese keyboard writes the wide sign. */
const NAME = /^[#＃](\p{L}[^#＃"'“”‘’]*)$/u;

/** `完成 #设计。` means no other conversation than `#设计`. */
const SENTENCE_END = /[.,;:!?…。，；：！？、)）]+$/u;

function isSpace(character: string): boolean {
  return character.trim() === '';
}
