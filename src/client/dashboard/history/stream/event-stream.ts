import type { Change, Result, Session, ToldAlert, ToldChange } from '../../../../protocol/methods.ts';
import { incrementOf } from '../session-text.ts';

/** One row of the event stream: a committed change, or an alert. */
export interface StreamItem {
  /** The same for the same thing, however the page came to know of it. */
  readonly key: string;
  readonly revision: number;
  readonly cause: Change['cause'] | 'alert';
  /** When it was committed or told, in milliseconds. */
  readonly atMs: number;
  /** How much `used` grew by it, where that is known. */
  readonly increment: number | undefined;
  readonly used: number;
  readonly total: number;
  /** The reading that was recorded or undone. */
  readonly session: Session | undefined;
  /** How many an import or an edit brought. */
  readonly sessions: number;
  readonly alert: ToldAlert | undefined;
  readonly isNew: boolean;
}

/** The stream holds this many rows; older readings are in the table. */
export const MOST_ITEMS = 60;

const FEW = 3;

/** The stream as the daemon tells it, newest first; items that came after its answer stay, and so do highlights. */
export function itemsOf({ changes, alerts }: Result<'usage.changes'>, shown: readonly StreamItem[]): StreamItem[] {
  const isNew = new Set(shown.flatMap((item) => (item.isNew ? [item.key] : [])));
  const figures = new Map(changes.map((change) => [change.revision, change]));
  const told = [
    ...alerts.flatMap((alert) => alertItem(alert, figures.get(alert.revision))),
    ...changes.map(changeItem),
  ].map((item) => ({ ...item, isNew: isNew.has(item.key) }));
  // An alert stands above the change that it tells of: the order of equal revisions is kept.
  told.sort((one, other) => other.revision - one.revision);
  const newest = changes[0]?.revision ?? 0;
  return [...shown.filter(({ revision }) => revision > newest), ...told].slice(0, MOST_ITEMS);
}

/** The stream after more changes, oldest first, that came at `nowMs`; the newest stands on top and the oldest are left out. */
export function withChanges(items: readonly StreamItem[], changes: readonly Change[], nowMs: number): StreamItem[] {
  let last = items[0];
  const added: StreamItem[] = [];
  for (const { revision, previous_revision, cause, usage, session } of changes) {
    const grown = last?.revision === previous_revision ? usage.used - last.used : undefined;
    last = {
      ...{ key: keyOf(revision), revision, cause, atMs: nowMs, session, sessions: 0, alert: undefined },
      increment: session ? incrementOf(session) : grown,
      used: usage.used,
      total: usage.total,
      // Each that comes by itself is pointed out; in a flood nothing would stand still.
      isNew: changes.length <= FEW,
    };
    added.push(last);
  }
  const newest = added.slice(-MOST_ITEMS).reverse();
  const oldest = newest.at(-1)?.revision ?? Number.POSITIVE_INFINITY;
  return [...newest, ...items.filter(({ revision }) => revision < oldest)].slice(0, MOST_ITEMS);
}

function changeItem(change: ToldChange): StreamItem {
  const { revision, cause, at, increment, used, total, session, sessions = 0 } = change;
  const shown = cause === 'reading' && session ? (incrementOf(session) ?? increment) : increment;
  return {
    ...{ key: keyOf(revision), revision, cause, atMs: Date.parse(at), increment: shown, used, total },
    ...{ session, sessions, alert: undefined, isNew: false },
  };
}

function alertItem(alert: ToldAlert, figures: ToldChange | undefined): StreamItem[] {
  if (!figures) return [];
  const { used, total } = figures;
  const { revision, level, at } = alert;
  return [
    {
      ...{ key: `alert-${revision}-${alert.forecast ? 'forecast' : level}`, revision, cause: 'alert', used, total },
      ...{ atMs: Date.parse(at), increment: undefined, session: undefined, sessions: 0, alert, isNew: false },
    },
  ];
}

function keyOf(revision: number): string {
  return `revision-${revision}`;
}
