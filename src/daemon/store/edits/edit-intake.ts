import { othersTurn } from '../../process/turns.ts';
import type { EditChange } from '../../rules/change.ts';
import { type FileContent, faultOf, parseContent } from '../state-file/file-content.ts';
import type { PublishedView } from '../state-file/published-view.ts';
import { textOfView } from '../state-file/view.ts';
import type { EditFinder, FoundEdit } from './edit-finder.ts';
import type { EditViews } from './edit-views.ts';
import type { SetAside } from './set-aside.ts';

/** An edit of the state file, to be committed next, and where it came from, which the commit has to be told. */
export interface TakenEdit {
  readonly change: EditChange;
  readonly origin: EditOrigin;
}

/** Where an edit came from. */
export interface EditOrigin extends Pick<FoundEdit, 'marked'> {
  /** The content, where it was found in a file that we had just replaced. */
  readonly late?: FileContent;
}

/** The places in which edits of others are found. */
export interface EditPlaces {
  readonly published: PublishedView;
  /** Contents that others wrote into files while we replaced them, oldest first. */
  readonly late: Set<FileContent>;
}

/** An edit is found within a second or two while the daemon runs. */
const FOUND_LATE_MS = 5_000;

/** Takes one edit after the other: those written into files that were just replaced, then the one in the state file. */
export class EditIntake {
  readonly #published: PublishedView;
  readonly #late: Set<FileContent>;
  readonly #views: EditViews;
  readonly #finder: EditFinder;
  readonly #setAside: SetAside;
  readonly #unready: () => boolean;

  /** While `unready`, nobody can say what was edited: all that others wrote is left where it is. */
  constructor(
    { published, late }: EditPlaces,
    views: EditViews,
    { finder, unready }: { readonly finder: EditFinder; readonly unready: () => boolean },
    setAside: SetAside,
  ) {
    this.#published = published;
    this.#late = late;
    this.#views = views;
    this.#finder = finder;
    this.#unready = unready;
    this.#setAside = setAside;
  }

  /** The next edit; `undefined` when there is none left. An invalid file is set aside, and a missing one made anew. */
  async take(now: () => number): Promise<TakenEdit | undefined> {
    return (await this.#takeLate(now())) ?? (await this.#takeFile(now));
  }

  /** Called when an edit from here is committed. */
  settle({ marked, late }: EditOrigin): void {
    if (marked) this.#views.keepLeft(marked.mark, marked.left);
    if (late) this.#late.delete(late);
  }

  async #takeLate(nowMs: number): Promise<TakenEdit | undefined> {
    for (const content of this.#unready() ? [] : this.#late) {
      const document = parseContent(content);
      const found = document && (await this.#finder.find(content, document, nowMs));
      if (found) return taken(found, content);
      if (!document) this.#setAside.keep(content, nowMs, 'state_file_invalid', faultOf(content));
      this.#late.delete(content);
    }
    return undefined;
  }

  async #takeFile(now: () => number): Promise<TakenEdit | undefined> {
    const seen = await this.#published.look();
    if (seen.kind === 'ours' || seen.kind === 'waiting') return undefined;
    if (seen.kind === 'foreign' && this.#unready()) {
      this.#published.leave();
      return undefined;
    }
    if (seen.kind === 'foreign') {
      const { content } = seen;
      const { document } = content;
      // Read behind the file, so that no edit is dated before it was saved.
      const nowMs = now();
      await othersTurn();
      const found = document && (await this.#finder.find(content, document, nowMs));
      if (found) return taken(withSavedAt(found, seen.savedMs, nowMs));
      if (!document) this.#setAside.keep(content, nowMs, 'state_file_invalid', faultOf(content));
      else if (this.#published.accept(content, document, this.#views.latest)) return undefined;
    }
    const text = textOfView(this.#views.latest);
    const [prepared] = await Promise.allSettled([this.#published.prepare(text)]);
    await this.#published.publish(text, prepared);
    return undefined;
  }
}

/** A daemon that was not running finds an edit long after it was saved. */
function withSavedAt(found: FoundEdit, savedMs: number, nowMs: number): FoundEdit {
  if (nowMs - savedMs < FOUND_LATE_MS) return found;
  return { ...found, change: { ...found.change, saved_at: new Date(savedMs).toISOString() } };
}

function taken({ change, marked }: FoundEdit, late?: FileContent): TakenEdit {
  return { change, origin: { ...(marked && { marked }), ...(late && { late }) } };
}
