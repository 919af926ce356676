import type { Params, Result, Session, ToldAlert, ToldChange } from '../../protocol/methods.ts';
import { type ChangeRow, type FoundRow, type HistoryReader, sessionOf } from '../store/index/reading/reader.ts';
import { shownSession } from '../store/ledger/ledger-session.ts';

const DEFAULT_CHANGES = 60;

/** The latest changes, newest first, with the alerts that were told since the oldest of them. */
export function changesOf(
  reader: HistoryReader,
  alerts: readonly ToldAlert[],
  { limit = DEFAULT_CHANGES }: Params<'usage.changes'>,
): Result<'usage.changes'> {
  const changes = reader.latestChanges(limit).map((change) => toldOf(change, reader));
  const oldest = changes.at(-1)?.revision ?? 0;
  return { changes, alerts: alerts.filter(({ revision }) => revision >= oldest).reverse() };
}

function toldOf(change: ChangeRow, reader: HistoryReader): ToldChange {
  const { revision, kind, used, total, before, sessions } = change;
  const at = new Date(change.committed_ms).toISOString();
  const ordinal = kind === 'reading' ? change.first_ordinal : change.undone;
  const row = ordinal === null ? undefined : reader.session(ordinal);
  const cause = kind === 'reading' && row?.kind === 'period' ? ('total' as const) : kind;
  const brought = kind === 'import' || kind === 'edit' ? sessions : 0;
  return {
    ...{ revision, at, cause, used, total, increment: used - before },
    ...(row && { session: asItStands(row) }),
    ...(brought > 0 && { sessions: brought }),
  };
}

function asItStands(row: FoundRow): Session {
  const session = shownSession(sessionOf(row), row.counted);
  return row.undone === 1 ? { ...session, undone: true } : session;
}
