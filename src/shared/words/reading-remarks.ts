import type { Bilingual } from '../../protocol/language.ts';
import type { Receipt } from '../../protocol/methods.ts';
import { formatTokens } from '../../protocol/token-value.ts';
import { signedTokens } from './figures.ts';

/**
 * Sentences about everything out of the ordinary with a reading that was recorded or undone (SPEC §3);
 * `undoHint` is how a restart that was none is taken back.
 */
export function remarksOn(receipt: Receipt, undoHint: Bilingual = { zh: '', en: '' }): Bilingual[] {
  const { reset, rounded, total_used, increment, counted, flags, touched } = receipt;
  return [
    ...(isRestart({ reset, flags }) ? [restarted(total_used, undoHint)] : []),
    ...(rounded ? [ROUNDED] : []),
    ...flagTexts(flags),
    ...(touched ? [aboutReading(touched)] : []),
    ...(counted ? [usageText(counted, increment)] : []),
  ];
}

/** True where the counter has started anew: a lower figure of another conversation is none of that. */
export function isRestart({ reset, flags }: { readonly reset?: unknown; readonly flags?: unknown }): boolean {
  return reset === true && !(Array.isArray(flags) && flags.includes('new'));
}

/** A sentence for each flag; flags of another version have none. A session of another program may hold anything for flags. */
export function flagTexts(flags: unknown): Bilingual[] {
  if (!Array.isArray(flags)) return [];
  return flags.flatMap((flag) =>
    typeof flag === 'string' && Object.hasOwn(FLAG_TEXTS, flag) ? [FLAG_TEXTS[flag as ReadingFlag]] : [],
  );
}

function restarted(used: number, undoHint: Bilingual): Bilingual {
  const figure = formatTokens(used);
  return {
    zh: `数值低于之前的记录：计数器重新开始，现在从 ${figure} 算起${undoHint.zh}`,
    en: `the value is lower than before: the counter has started anew, and now stands at ${figure}${undoHint.en}`,
  };
}

function aboutReading({ event, timestamp, increment }: NonNullable<Receipt['touched']>): Bilingual {
  const [figure, name] = [signedTokens(increment), nameOf(event)];
  return {
    zh: `涉及 ${timestamp} 的读数${name.zh}（${figure}）`,
    en: `this is about the reading of ${timestamp}${name.en} (${figure})`,
  };
}

function nameOf(event: string): Bilingual {
  const name = shortName(event);
  return name === '' ? { zh: '', en: '' } : { zh: `“${name}”`, en: ` “${name}”` };
}

/** The event in one short line, without controls: anybody may have recorded it. */
export function shortName(event: string): string {
  const line = event.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return [...line].length > MOST_SHOWN ? `${[...line].slice(0, MOST_SHOWN - 2).join('')} …` : line;
}

function usageText(counted: number, increment: number): Bilingual {
  const figure = formatTokens(counted);
  return {
    zh: `计入用量：${figure}`,
    en: increment > counted ? `of that, ${figure} count as usage` : `${figure} count as usage`,
  };
}

const MOST_SHOWN = 60;

const ROUNDED = {
  zh: '这是当前数值的约数，已使用量保持不变',
  en: 'this is the present figure, rounded; the usage stays as it is',
};

type ReadingFlag = NonNullable<Receipt['flags']>[number];

const FLAG_TEXTS: Readonly<Record<ReadingFlag, Bilingual>> = {
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
  calibrated: {
    zh: '用量由实时计量自动计入，这个读数只校准数值',
    en: 'a live meter counts what is used, so this reading sets the figure and counts nothing',
  },
};
