import { sessionId, sessionNodes, tokenUsageOf } from './document.ts';
import { equalJson, getMember, type JsonNode, type JsonObject } from './json-tree.ts';
import type { View } from './merge.ts';

/** An edit starts from a state file that its author read before; of older ones only the ledger knows. */
const MAX_VIEWS = 1_000;

/** A program that loads, changes and saves does so within this time; a person takes longer. */
const CONTENTION_MS = 1_000;

/** Text of others that views and branches may hold each; in memory it takes some ten times as much. */
const MAX_WEIGHT = 1_000_000;

/** However much these hold: a program that edits in a loop goes on from one of them. */
const MIN_VIEWS = 8;
const MIN_BRANCHES = 4;

/** Files of others that were merged into a later view; their authors may go on from there. */
const MAX_BRANCHES = 64;

/** Where an edit started, and whether `used` was set to a total since. */
export interface Start {
  readonly base: View;
  /** The view of ours that it goes back to: the base itself, unless that is a branch. */
  readonly from: View;
  readonly setSinceBase: boolean;
}

/** The last state files that the daemon wrote, newest last: known again by hash, and the possible starts of an edit. */
export class Views {
  readonly #views: View[];
  /** Each with the view that it had started from itself. */
  readonly #branches: { readonly view: View; readonly from: View }[] = [];
  #pushedMs = Number.NEGATIVE_INFINITY;
  #weight: number;
  readonly #recorded = new WeakMap<View, readonly string[]>();

  constructor(first: View) {
    this.#views = [first];
    this.#weight = first.weight;
  }

  get oldest(): View {
    return this.#views[0]!;
  }

  get latest(): View {
    return this.#views.at(-1)!;
  }

  push(view: View): void {
    this.#views.push(view);
    this.#weight += view.weight;
    this.#pushedMs = performance.now();
    while (this.#views.length > MAX_VIEWS || (this.#weight > MAX_WEIGHT && this.#views.length > MIN_VIEWS)) {
      this.#weight -= this.#views.shift()!.weight;
    }
  }

  /** Remembers a file as its author left it, who has not seen yet what it was merged with. */
  addBranch(view: View, from: View): void {
    this.#branches.push({ view, from });
    const isTooMuch = () => this.#branches.reduce((sum, branch) => sum + branch.view.weight, 0) > MAX_WEIGHT;
    while (this.#branches.length > MAX_BRANCHES || (this.#branches.length > MIN_BRANCHES && isTooMuch())) {
      this.#branches.shift();
    }
  }

  /** True for a content that we wrote ourselves. */
  isOwn(hash: string): boolean {
    return this.#views.findLast((view) => view.hash === hash) !== undefined;
  }

