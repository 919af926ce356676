import { decodeLine, isCheckpoint } from './ledger-line.ts';
import { type ScannedLine, scanSegment } from './ledger-scan.ts';
import type { Segments } from './segments.ts';

/** The lines of a segment from its checkpoint on, without those that were refused. */
export interface Stretch {
  readonly lines: readonly ScannedLine[];
}

/** The stretches that made the revisions from one to another, the newest first; what cannot be read is passed over. */
export function* stretchesOf(segments: Segments, from: number, to: number): Generator<Stretch> {
  let limit = Number.POSITIVE_INFINITY;
  for (const segment of segments.numbers().reverse()) {
    const head = decodeLine(segments.readHead(segment));
    if (!head.ok || !isCheckpoint(head.line)) continue;
    const first = head.line.checkpoint.revision;
    if (first <= to) {
      const { lines } = scanSegment(segments.readWhole(segment));
      // Lines that the next segment's checkpoint does not know were refused when their fsync failed.
      yield { lines: lines.filter(({ line }) => isCheckpoint(line) || line.changes[0]!.revision <= limit) };
    }
    if (first < from) break;
    limit = first;
  }
  segments.giveBackRoom();
}
