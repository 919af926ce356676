import type { Bilingual } from './language.ts';
import type { Receipt } from './methods.ts';

export type ReadingFlag = NonNullable<Receipt['flags']>[number];

/** What was made of a reading, beside its increment, in a sentence that a person understands (SPEC §3). */
export const FLAG_TEXTS: Readonly<Record<ReadingFlag, Bilingual>> = {
  first: {
    zh: '这是第一个读数：不知道是何时用掉的，不计入用量',
    en: 'this is the first figure: nobody knows when it was used, so it counts as no usage',
  },
  late: {
    zh: '它早于最近的读数，数值保持不变',
    en: 'it is older than the last reading, so the figure stays as it is',
  },
  replaces: {
    zh: '前一个读数看来是输错的，由这一个取代，不再计入用量',
    en: 'the reading before it was a slip: this one takes its place, and that one counts nothing',
  },
  gave_way: {
    zh: '此前的估算偏高，多出的部分已不计入用量',
    en: 'the estimates before it were too high, and count that much less',
  },
  new: {
    zh: '这是新的对话，从它自己的数值算起',
    en: 'this is a conversation not known before, which counts by its own figure',
  },
  restates: {
    zh: '它更正了之前的一个读数',
    en: 'it puts an earlier reading right',
  },
};
