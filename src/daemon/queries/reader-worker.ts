// Looks back into the history, in a process of its own: one message a line.
import { createInterface } from 'node:readline';
import { TokenSyncError } from '../../protocol/errors.ts';
import { faultOf } from '../disk/database-fault.ts';
import { reply } from '../process/output.ts';
import { openToRead } from '../store/index/database/database.ts';
import { HistoryReader } from '../store/index/reading/reader.ts';
import { answer, isLookingBack, lookFor } from './questions.ts';
import type { Order, ReaderMessage, ReaderReply } from './reader-process.ts';

/** Nobody waits for the answer any more. */
class Cancelled extends Error {}

/** Orders that are being answered, and what became of them meanwhile. */
const underWay = new Map<number, { isCancelled: boolean; isOver: boolean }>();
const path = process.argv[2]!;

createInterface({ input: process.stdin })
  .on('line', (line) => hear(JSON.parse(line)))
  .on('close', () => {
    for (const state of underWay.values()) state.isCancelled = true;
  });

function hear(message: ReaderMessage): void {
  if ('cancel' in message) {
    const state = underWay.get(message.cancel);
    if (state) state.isCancelled = true;
  } else if ('hurry' in message) {
    const state = underWay.get(message.hurry);
    if (state) state.isOver = true;
  } else void carryOut(message);
}

// Any other failure is a bug: it ends the process, and whoever started it tells those who wait.
async function carryOut(order: Order): Promise<void> {
  try {
    say({ id: order.id, answer: await answerTo(order) });
  } catch (error) {
    if (error instanceof TokenSyncError) {
      const { kind, text, field, hint } = error;
      say({ id: order.id, refusal: { kind, text, field, hint } });
      return;
    }
    const fault = faultOf(error);
    if (fault) say({ id: order.id, fault, message: (error as Error).message });
    else if (!(error instanceof Cancelled)) throw error;
  } finally {
    underWay.delete(order.id);
  }
}

/** By a connection of its own, so that none stands in the way when the database is set aside. */
async function answerTo({ id, question, patienceMs = Number.POSITIVE_INFINITY }: Order): Promise<unknown> {
  const db = openToRead(path);
  try {
    const reader = new HistoryReader(db);
    if (!isLookingBack(question)) return answer(reader, question);
    const state = { isCancelled: false, isOver: false };
    underWay.set(id, state);
    const endsMs = performance.now() + patienceMs;
    return await lookFor(reader, question, {
      most: Number.POSITIVE_INFINITY,
      isOver: () => state.isOver || performance.now() > endsMs,
      throwIfGone: () => {
        if (state.isCancelled) throw new Cancelled();
      },
    });
  } finally {
    db.close();
  }
}

function say(message: ReaderReply): void {
  reply(message);
}
