import type { Bilingual } from '../language.ts';

/** Why a text yields no token value, as a word that programs can rely on. */
export type RefusalReason =
  | 'empty'
  | 'no_value'
  | 'negative'
  | 'signed'
  | 'fractional'
  | 'too_large'
  | 'malformed_grouping'
  | 'leading_zero'
  | 'not_usage'
  | 'not_understood'
  | 'ambiguous';

/** Each refusal in words; none quotes the text, which may come from the clipboard. */
export const REFUSAL_TEXTS: Readonly<Record<RefusalReason, Bilingual>> = {
  empty: { zh: '没有可读取的内容', en: 'there is nothing to read' },
  no_value: { zh: '没有找到 Token 数值', en: 'no token value was found' },
  negative: { zh: 'Token 数值不能是负数', en: 'a token value cannot be negative' },
  signed: {
    zh: '带加号的是增量，这里需要的是总数',
    en: 'a figure with a plus sign is an increment, not a count; leave the sign out',
  },
  fractional: { zh: 'Token 必须是整数', en: 'tokens must be a whole number' },
  too_large: {
    zh: '数值过大，最大为 9,007,199,254,740,991 (2^53−1)',
    en: 'the value is too large; the largest is 9,007,199,254,740,991 (2^53−1)',
  },
  malformed_grouping: {
    zh: '数字分组有误：请每三位一组，只用一种分隔符，小数点不用于分组',
    en: 'the digits are grouped wrongly: groups of three, one kind of separator, and no point as the separator',
  },
  leading_zero: { zh: '数字以 0 开头，不像 Token 数值', en: 'a number that begins with a zero is not a token value' },
  not_usage: {
    zh: '这不是已使用量，而是剩余量、额度、速率、价格、预计值或用量的一部分',
    en: 'this is not what was used, but what remains or is allowed, a rate, a price, a forecast or a part of the usage',
  },
  not_understood: {
    zh: '数值旁边有看不懂的内容，无法确定它是已使用量',
    en: 'what stands beside the figure is not understood, so it may be no usage',
  },
  ambiguous: { zh: '有多个可能的数值，无法确定是哪一个', en: 'more than one value is possible and none is certain' },
};

/** The forms of a token value that are accepted, for a person whose text was refused. */
export const ACCEPTED_FORMS: Bilingual = {
  zh: '可接受的写法：350000、350,000、350 000、350K、1.2M、35万、1.2亿、“350,000 tokens used”、“350,000 / 1,000,000”',
  en: 'accepted forms: 350000, 350,000, 350 000, 350K, 1.2M, 35万, 1.2亿, "350,000 tokens used", "350,000 / 1,000,000"',
};
