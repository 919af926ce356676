import { isSinceUnicode17 } from '../../../src/daemon/estimate/unicode-17.ts';

/** Texts of many kinds, always the same ones; without long runs, on which js-tiktoken, their judge, would take for ever. */
export function* corpus(textsPerKind: number): Generator<[kind: string, text: string]> {
  for (const [kind, parts] of Object.entries(KINDS)) {
    const random = randomFrom(kind.length * 7919 + 17);
    for (let index = 0; index < textsPerKind; index++) {
      let text = '';
      const length = 1 + Math.floor(random() * 120);
      while (text.length < length) text += typeof parts === 'function' ? parts(random) : pick(parts, random);
      yield [kind, text];
    }
  }
}

/** The text without what js-tiktoken takes otherwise than OpenAI: JavaScript's white space, its case, its Unicode. */
export function withoutDisputed(text: string): string {
  return Array.from(text)
    .filter((character) => !/[\u0085\ufeffſ]/.test(character) && !isSinceUnicode17(character.codePointAt(0)!))
    .join('');
}

type Random = () => number;

const WORDS_BETWEEN = [' ', ' ', ' ', ', ', '. ', '\n', '; ', ' — ', '? ', '! '];

const KINDS: Record<string, readonly string[] | ((random: Random) => string)> = {
  english: words(
    "The the quick brown fox doesn't jump OVER lazy dogs they'll I'VE we'd CAN'T McDonald's iPhone naïve 1984 3.14159",
  ),
  'modern Chinese':
    '我们今天讨论项目的整体架构，数据不会丢失。价格是三百五十元！系统重启之后恢复到最近一次已经确认的状态；'.split(''),
  'classical Chinese':
    '學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？天地玄黃宇宙洪荒。子曰：「𠀀龘靐齉」'.match(/./gu) ?? [],
  Japanese: 'これはテストです。トークンを数える、ｶﾀｶﾅ、東京タワー々〆ヶ「」'.split(''),
  Korean: words('안녕하세요 세계 토큰을 셉니다 대한민국 ㅋㅋㅋ 가나다'),
  Arabic: words('مرحبا بالعالم هذا اختبار السَّلامُ عَلَيْكُمْ ١٢٣٤ لا إله'),
  'other scripts': words('Привет МИРу Ελληνικά ΣΊΣΥΦΟΣ हिन्दी भाषा ไทย עִבְרִית Ǆǅǆ ﬁﬂ İstanbul ß ẞ Ⅷ ½ ² ൨'),
  emoji: ['😀', '👩‍👩‍👧‍👦', '👍🏽', '🇨🇳', '🏳️‍🌈', '❤️', '1️⃣', '👨🏿‍💻', ' ', '🫠', '⚠️', '!'],
  code: words(
    'const x=()=>{ if(a!==b){return;} } \tfoo_bar(&self,i32)->Vec<u8> // TODO: #include<stdio.h> def __init__(self): SELECT*FROM t; $HOME/.bashrc </div> 0xFF HTTPServer\n\n',
  ),
  JSON: ['{"', '":', ' [', '1', '25', ',', '"tokens"', 'null', 'true', '\\n', '\\u4e00', '}', ']', ': "', '\n  '],
  base64: (random) => pick('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', random),
  whitespace: [' ', '  ', '\t', '\n', '\r\n', '\n\n', '\u00a0', '\u3000', '\u2028', '\v\f', 'x', '    ', '/', '-'],
  'control characters': (random) => pick('\0\u0001\u0007\b\u001b\u001f\u007f\u0080\u009f\u200b\u200d\u202ea ', random),
  'lone surrogates': ['\ud800', '\udfff', '\ud83d', '\ude00', 'a', ' ', '中', '\udc00\ud800'],
  'special tokens': ['<|endoftext|>', '<|fim_prefix|>', '<|endofprompt|>', '<|', '|>', 'endoftext', ' ', 'a'],
  contractions: ["'s", "'S", "'Ll", "'RE", "'d", "'", 'a', 'A', '一', ' ', '\u0301', '1', '\n', "'ſ", 'ǅ', 'ʰ'],
  'any character': (random) =>
    withoutDisputed(String.fromCodePoint(Math.floor(random() * (random() < 0.8 ? 0x3000 : 0x110000)))),
};

function words(text: string): (random: Random) => string {
  const list = text.split(' ');
  return (random) => pick(list, random) + pick(WORDS_BETWEEN, random);
}

function pick<T>(from: ArrayLike<T>, random: Random): T {
  return from[Math.floor(random() * from.length)]!;
}

/** Marsaglia's xorshift. */
function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
