import type { Bilingual } from '../../protocol/language.ts';
import type { MeterSource, Meters } from '../../protocol/methods.ts';
import { clockText, toolName } from './meter-text.ts';

/** What a source is doing, in a word or two; a state that only a later daemon knows, as it is told. */
export function stateText({ state, since }: Pick<MeterSource, 'state' | 'since'>, nowMs: number): Bilingual {
  const known: Readonly<Record<string, Bilingual>> = STATES;
  const { zh, en } = Object.hasOwn(known, state) ? known[state]! : { zh: state, en: state };
  if (state !== 'degraded' || since === undefined) return { zh, en };
  const clock = clockText(since, nowMs);
  return { zh: `${zh}（自 ${clock} 起）`, en: `${en} since ${clock}` };
}

/** Whether the tool is on this machine and is looked at. */
export function isFound({ state }: Pick<MeterSource, 'state'>): boolean {
  return state !== 'off' && state !== 'absent';
}

/** The names of some tools in a sentence. */
export function toolNames(sources: readonly Pick<MeterSource, 'name'>[]): Bilingual {
  const names = sources.map(({ name }) => toolName(name));
  return { zh: names.join('、'), en: names.join(', ') };
}

/** How to keep a source from being read, or all of them. */
export const SWITCH_OFF: Bilingual = {
  zh: '不想被读取：token-sync settings meters.sources off；只读其中几个：token-sync settings meters.sources cursor,claude',
  en: 'to have none of it read: token-sync settings meters.sources off; to have some read alone: token-sync settings meters.sources cursor,claude',
};

/** What feeds the budget, as it is set. */
export function feedingText({ feeding }: Pick<Meters, 'feeding'>): Bilingual {
  if (!feeding) return { zh: '没有，只记录你自己同步的数值', en: 'nothing; it takes what you record' };
  const names = feeding.main.join(', ');
  if (feeding.main.some((name) => name.endsWith('.context'))) {
    return { zh: `${names}：used 跟随它的数值`, en: `${names}: used follows its figure` };
  }
  const { count } = feeding;
  return { zh: `${names}：新增的用量（${count}）加入 used`, en: `${names}: its growth (${count}) is added to used` };
}

/** The commands by which meters feed the budget, and what they will do. */
export interface Offer {
  readonly commands: readonly string[];
  readonly effect: Bilingual;
}

/** The sources, and what feeds the budget already. */
interface Fed {
  readonly sources: readonly Pick<MeterSource, 'name' | 'state'>[];
  readonly feeding?: Meters['feeding'];
}

/** What could feed the budget where nothing does and a tool was found; it is offered, and never switched on unasked. */
export function offersOf({ sources, feeding }: Fed): Offer[] {
  if (feeding) return [];
  const found = sources.filter(isFound).map(({ name }) => name);
  const counters = found.filter((name) => name !== 'cursor');
  return [
    ...(found.includes('cursor') ? [CURSOR_OFFER] : []),
    ...(counters.length > 0 ? [counterOffer(counters)] : []),
  ];
}

const CURSOR_OFFER: Offer = {
  commands: ['token-sync settings budget.kind context', 'token-sync settings meters.main cursor.context'],
  effect: {
    zh: 'used 会一直等于 Cursor 显示的上下文用量，不用再复制；额度变为一次对话的空间',
    en: 'used is then always the context that Cursor shows, with nothing to copy; the budget is the room in one conversation',
  },
};

function counterOffer(counters: readonly MeterSource['name'][]): Offer {
  const names = toolNames(counters.map((name) => ({ name })));
  return {
    commands: [`token-sync settings meters.main ${counters.join(',')}`],
    effect: {
      zh: `从那时起，${names.zh} 用掉的 Token（fresh：不含缓存读取）会加入 used；之前的不计`,
      en: `what ${names.en} uses from then on is added to used (fresh: without cache reads); nothing from before is counted`,
    },
  };
}

/** The sentence before the offers. */
export const OFFER: Bilingual = {
  zh: '额度也可以自动更新，运行其中一项即可',
  en: 'the budget can be kept up to date by itself; run one of these',
};

const STATES: Readonly<Record<MeterSource['state'], Bilingual>> = {
  off: { zh: '已关闭', en: 'switched off' },
  absent: { zh: '本机没有', en: 'not found here' },
  reading: { zh: '正在读取以前的记录', en: 'reading its past' },
  idle: { zh: '空闲', en: 'idle' },
  live: { zh: '实时', en: 'live' },
  degraded: { zh: '读取异常', en: 'degraded' },
};
