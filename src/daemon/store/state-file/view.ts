import { type LedgerChange, snapshotAfter } from '../../rules/change.ts';
import type { Snapshot } from '../../rules/snapshot.ts';
import { parseJson } from '../json/json-parse.ts';
import type { JsonObject } from '../json/json-tree.ts';
import { isCheckpoint, type LedgerLine, markOf } from '../ledger/ledger-line.ts';
import { applyChange, MAX_SESSIONS } from './document.ts';
import { textOf } from './state-file.ts';

/** A state file that the daemon wrote, which an edit may have started from. */
export interface View {
  /** The mark that the file carries, which identifies the view; empty until the first line of a new ledger gives one. */
  readonly mark: string;
  /** The content but for the mark, and its hash. */
  readonly document: JsonObject;
  readonly hash: string;
  readonly snapshot: Snapshot;
  /** The text that it holds beyond the views before it, in characters; next to nothing but for an import and what others edited. */
  readonly weight: number;
}

/** The text of the state file that shows a view. */
export function textOfView({ document, mark }: View): string {
  return textOf(document, mark);
}

const NOTHING: JsonObject = { kind: 'object', entries: [] };

/** The view that a line of the ledger makes of the one before it. */
export function viewOfLine(before: View | undefined, line: LedgerLine, crc: string): View {
  const mark = markOf(line, crc);
  if (isCheckpoint(line)) {
    const document = parseJson(line.document) as JsonObject;
    return { mark, document, hash: line.view, snapshot: line.checkpoint, weight: 0 };
  }
  // Without its checkpoint a damaged ledger still tells every figure; the state file gives back the rest as an edit.
  const document = line.changes.reduce(applyChange, before?.document ?? NOTHING);
  return viewAfter(document, line.changes, { mark, hash: line.view });
}

/** The view after a batch of changes. */
export function viewAfter(
  document: JsonObject,
  changes: readonly LedgerChange[],
  known: Pick<View, 'mark' | 'hash'>,
): View {
  return { ...known, document, snapshot: snapshotAfter(changes.at(-1)!), weight: changes.reduce(weigh, 0) };
}

/** An imported session takes about as much in the file. */
const SESSION_WEIGHT = 150;

function weigh(sum: number, change: LedgerChange): number {
  if (change.kind === 'import') return sum + Math.min(change.readings.length, MAX_SESSIONS) * SESSION_WEIGHT;
  if (change.kind !== 'edit') return sum;
  const { removed, left = [], changed, added } = change.sessions;
  const texts = [...removed, ...left, ...changed.flat(), ...added.map(({ json }) => json)];
  return texts.reduce((length, text) => length + text.length, sum + JSON.stringify(change.patch).length);
}
