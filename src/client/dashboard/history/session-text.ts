import type { Bilingual } from '../../../protocol/language.ts';
import type { Session } from '../../../protocol/methods.ts';
import { textOf } from '../../../shared/foreign-text.ts';
import { kindText } from '../../../shared/words/sync-kinds.ts';

/** The event of a session, whichever program wrote it. */
export function eventOf(session: Session): string {
  return textOf(session.event ?? session.task);
}

/** The event of a session for display; without one it says so. */
export function titleOf(session: Session): Bilingual {
  const event = eventOf(session);
  return event.trim() === '' ? NO_EVENT : { zh: event, en: event };
}

/** When a session was, as it says itself, whichever program wrote it. */
export function timeOf(session: Session): string {
  return textOf(session.timestamp ?? session.start_time);
}

/** A session's increment, if it has one. */
export function incrementOf({ tokens }: Session): number | undefined {
  return typeof tokens === 'number' && Number.isSafeInteger(tokens) ? tokens : undefined;
}

/** The usage after a session, if it holds a figure. */
export function usedOf({ total_used }: Session): number | undefined {
  return typeof total_used === 'number' && Number.isSafeInteger(total_used) ? total_used : undefined;
}

/** The consumption that a session counts, if it holds an amount (SPEC §3). */
export function countedOf(session: Session): number | undefined {
  const { counted } = session;
  if (typeof counted === 'number' && Number.isSafeInteger(counted) && counted >= 0) return counted;
  const increment = incrementOf(session);
  return increment === undefined ? undefined : Math.max(0, increment);
}

/** The kind of a session in words, or as another program calls it. */
export function kindOf(session: Session): Bilingual {
  return kindText(textOf(session.sync_type ?? session.method));
}

const NO_EVENT: Bilingual = { zh: '（无描述）', en: '(no description)' };
