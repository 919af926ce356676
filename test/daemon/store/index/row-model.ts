import type { EditChange, LedgerChange } from '../../../../src/daemon/rules/change.ts';
import { entriesOf } from '../../../../src/daemon/rules/figures/ledger-entries.ts';
import { isCheckpoint } from '../../../../src/daemon/store/ledger/ledger-line.ts';
import { scanSegment } from '../../../../src/daemon/store/ledger/ledger-scan.ts';
import { Segments } from '../../../../src/daemon/store/ledger/segments.ts';
import { believed } from '../../../history/believed.ts';
import { standingAfter } from '../../../support/worlds/naive-fold.ts';

/** A session as its row must tell it. */
export interface ModelSession {
  readonly place: number;
  readonly text: string;
  readonly kind: string;
  readonly event: string;
  readonly id: string | undefined;
  readonly conversation: string;
  readonly dated: boolean;
  readonly atMs: number;
  readonly orderMs: number;
  readonly setAside: number;
  readonly beganAnew: boolean;
  counted: number;
  toldMs: number;
  isUndone: boolean;
  isRemoved: boolean;
  wasAway: boolean;
  edited: string | undefined;
}

/** A change as its row must tell it. */
export interface ModelChange {
  readonly change: LedgerChange;
  readonly segment: number;
  readonly start: number;
  readonly end: number;
  readonly before: number;
  readonly firstOrdinal: number;
  readonly sessions: number;
  readonly undone: number | undefined;
}

/** What a history must hold of a ledger, found in arrays and by loops; times are told as of `nowMs`. */
export class RowModel {
  readonly changes: ModelChange[] = [];
  readonly sessions: ModelSession[] = [];
  readonly rises: { readonly fromMs: number; readonly place: number; readonly tokens: number }[] = [];
  readonly starts: { readonly firstOrdinal: number; readonly cause: number | undefined }[] = [];

  constructor(folder: string, nowMs: number) {
    const segments = new Segments(folder);
    for (const segment of segments.numbers()) {
      for (const { line, start, end } of scanSegment(segments.readWhole(segment)).lines) {
        if (isCheckpoint(line)) continue;
        for (const change of line.changes) this.#add(change, { segment, start, end });
      }
    }
    this.#count();
    const told = believed(
      this.changes.map(({ change }) => Date.parse(change.committed_at)),
      nowMs,
    );
    for (const session of this.sessions) if (!session.dated) session.toldMs = told[session.place]!;
  }

