import type { Lookups } from '../index/reading/lookups.ts';
import { type FileContent, hashOf } from '../state-file/file-content.ts';
import { textOfView, type View } from '../state-file/view.ts';
import type { EditBase } from './edit-bases.ts';

/** True for the very file of a mark, unchanged, after something was recorded: nobody has edited that, but put it back. */
export function isUnchangedCopy(content: FileContent, { from, marked }: EditBase, recorded: Lookups): boolean {
  if (from === undefined || !recorded.hasReadingAfter(marked.snapshot.revision)) return false;
  return content.hash === hashOf(textOfView(marked));
}

/** True for a file without an edit whose base is not the latest view: it says what an older file of ours said, in another form. */
export function saysWhatOlderSaid({ edits, view }: EditBase, latest: View): boolean {
  return edits === 0 && view.snapshot.revision < latest.snapshot.revision;
}
