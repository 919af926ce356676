import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';

/** The failure of what asks for the history while it is made anew. */
export class HistoryUnready extends TokenSyncError {
  constructor() {
    super(
      'busy',
      { zh: '历史正在重建，没有更改', en: 'the history is being made anew; nothing was changed' },
      {
        hint: {
          zh: '请稍后再试；进度见 token-sync status',
          en: 'try again shortly; `token-sync status` shows how far it is',
        },
      },
    );
  }
}

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

/** The warning that a database was set aside that knows more than the ledger. */
export function lostHistory(name: string, readings: number): Bilingual {
  return {
    zh: `账本比历史数据库少 ${readings} 条记录；它们只在 ${name} 中，请把账本从备份放回`,
    en: `the ledger lacks ${readings} readings that the history had; only ${name} holds them. Put the ledger back from a backup`,
  };
}
