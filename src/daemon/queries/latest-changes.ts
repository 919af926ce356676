import type { Params, Result, Session, ToldAlert, ToldChange } from '../../protocol/methods.ts';
import type { KeptChange } from '../store/index/kept-changes.ts';
import type { LedgerIndex } from '../store/index/ledger-index.ts';
import { shownSession } from '../store/ledger/ledger-session.ts';

const DEFAULT_CHANGES = 60;

/** The latest changes, newest first, with the alerts that were told since the oldest of them. */
export function changesOf(
  index: LedgerIndex,
  alerts: readonly ToldAlert[],
  { limit = DEFAULT_CHANGES }: Params<'usage.changes'>,
): Result<'usage.changes'> {
  const changes = index.latestChanges(limit).map((change) => toldOf(change, index));
  const oldest = changes.at(-1)?.revision ?? 0;
  return { changes, alerts: alerts.filter(({ revision }) => revision >= oldest).reverse() };
}

function toldOf(change: KeptChange, index: LedgerIndex): ToldChange {
  const { revision, committed_at: at, kind: cause, used, total, before, sessions } = change;
  const session = sessionOf(change.reading?.id ?? change.undone, index);
  const brought = cause === 'import' || cause === 'edit' ? sessions : 0;
  return {
    ...{ revision, at, cause, used, total, increment: used - before },
    ...(session && { session }),
    ...(brought > 0 && { sessions: brought }),
  };
}

/** As it stands by now; nothing of one that cannot be read any more. */
function sessionOf(id: string | undefined, index: LedgerIndex): Session | undefined {
  const ordinal = id === undefined ? undefined : index.ordinalOf(id);
  const found = ordinal === undefined ? undefined : index.read(ordinal);
  if (ordinal === undefined || !found) return undefined;
  const session = shownSession(found, index.sessions.countedOf(ordinal));
  return index.sessions.isUndone(ordinal) ? { ...session, undone: true } : session;
}
