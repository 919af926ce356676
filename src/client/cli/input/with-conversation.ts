import { type Entry, nameConversation } from '../../../shared/conversation-name.ts';

/** An entry with its conversation: the one of the flag, or the one that the entry names itself, which is then no part of its texts. */
export function withConversation(entry: Entry, flag: string | undefined): Entry & { readonly conversation?: string } {
  return flag === undefined ? nameConversation(entry) : { ...entry, conversation: flag };
}
