import { ulid } from 'ulid';
import { figureText, signedTokens } from '../../../protocol/figures.ts';
import type { Receipt } from '../../../protocol/methods.ts';
import { daemon } from '../connection.ts';
import { notify } from '../state.ts';
import { undoReading } from '../undo.ts';
import type { Meaning } from './understanding.ts';

/** What a person has entered. */
export interface Entry {
  readonly value: string;
  readonly event: string;
  readonly syncType: Meaning | 'estimate';
}

/**
 * The way to record an entry and say so. Whoever tries the same entry again, because no answer came, records it once;
 * throws the daemon's failure.
 */
export function recorder(): (entry: Entry) => Promise<void> {
  let last = { key: '', id: '' };
  return async (entry) => {
    const key = JSON.stringify(entry);
    if (last.key !== key) last = { key, id: ulid() };
    const { value, event, syncType } = entry;
    const receipt = await daemon().quickRecord(value, event, { id: last.id, syncType });
    tell(receipt);
  };
}

function tell({ id, total_used, increment, total }: Receipt): void {
  const figure = figureText({ used: total_used, total });
  const amount = signedTokens(increment);
  notify({
    tone: 'good',
    text: { zh: `Token已更新: ${figure}`, en: `Recorded: ${figure}` },
    detail: { zh: `本次增量: ${amount} tokens`, en: `Increment: ${amount} tokens` },
    action: { label: { zh: '撤销', en: 'Undo' }, run: () => void undoReading(id) },
  });
}
