import type { Bilingual } from '../protocol/language.ts';

/** The text of a file, or why its bytes are not read as one. */
export type DecodedText = { readonly text: string } | { readonly fault: EncodingFault };

export type EncodingFault = 'utf-16' | 'unknown' | 'no_text';

/** Each fault in words, with a hint. */
export const ENCODING_FAULTS: Readonly<Record<EncodingFault, { readonly text: Bilingual; readonly hint: Bilingual }>> =
  {
    'utf-16': {
      text: {
        zh: '文件是没有标记（BOM）的 UTF-16 文本',
        en: 'the file is UTF-16 text without its mark (BOM)',
      },
      hint: { zh: '请另存为 UTF-8', en: 'save it as UTF-8' },
    },
    unknown: {
      text: {
        zh: '文件的编码无法确定：不是 UTF-8，也不像中文的 GBK',
        en: 'the encoding of the file is not known: it is not UTF-8, and does not look like Chinese in GBK',
      },
      hint: { zh: '请另存为 UTF-8', en: 'save it as UTF-8' },
    },
    no_text: {
      text: { zh: '不是文本文件', en: 'this is no text' },
      hint: { zh: '请放入 UTF-8 文本', en: 'give a text in UTF-8' },
    },
  };

/**
 * Reads the bytes of a text file: UTF-8, UTF-16 with its mark as PowerShell writes it, or GB 18030 as a Chinese `cmd` does.
 * Every byte after a first one above 0x7F can be GB 18030, so that is believed only where it reads as Chinese.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const marked = MARKS.find(([first, second]) => bytes[0] === first && bytes[1] === second)?.[2];
  const text = decode(bytes, marked ?? 'utf-8');
  if (text !== undefined && !text.includes('\0')) return { text };
  // After a power cut zeros stand where the writer had not synced; no text but UTF-16 has any.
  if (bytes.includes(0)) return { fault: marked === undefined && isUnmarked(bytes) ? 'utf-16' : 'no_text' };
  const chinese = marked === undefined ? decode(bytes, 'gb18030') : undefined;
  return chinese !== undefined && isChinese(chinese) ? { text: chinese } : { fault: 'unknown' };
}

const MARKS = [
  [0xff, 0xfe, 'utf-16le'],
  [0xfe, 0xff, 'utf-16be'],
] as const;

function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** True for figures in UTF-16 that has no mark. */
function isUnmarked(bytes: Uint8Array): boolean {
  return MARKS.some(([, , encoding]) => {
    const text = decode(bytes, encoding) ?? '';
    return /[0-9]/.test(text) && !text.includes('\0');
  });
}

/**
 * True where common Han characters are more than half of what is neither ASCII nor punctuation and digits of full width.
 * A single one at a Latin letter is more likely two letters with accents, as in `usunąć`.
 */
function isChinese(text: string): boolean {
  const letters = [...text].filter((char) => char > '\x7f' && !TYPESET.test(char));
  if (letters.length === 1 && /[a-z][^\0-\x7f]|[^\0-\x7f][a-z]/i.test(text)) return false;
  return letters.filter((char) => COMMON_HAN.has(char)).length * 2 > letters.length || letters.length === 0;
}

const TYPESET = /[\u2010-\u2026\u3000-\u301f\uff01-\uff5e]/;

/**
 * The Han characters that make up nearly all of everyday and technical Chinese, in the order of GB 2312: the most
 * frequent ones of running text, and those of this program's trade. Text of another encoding that is read as GBK hits
 * them by chance only, one time in four at the most.
 */
const COMMON_HAN: ReadonlySet<string> = new Set(
  [
    '安按暗案吧八拔把白百佰败板版半办帮包保报北倍备被本比币闭必边编便变标表别病并补不布步部材才财采餐参仓',
    '操策册测插查差拆产场常长厂超车撤晨称城成程持迟充冲虫初出除础触处传串窗创春戳磁词此次从粗存错达答打大',
    '带代待单但弹当导到道德得的登等低底地第递点电店掉调定订丢东冬懂动豆逗都独读度端段断队对盾多额而儿二发',
    '法翻烦反返范方房防访放非费分粉份否符服辅副覆复付负该改概盖感刚高告割格隔个各给跟更工功供公共构购估股',
    '固关观管惯光规归滚国果过海含函汉毫好耗号和何合黑很洪红候后乎忽护互户花画划化话坏欢环还缓换荒黄恢回会',
    '混活或击基机积辑集及即级几己计记际继纪夹家加价架监间兼检剪减荐鉴见键箭件健建将奖交脚角教较接阶截节结',
    '解界金今仅进近尽精经警景境径久九酒旧就局聚拒据具距句觉决绝均军卡开看康考靠科可克刻客课空控口库块快款',
    '框况扩拉来赖蓝览老乐累类离理里历利例立力联连链练两量疗了料列邻零领另令留流六露路录陆旅律率滤绿略轮论',
    '落麻码马吗买满忙矛么没每美门们米密免面描秒民明名命模末默某目哪那纳南男难呢内能你年您钮农女欧爬排牌盘',
    '旁配批篇偏票频品平评普谱期七其起启器气迄汽千迁签仟钱前浅强切且清擎情请秋求区驱取去权全缺却确群然染让',
    '人任认仍日容如入软润若三色筛山删商上尚稍少摄涉社设身深神审声生升省剩圣师失十石拾时什食实识史使始式示',
    '世事势是适市视试收手守授售受殊输书署属术述束数刷双谁水顺说斯思司丝死四送搜速诉算随岁损缩索所他它她台',
    '太态套特腾提题体替天条跳贴听停通同统投头突图土团推退拖外完晚万王网往望围为尾未位文闻稳问我屋无五午物',
    '勿务误析西息习系戏下夏先闲显险现限线相详想项像向象销消小校效些协写卸泄谢薪新心信星型形行醒性修需须许',
    '序续玄选学询寻训压牙言颜眼验样药要也页业一医依移仪已以亿亦意义议译因音银引英应迎影硬用由邮油游有右又',
    '于余与宇语预元原员圆源院约跃钥月阅云允运载再在暂早造择则怎增曾赠眨粘展占战章张涨账找照兆者这真争整正',
    '政证支知之直值址指止只志至致置制智治中钟终种重周宙骤逐主柱助住注转装状准桌着资子自字总走足组最昨左做',
    '作',
  ].join(''),
);