  /** Recognizes nothing by hash from now on, because what is held may lack a part; `latest` is the best that is known. */
  distrust(latest: View): void {
    const doubted = [...this.#views.slice(0, -1), latest].map((view) => ({ ...view, hash: '' }));
    this.#views.splice(0, Number.POSITIVE_INFINITY, ...doubted);
    this.#weight = doubted.reduce((sum, view) => sum + view.weight, 0);
  }

  /** True when a view was written with this time in it. */
  hasTime(lastUpdated: string): boolean {
    return this.#views.some(({ snapshot }) => snapshot.last_updated === lastUpdated);
  }

  /**
   * The view that an edit started from: the latest, unless the file itself shows that its author read an older one.
   * A wrong guess would count readings twice or not at all, so what only the daemon writes weighs most.
   * `newest` is the last view that the author can have read, where that is known.
   */
  baseOf(theirs: JsonObject, newest = this.latest): Start {
    const known = this.#views.lastIndexOf(newest);
    const last = known === -1 ? this.#views.length - 1 : known;
    const file = this.#factsOf(theirs);
    const recordedLast = this.#lastRecorded(last).index;
    let best = { view: this.#views[last]!, index: last, cost: costOf(this.#views[last]!, file) };
    const consider = (view: View, index: number, isGoneOnFrom = false) => {
      const recorded = this.#lastRecorded(index);
      if (recorded.index !== recordedLast && !isGoneOnFrom && !isShown(view, recorded.ids, file)) return;
      const cost = costOf(view, file);
      if (cost < best.cost) best = { view, index, cost };
    };
    const earliest = this.#earliest(file);
    for (let index = last - 1; index >= earliest && best.cost > 0; index--) consider(this.#views[index]!, index);
    if (best.cost === 0 && this.#isTakenBack(best.index, last, file)) {
      best = { ...best, view: this.#views[last]!, index: last };
    }
    for (const { view, from } of this.#branches.toReversed()) {
      const index = this.#views.indexOf(from);
      if (index >= earliest && index <= last) consider(view, index, file.isQuick);
    }
    const from = this.#views[best.index]!;
    return { base: best.view, from, setSinceBase: this.#views.slice(best.index + 1).some((view) => view.isAbsolute) };
  }

  /** True when a file that says what the view at `from` says is no old copy: its author knew what came up to `last`. */
  #isTakenBack(from: number, last: number, file: Facts): boolean {
    if (this.#views.slice(from + 1, last + 1).every(({ cause }) => cause === 'edit')) return true;
    // Readings of one second show one time, so that only how fast it came tells a program's copy from a person's edit.
    return !file.isQuick && file.time === this.#views[last]!.snapshot.last_updated;
  }

  /** The view that brought the newest session of the file: its author read this one or a later one. */
  #earliest({ ids }: Facts): number {
    for (let index = this.#views.length - 1; index > 0; index--) {
      if (this.#recordedAt(index).some((id) => ids.has(id))) return index;
    }
    return 0;
  }

  /** What was last recorded when a view was written. */
  #lastRecorded(from: number): { readonly index: number; readonly ids: readonly string[] } {
    for (let index = from; index > 0; index--) {
      const ids = this.#recordedAt(index);
      if (ids.length > 0) return { index, ids };
    }
    const newest = sessionNodes(this.oldest.document).find((node) => sessionId(node) !== undefined);
    return { index: 0, ids: newest ? [sessionId(newest)!] : [] };
  }

  /** The ids of the sessions that were recorded with a view. */
  #recordedAt(index: number): readonly string[] {
    const view = this.#views[index]!;
    let ids = this.#recorded.get(view);
    if (!ids) {
      const isRecording = view.cause === 'reading' || view.cause === 'import';
      const before = new Set(isRecording ? sessionNodes(this.#views[index - 1]!.document) : []);
      const added = isRecording ? sessionNodes(view.document).filter((node) => !before.has(node)) : [];
      ids = added.map((node) => sessionId(node)).filter((id) => id !== undefined);
      this.#recorded.set(view, ids);
    }
    return ids;
  }

  #factsOf(document: JsonObject): Facts {
    const usage = tokenUsageOf(document);
    const sessions = sessionNodes(document);
    const ids = new Set<string>();
    for (const id of sessions.map(sessionId)) if (id !== undefined) ids.add(id);
    const lastUpdated = getMember(document, 'last_updated');
    const time = lastUpdated?.kind === 'string' ? lastUpdated.value : undefined;
    return {
      document,
      ids,
      used: numberOf(getMember(usage, 'used')),
      total: numberOf(getMember(usage, 'total')),
      time,
      isQuick: performance.now() - this.#pushedMs < CONTENTION_MS,
      isOurTime: time !== undefined && this.hasTime(time),
      withoutId: sessions.filter((node) => sessionId(node) === undefined).length,
    };
  }
}

/** What a file says that may tell which view its author read. */
interface Facts {
  readonly document: JsonObject;
  readonly ids: ReadonlySet<string>;
  readonly used: number | undefined;
  readonly total: number | undefined;
  readonly time: string | undefined;
  readonly isOurTime: boolean;
  /** Found so soon after a view of ours that only a program can have written it. */
  readonly isQuick: boolean;
  readonly withoutId: number;
}

/** True when a file shows by itself that its author read this view, in which the ids given were the last ones recorded. */
function isShown(view: View, recorded: readonly string[], file: Facts): boolean {
  if (recorded.some((id) => file.ids.has(id))) return true;
  if (file.time !== view.snapshot.last_updated) return false;
  // Before the first reading only the figures can show it; a program that records by itself changes these.
  if (file.used === view.snapshot.used) return true;
  return recorded.length === 0 && (file.isQuick || addedTo(view.document, file) > 0);
}

/** How many sessions a file has that a view has not. */
function addedTo(document: JsonObject, file: Facts): number {
  const ids = new Set<string | undefined>(sessionNodes(document).map(sessionId));
  const withoutId = sessionNodes(document).filter((node) => sessionId(node) === undefined).length;
  return Math.max(0, file.withoutId - withoutId) + [...file.ids].filter((id) => !ids.has(id)).length;
}

/** How unlikely it is that the author of a file read a view and made the rest of the file of it. */
function costOf({ document, snapshot }: View, file: Facts): number {
  const ids = new Set<string | undefined>(sessionNodes(document).map(sessionId));
  let missing = 0;
  for (const id of ids) if (id !== undefined && !file.ids.has(id)) missing++;
  const added = addedTo(document, file);
  // What a program lacks of a younger view it has not read, rather than taken out.
  const removalCost = file.isQuick ? 10 : 3;
  return (
    (file.used === snapshot.used ? 0 : 8) +
    (file.total === snapshot.total ? 0 : 2) +
    timeCost(snapshot.last_updated, file, added > 0) +
    // To remove one session or all of them is one act of a person.
    Math.min(5, missing) +
    Math.min(5, added) +
    memberCost(document, file.document, ['token_usage', 'last_updated'], removalCost) +
    memberCost(tokenUsageOf(document), tokenUsageOf(file.document), OUR_MEMBERS, removalCost)
  );
}

/** Nobody types the very second of another view; only a program that records by itself may meet it by chance. */
function timeCost(time: string, file: Facts, bringsSessions: boolean): number {
  if (file.time === time) return 0;
  return file.isOurTime && !bringsSessions ? 20 : 0.5;
}

const OUR_MEMBERS = ['used', 'total', 'percentage', 'sessions'];

/** One for each member that is another or new, and more for one that is gone: programs add and change what is theirs. */
function memberCost(view: JsonObject, file: JsonObject, without: readonly string[], removalCost: number): number {
  const others = new Map(file.entries);
  for (const key of without) others.delete(key);
  let cost = 0;
  for (const [key, value] of view.entries) {
    if (without.includes(key)) continue;
    const other = others.get(key);
    others.delete(key);
    if (other === undefined) cost += removalCost;
    else if (!equalJson(value, other)) cost++;
  }
  return cost + others.size;
}

function numberOf(node: JsonNode | undefined): number | undefined {
  return node?.kind === 'literal' ? Number(node.text) : undefined;
}
