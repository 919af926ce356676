import { contentOf, idOf } from './content.ts';
import { isNameless, type Known, mergeSessions, Names } from './sessions.ts';
import { digestOf, type State, takesBack } from './state.ts';

const MAX_TOKENS = 2 ** 53 - 1;

/** As many sessions as the file shows. */
export const SHOWN = 100;

/** A state that an edit is compared with, and when it came to be. */
type Base = State & { readonly moment: number };

/** The file as it was written with a mark, and what the last edit that carried the mark left. */
type View = Base & { readonly text: string; readonly newestOwn: string | undefined; readonly left?: Base };

/** An edit that could not be adopted: a whole text, or only the figure in it. */
export interface Kept {
  readonly text: string;
  readonly isFigure?: true;
}

interface Fate {
  readonly told: number;
  readonly counts: number;
  readonly isUndone?: true;
}

/** The contents that the file must have now. */
export interface Expected extends State {
  /** Sessions of which the contract does not say whether they stand in the file: changed by one program, and gone by another. */
  readonly contested?: readonly Known[] | undefined;
  /** The number of sessions that may have left at the end unseen, while there were more than the file shows. */
  readonly maybeCut?: number;
  /** Orders that members and sessions keep, as far as these do not contradict each other. */
  readonly orders: readonly State[];
}

/** The contract of the state file in a few lines, which know nothing of the store. */
export class EditModel {
  ours: State = { used: 0, total: 1_000_000, members: new Map(), sessions: [] };
  /** The text that the daemon wrote last. */
  latest = '';
  views = new Map<string, View>();
  /** How often each session stands in the history, and how often of these it counts. */
  fates = new Map<string, Fate>();
  /** The readings that were recorded and not undone. */
  readings: readonly { readonly id: string; readonly before: number; readonly totalAt?: number }[] = [];
  /** Edits that could not be adopted as they were since the last copy of the model: they lie in a copy, and a warning tells it. */
  kept: readonly Kept[] = [];
  /** Texts that may lie in a copy too: one with a session that is none any more, and the file before a second edit from one reading took a first one back. */
  mayKeep: readonly string[] = [];
  #names = new Names();
  #own = new Set<string>();
  /** Sessions of ours that may have been the newest in views that came and went unseen, whichever of the copies is right. */
  #hidden = new Set<string>();
  /** The text under which each session stood last, in the file or in an edit. */
  #texts = new Map<string, string>();
  /** When something last happened to a session in an edit. */
  #named = new Map<string, number>();
  #recordedAt = 0;
  #moment = 0;

  /** The value that `sessions_count` must have. */
  get count(): number {
    return this.fates.values().reduce((sum, { counts }) => sum + counts, 0);
  }

