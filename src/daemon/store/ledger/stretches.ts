import { isDiskError, ledgerUnreadable } from '../../disk/storage-failure.ts';
import { standingAt } from '../../rules/figures/fold.ts';
import { type PackedState, packState } from '../../rules/figures/packed.ts';
import type { PastStretch } from './ledger-figures.ts';
import { decodeLine, isCheckpoint } from './ledger-line.ts';
import { type ScannedLine, scanSegment } from './ledger-scan.ts';
import type { Segments } from './segments.ts';

/** The lines of a segment, from its checkpoint on unless that is lost, without those that were refused. */
export interface Stretch {
  readonly segment: number;
  readonly lines: readonly ScannedLine[];
}

/** The stretches that made the revisions from one to another, the newest first; what cannot be read is passed over. */
export function* stretchesOf(segments: Segments, from: number, to: number): Generator<Stretch> {
  let limit = Number.POSITIVE_INFINITY;
  try {
    for (const segment of segments.numbers().reverse()) {
      const head = decodeLine(segments.readHead(segment));
      const first = head.ok && isCheckpoint(head.line) ? head.line.checkpoint.revision : undefined;
      if (first === undefined || first <= to) {
        const known = limit;
        const { lines } = scanSegment(segments.readWhole(segment));
        // Lines that the next segment's checkpoint does not know were refused when their fsync failed.
        const stand = lines.filter(({ line }) => isCheckpoint(line) || line.changes[0]!.revision <= known);
        if (stand.length > 0) yield { segment, lines: stand };
      }
      if (first !== undefined && first < from) break;
      limit = first ?? Number.POSITIVE_INFINITY;
    }
  } finally {
    segments.giveBackRoom();
  }
}

/** Everything up to a revision, as it is folded again: the newest segment first. Throws `storage_failed`. */
export function* pastOf(segments: Segments, to: number): Generator<Stretch & PastStretch> {
  try {
    const oldest = segments.numbers()[0];
    for (const stretch of stretchesOf(segments, Number.NEGATIVE_INFINITY, to)) {
      const changes = stretch.lines.flatMap(({ line }) => (isCheckpoint(line) ? [] : line.changes));
      const before = stateBefore(stretch, stretch.segment === oldest);
      yield { ...stretch, ...(before && { before }), changes: changes.filter(({ revision }) => revision <= to) };
    }
  } catch (error) {
    throw isDiskError(error) ? ledgerUnreadable() : error;
  }
}

/** Of a ledger that lacks its beginning its first checkpoint tells at least what was used by then. */
function stateBefore({ lines }: Stretch, isOldest: boolean): PackedState | undefined {
  const head = lines[0]!.line;
  if (isCheckpoint(head) && head.figures) return head.figures;
  return isOldest ? packState(standingAt(isCheckpoint(head) ? head.checkpoint.used : 0).state) : undefined;
}
