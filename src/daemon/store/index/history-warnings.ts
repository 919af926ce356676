import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';

/** The failure of what asks for the history while it is made anew, or while another program keeps it locked. */
export class HistoryUnready extends TokenSyncError {
  constructor(isLocked = false) {
    super('busy', isLocked ? LOCKED.text : UNREADY.text, { hint: isLocked ? LOCKED.hint : UNREADY.hint });
  }
}

const UNREADY = {
  text: { zh: '历史正在重建，没有更改', en: 'the history is being made anew; nothing was changed' },
  hint: {
    zh: '请稍后再试；进度见 token-sync status',
    en: 'try again shortly; `token-sync status` shows how far it is',
  },
};

const LOCKED = {
  text: {
    zh: '另一个程序锁定了 history.db，没有更改',
    en: 'another program keeps history.db locked; nothing was changed',
  },
  hint: { zh: '请在那个程序中结束写入或关闭它', en: 'end the writing in that program, or close it' },
};

/** The word, while it is made anew, how much of the ledger is in, from 0 to 1. */
export function historyMadeAnew(done: number): Bilingual {
  const percent = Math.floor(done * 100);
  return {
    zh: `正在由账本重建历史（${percent}%）；记录照常进行`,
    en: `the history is being made anew from the ledger (${percent} %); recording goes on`,
  };
}

/** The warning that the database of the history was of no use. */
export function damagedHistory(error: unknown): Bilingual {
  const { message } = error as Error;
  return {
    zh: `历史数据库有问题 (${message})，已原样保存并由账本重建；记录没有丢失`,
    en: `the database of the history had a fault (${message}); it was set aside and made anew from the ledger, which lost nothing`,
  };
}

/** The warning that no file holds the history, and why. */
export function historyInMemory(fault: 'busy' | 'room'): Bilingual {
  return fault === 'busy'
    ? {
        zh: '另一个程序锁定了 history.db；历史暂存于内存，请关闭那个程序并重启 token-sync',
        en: 'another program keeps history.db locked: the history is held in memory. Close that program and restart token-sync',
      }
    : {
        zh: '磁盘空间不足以存放历史数据库；历史暂存于内存，记录照常进行。请腾出空间并重启 token-sync',
        en: 'the disk has no room for the database of the history, which is held in memory; recording goes on. Make room and restart token-sync',
      };
}

/** The warning that a database was set aside that knows more than the ledger. */
export function lostHistory(name: string, readings: number): Bilingual {
  return {
    zh: `账本比历史数据库少 ${readings} 条记录；它们只在 ${name} 中，请把账本从备份放回`,
    en: `the ledger lacks ${readings} readings that the history had; only ${name} holds them. Put the ledger back from a backup`,
  };
}