  /** The sessions that the file does not show and that nobody has taken away: one of them may come back in the place of one undone. */
  get waiting(): Known[] {
    const shown = new Set(this.ours.sessions.map(({ who }) => who));
    const isWaiting = ([who, { counts }]: [string, Fate]) => counts > 0 && !shown.has(who);
    return [...this.fates].filter(isWaiting).map(([who]) => ({ who, text: this.#texts.get(who) }));
  }

  copy(): EditModel {
    const own = { views: new Map(this.views), fates: new Map(this.fates), kept: [], mayKeep: [] };
    const copy = Object.assign(new EditModel(), this, own);
    copy.#names = new Names(this.#names);
    copy.#own = new Set(this.#own);
    copy.#hidden = this.#hidden;
    copy.#texts = new Map(this.#texts);
    copy.#named = new Map(this.#named);
    copy.#recordedAt = this.#recordedAt;
    copy.#moment = this.#moment;
    return copy;
  }

  /** A reading is recorded. */
  record(id: string, type: string, tokens: number): Expected {
    const isTotal = type === 'manual' || type === 'correction';
    const before = this.ours.used;
    this.#recordedAt = ++this.#moment;
    this.readings = [...this.readings, { id, before, ...(isTotal && { totalAt: this.#recordedAt }) }];
    this.#own.add(id);
    this.#count(id, 1);
    const used = isTotal ? tokens : before + tokens;
    const sessions = [{ who: id, text: undefined, totalUsed: used }, ...this.ours.sessions].slice(0, SHOWN);
    return this.#become({ used, sessions });
  }

  /** The last reading is taken back. */
  undo(): Expected {
    const { id, before } = this.readings.at(-1)!;
    this.readings = this.readings.slice(0, -1);
    this.fates.set(id, { told: 1, counts: 0, isUndone: true });
    return this.#become({ used: before, sessions: this.ours.sessions.filter(({ who }) => who !== id) });
  }

  setTotal(total: number): Expected {
    return this.#become({ total });
  }

  /** A program has saved a text, which is merged. */
  adopt(text: string): Expected {
    const written = contentOf(text);
    const given = this.views.get(written.mark ?? '');
    if (text === this.latest) return this.#become({});
    // Later readings would be lost with a copy that is put back, so it is none of the edits from that reading.
    if (given?.left && given.text === text && given.moment < this.#recordedAt) {
      this.kept = [...this.kept, { text }];
      return this.#become({});
    }
    const start: Base = given ? (given.left ?? given) : this.#matching(written.sessions);
    const base: Base = { ...start, sessions: start.sessions.map((one) => this.#renamed(one)) };
    const known = this.#names.identify(written.sessions, base.sessions);
    const taken = known.map((one) => this.#isTaken(one, base, given?.moment ?? start.moment));
    const offered = known.map((one, index) => (taken[index] ? this.#comingAgain(one, base) : one));
    const wrote: State = { ...written, sessions: offered };
    const theirs: State = { ...wrote, sessions: offered.filter((_, index) => taken[index]) };
    if (theirs.sessions.length < offered.length) this.mayKeep = [...this.mayKeep, text];
    if (digestOf(theirs) === digestOf(base)) {
      // Nothing is changed: a copy of an older view that somebody has put back, unless it is what an edit wrote.
      if (start !== given?.left && start !== [...this.views.values()].at(-1)) this.kept = [...this.kept, { text }];
      return this.#become({});
    }
    const used = this.#used(base, theirs.used);
    if (used === undefined) this.kept = [...this.kept, { text, isFigure: true }];
    const total = theirs.total === base.total ? this.ours.total : theirs.total;
    const { sessions, contested } = this.#sessions(base, theirs);
    const isBack = given?.left !== undefined && takesBack(given, given.left, wrote);
    if (isBack) this.mayKeep = [...this.mayKeep, this.latest];
    if (given) this.views.set(written.mark!, { ...given, left: { ...wrote, moment: ++this.#moment } });
    const members = this.#members(base, theirs);
    const expected = this.#become({ used: used ?? this.ours.used, total, members, sessions });
    this.#know(contested);
    return { ...expected, contested, orders: [...expected.orders, theirs] };
  }

  /** The daemon has written a text that is what was expected. */
  show(text: string): void {
    const shown = contentOf(text);
    this.ours = { ...shown, sessions: this.#names.identify(shown.sessions, this.ours.sessions) };
    this.#know(this.ours.sessions);
    this.latest = text;
    for (const { who } of this.ours.sessions) if (this.fates.get(who)?.counts === 0) this.#count(who, 1);
    for (const [mark, { newestOwn }] of this.views) {
      if (mark.startsWith(UNSEEN) && this.views.delete(mark)) this.#hidden.add(newestOwn ?? '');
    }
    if (!this.views.has(shown.mark!)) this.#keep(shown.mark!, text);
    this.#hidden.delete(this.#newestOwn(shown.sessions.map(idOf)) ?? '');
  }

  /** More happens before anybody sees the file. */
  pass(): void {
    this.#keep(`${UNSEEN}${this.views.size}`, '');
    this.latest = '';
  }

  /** True when a text with these sessions and no mark may be traced to a view that came and went unseen. */
  isVague(ids: readonly (string | undefined)[]): boolean {
    return this.#hidden.has(this.#newestOwn(ids) ?? '');
  }

  #keep(mark: string, text: string): void {
    const newestOwn = this.#newestOwn(this.ours.sessions.map(({ who }) => who));
    this.views.set(mark, { ...this.ours, text, newestOwn, moment: ++this.#moment });
  }

  /** A text that equals another model's when both will expect the same of whatever follows. */
  signature(): string {
    const { ours, fates, views, readings } = this;
    const told = [...fates].map(([who, fate]) => JSON.stringify([isNameless(who) ? '' : who, fate])).sort();
    const known = [...views].map(([mark, view]) => [mark, digestOf(view.left ?? view)]);
    return JSON.stringify([digestOf(ours), told, known, readings.map(({ id, before }) => [id, before])]);
  }

  #become(change: Partial<State>): Expected {
    const before = this.ours;
    this.ours = { ...before, ...change };
    this.#know(this.ours.sessions);
    return { ...this.ours, orders: [before] };
  }

  #know(sessions: readonly Known[] = []): void {
    for (const { who, text } of sessions) if (text !== undefined) this.#texts.set(who, text);
  }

  /** `undefined` where somebody has said meanwhile what the total is. */
  #used(base: Base, theirs: number): number | undefined {
    const ours = this.ours.used;
    if (theirs === base.used) return ours;
    if (ours === base.used) return theirs;
    const isSaid = this.readings.some(({ totalAt = 0 }) => totalAt > base.moment);
    if (isSaid) return theirs === ours ? ours : undefined;
    return Math.min(MAX_TOKENS, Math.max(0, ours + theirs - base.used));
  }

  #members(base: State, theirs: State): Map<string, string> {
    const merged = new Map(this.ours.members);
    for (const name of new Set([...base.members.keys(), ...theirs.members.keys()])) {
      const [was, is] = [base.members.get(name), theirs.members.get(name)];
      if (was === is || (name === '/last_updated' && merged.get(name) !== was)) continue;
      if (is === undefined) merged.delete(name);
      else merged.set(name, is);
    }
    return merged;
  }

  #sessions(base: State, theirs: State): Pick<Expected, 'sessions' | 'contested'> {
    const merged = mergeSessions(this.ours.sessions, base.sessions, theirs.sessions);
    const { sessions, fresh, removed, contested } = merged;
    this.#moment++;
    for (const { who } of merged.touched) this.#named.set(who, this.#moment);
    for (const { who } of fresh) this.#count(who, 1);
    for (const { who } of removed) if ((this.fates.get(who)?.counts ?? 0) > 0) this.#count(who, -1);
    return { sessions, contested: contested.filter(({ who }) => !this.fates.get(who)?.isUndone) };
  }

  /**
   * False of one that the base does not have and that is no new session: it stands there already, or it was there
   * and nobody removed it; without an id only what happened since a moment tells it. */
  #isTaken({ who, text }: Known, base: State, since: number): boolean {
    const isIn = ({ sessions }: State) => sessions.some((one) => one.who === who);
    if (isIn(base)) return true;
    const { counts = 0, isUndone = false } = this.fates.get(who) ?? {};
    if (isNameless(who) && (this.#named.get(who) ?? 0) < since)
      return !this.ours.sessions.some((one) => one.text === text);
    return !isIn(this.ours) && counts === 0 && !isUndone;
  }

  /** A session without an id that went and came again is another one, and by the same text the last one that had it. */
  #renamed(one: Known): Known {
    const { sessions } = this.ours;
    if (!isNameless(one.who) || sessions.some(({ who }) => who === one.who)) return one;
    return { ...one, who: this.#names.lastOf(one.text!) ?? one.who };
  }

  #comingAgain(one: Known, base: State): Known {
    const isThere = [...base.sessions, ...this.ours.sessions].some(({ who }) => who === one.who);
    return isNameless(one.who) && this.fates.has(one.who) && !isThere
      ? { ...one, who: this.#names.anew(one.text!) }
      : one;
  }

  #count(who: string, difference: 1 | -1): void {
    const { told = 0, counts = 0 } = this.fates.get(who) ?? {};
    const isTold = difference === 1 && (isNameless(who) || told === 0);
    this.fates.set(who, { told: told + (isTold ? 1 : 0), counts: counts + difference });
  }

  /** Without a mark: the newest view with the same newest own session, or the latest. */
  #matching(sessions: readonly string[]): Base {
    const newest = this.#newestOwn(sessions.map(idOf));
    const views = [...this.views.values()];
    const isSame = (view: View) => newest !== undefined && view.newestOwn === newest;
    return views.findLast(isSame) ?? views.at(-1)!;
  }

  #newestOwn(ids: readonly (string | undefined)[]): string | undefined {
    const own = [...this.#own];
    return own[Math.max(...ids.map((id) => own.indexOf(id ?? '')))];
  }
}

const UNSEEN = 'unseen ';
