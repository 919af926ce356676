import { ulid } from 'ulid';
import type { Receipt } from '../../../protocol/methods.ts';
import { figureText, signedTokensText } from '../../../shared/words/figures.ts';
import { remarksOn } from '../../../shared/words/reading-remarks.ts';
import { undoReading } from '../dialogs/undo.ts';
import { daemon } from '../live/connection.ts';
import { notify } from '../notices/notices.ts';
import type { Meaning } from './understanding.ts';

/** The content of the form. */
export interface Entry {
  readonly value: string;
  readonly event: string;
  readonly conversation: string;
  readonly syncType: Meaning | 'estimate';
}

/**
 * The way to record an entry and say so. Whoever tries the same entry again, because no answer came, or after a yes to what is odd
 * about it, records it once; throws the daemon's failure, with its question for an odd entry that nobody has confirmed.
 */
export function recorder(): (entry: Entry, isConfirmed: boolean) => Promise<void> {
  let last = { key: '', id: '' };
  return async (entry, isConfirmed) => {
    const key = JSON.stringify(entry);
    if (last.key !== key) last = { key, id: ulid() };
    const { value, event, conversation, syncType } = entry;
    const receipt = await daemon().quickRecord(value, event, {
      id: last.id,
      syncType,
      ...(conversation !== '' && { conversationId: conversation }),
      ...(!isConfirmed && { ask: true }),
    });
    tell(receipt);
  };
}

function tell(receipt: Receipt): void {
  const { id, total_used, increment, total } = receipt;
  const figure = figureText({ used: total_used, total });
  const amount = signedTokensText(increment);
  const remarks = remarksOn(receipt);
  notify({
    tone: 'good',
    text: { zh: `Token已更新: ${figure}`, en: `Recorded: ${figure}` },
    detail: {
      zh: [`本次增量: ${amount}`, ...remarks.map(({ zh }) => zh)].join('；'),
      en: [`Increment: ${amount}`, ...remarks.map(({ en }) => en)].join('; '),
    },
    action: { label: { zh: '撤销', en: 'Undo' }, run: () => void undoReading(id) },
  });
}