  #add(change: LedgerChange, where: Pick<ModelChange, 'segment' | 'start' | 'end'>): void {
    const place = this.changes.length;
    const firstOrdinal = this.sessions.length;
    const before = this.changes.at(-1)?.change.used ?? 0;
    const undone = change.kind === 'undo' ? this.#ordinalOf(change.undone) : undefined;
    const committedMs = Date.parse(change.committed_at);
    const note = (fromMs: number, tokens: number) => {
      if (fromMs < committedMs) this.rises.push({ fromMs, place, tokens });
    };
    if (change.kind === 'undo') {
      const { dated, atMs } = this.sessions[undone!]!;
      this.sessions[undone!]!.isUndone = true;
      if (dated && change.used < before) note(atMs, change.used - before);
    }
    const read = change.kind === 'reading' ? [change.reading] : change.kind === 'import' ? change.readings : [];
    for (const reading of read) {
      const { event, id, conversation_id: conversation, dated = false, used, sync_type: kind } = reading;
      this.#addSession(
        { text: JSON.stringify(reading), kind, event, id, conversation, dated },
        {
          ...{ place, atMs: Date.parse(reading.at), setAside: reading.set_aside ?? 0 },
          beganAnew: reading.reset === true || kind === 'period',
        },
      );
      if (dated && used > reading.before) note(Date.parse(reading.at), used - reading.before);
    }
    if (change.kind === 'edit') this.#edit(change, place, before, note);
    this.changes.push({
      ...{ change, ...where, firstOrdinal, undone },
      before: change.kind === 'reading' ? change.reading.before : before,
      sessions: this.sessions.length - firstOrdinal,
    });
    this.#noteStart(change, before);
  }

  #edit({ sessions, used }: EditChange, place: number, before: number, note: (ms: number, by: number) => void): void {
    const told: [number, number][] = [];
    for (const { json, at, restored } of sessions.added) {
      if (restored) continue;
      const session = JSON.parse(json);
      const whole = typeof session?.tokens === 'number' ? Math.round(session.tokens) : 0;
      const texts = { id: session?.id, conversation: session?.conversation_id };
      this.#addSession(
        {
          ...{ text: json, kind: 'foreign', dated: true },
          event: textOf(session?.event === undefined ? session?.task : session.event),
          id: typeof texts.id === 'string' ? texts.id : undefined,
          conversation: typeof texts.conversation === 'string' ? texts.conversation : '',
        },
        { place, atMs: Date.parse(at), setAside: 0, beganAnew: false },
      );
      const counted = Number.isSafeInteger(whole) ? Math.max(0, whole) : 0;
      const theirs = this.sessions.filter(({ kind }) => kind === 'foreign').map((each) => each.counted);
      // What comes beyond half of the largest figure is no figure.
      const isFigure = theirs.reduce((sum, each) => sum + each, counted) <= 2 ** 52;
      this.sessions.at(-1)!.counted = isFigure ? counted : 0;
      if (Number.isSafeInteger(session?.tokens) && session.tokens > 0) told.push([Date.parse(at), session.tokens]);
    }
    if (told.reduce((sum, [, tokens]) => sum + tokens, 0) <= used - before) for (const each of told) note(...each);
    const at = (id: string | undefined) => this.sessions[this.#ordinalOf(id)];
    for (const key of sessions.removed) mark(at(idIn(key)), { isRemoved: true, wasAway: true });
    for (const key of sessions.left ?? []) mark(at(idIn(key)), { wasAway: true });
    for (const [key, json] of sessions.changed) {
      const isOther = idIn(key) !== JSON.parse(json)?.id;
      mark(at(idIn(key)), isOther ? { isRemoved: true, wasAway: true } : { edited: json });
    }
    for (const { json, restored } of sessions.added) {
      if (restored) mark(at(JSON.parse(json)?.id), { isRemoved: false, edited: json });
    }
  }

  #addSession(
    own: Pick<ModelSession, 'text' | 'kind' | 'event' | 'id' | 'conversation' | 'dated'>,
    known: Pick<ModelSession, 'place' | 'atMs' | 'setAside' | 'beganAnew'>,
  ): void {
    this.sessions.push({ ...own, ...known, ...NEW, orderMs: known.atMs, toldMs: known.atMs });
  }

  /** What each counts, and its place in the order of time. */
  #count(): void {
    let used = 0;
    const entries = this.changes.flatMap(({ change }) => {
      const before = used;
      used = change.used;
      return entriesOf(change, before);
    });
    const { counted } = standingAfter(entries);
    for (const [ordinal, session] of this.sessions.entries()) {
      if (session.kind !== 'foreign' && !session.isUndone) session.counted = counted.get(session.id!) ?? 0;
      if (session.dated) continue;
      const soFar = this.changes.slice(0, session.place + 1).map(({ change }) => Date.parse(change.committed_at));
      this.sessions[ordinal] = { ...session, orderMs: Math.max(session.atMs, ...soFar) };
    }
  }

  #noteStart({ kind, used }: LedgerChange, before: number): void {
    const firstOrdinal = this.sessions.length;
    const last = this.starts.findLast(({ cause }) => cause === undefined || !this.sessions[cause]!.isUndone);
    if (kind === 'edit' && used < before / 2) this.starts.push({ firstOrdinal, cause: undefined });
    else if (kind === 'reading' && used === 0) this.starts.push({ firstOrdinal, cause: firstOrdinal - 1 });
    else if (used === 0) this.starts.push({ firstOrdinal, cause: last?.cause });
  }

  /** -1 for what no session has. */
  #ordinalOf(id: string | undefined): number {
    return id === undefined ? -1 : this.sessions.findIndex((session) => session.id === id);
  }
}

const NEW = { counted: 0, isUndone: false, isRemoved: false, wasAway: false, edited: undefined };

function mark(session: ModelSession | undefined, as: Partial<ModelSession>): void {
  if (session) Object.assign(session, as);
}

/** The id in a key; a key without one is the session's text. */
function idIn(key: string): string | undefined {
  return key.startsWith('#') ? key.slice(1) : undefined;
}

/** As every program shows a text that another one wrote. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '').replace(/^""$/, '');
}
