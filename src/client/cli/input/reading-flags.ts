import type { Flag } from '../flags.ts';

/** The id under which a reading counts once. */
export const ID_FLAG = {
  value: 'ID',
  meaning: { zh: '记录的 id；相同 id 只记一次', en: 'the id of the reading; the same id counts once' },
} as const satisfies Flag;

/** The conversation of a reading, which its event may name instead. */
export const CONVERSATION_FLAG = {
  value: 'ID',
  meaning: {
    zh: '所属对话；也可写在事件末尾：#名称',
    en: 'the conversation it belongs to; or #NAME at the end of the event',
  },
} as const satisfies Flag;
