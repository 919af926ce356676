import type { Change, Session } from '../../../protocol/methods.ts';

/** One row of the event stream. */
export interface StreamItem {
  readonly key: string;
  readonly cause: Change['cause'];
  /** When it was, in local time as sessions show it. */
  readonly at: string;
  /** How much `used` grew by it, where that is known. */
  readonly increment: number | undefined;
  readonly used: number | undefined;
  readonly total: number | undefined;
  readonly session: Session | undefined;
  readonly isNew: boolean;
}

/** The stream holds this many rows; older ones are in the table. */
export const MOST_ITEMS = 60;

const FEW = 3;

/** The stream as it stands before the first change: the latest sessions. */
export function itemsOf(sessions: readonly Session[]): StreamItem[] {
  return sessions.slice(0, MOST_ITEMS).map((session, index) => ({
    key: `session-${session.id ?? index}`,
    cause: 'reading',
    at: String(session.timestamp ?? session.start_time ?? ''),
    increment: typeof session.tokens === 'number' ? session.tokens : undefined,
    used: typeof session.total_used === 'number' ? session.total_used : undefined,
    total: undefined,
    session,
    isNew: false,
  }));
}

/** The stream after more changes, oldest first; the newest stands on top and the oldest are left out. */
export function withChanges(
  items: readonly StreamItem[],
  changes: readonly Change[],
  usedBefore: number | undefined,
): StreamItem[] {
  let before = usedBefore;
  const added: StreamItem[] = [];
  for (const { revision, cause, usage, session } of changes) {
    const sum = before === undefined ? undefined : usage.used - before;
    before = usage.used;
    added.push({
      key: `revision-${revision}`,
      cause,
      at: String(session?.timestamp ?? usage.last_updated.replace('T', ' ')),
      increment: typeof session?.tokens === 'number' ? session.tokens : sum,
      used: usage.used,
      total: usage.total,
      session,
      // Each that comes by itself is pointed out; in a flood nothing would stand still.
      isNew: changes.length <= FEW,
    });
  }
  const newest = added.slice(-MOST_ITEMS).reverse();
  // A snapshot may hold already what is told as a change a moment later.
  const told = new Set(newest.flatMap(({ session }) => session?.id ?? []));
  const older = items.filter(({ session }) => session?.id === undefined || !told.has(session.id));
  return [...newest, ...older].slice(0, MOST_ITEMS);
}
