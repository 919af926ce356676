import type { Snapshot } from '../../rules/snapshot.ts';
import { printJsonLine } from '../json/json-print.ts';
import type { View } from '../state-file/view.ts';

/** Everything that a new segment starts with. */
export interface Checkpoint {
  readonly snapshot: Snapshot;
  /** The state file's content as JSON text, and the hash of the file as it lies on disk, both but for the mark. */
  readonly document: string;
  readonly view: string;
  /** The mark of that state; none while no line has brought it about. */
  readonly mark?: string;
}

/** The checkpoint of a view. */
export function checkpointOf({ snapshot, document, hash, mark }: View): Checkpoint {
  return { snapshot, document: printJsonLine(document), view: hash, ...(mark !== '' && { mark }) };
}
