import { isDeepStrictEqual } from 'node:util';
import type { Params, Receipt, Session } from '../../src/protocol/methods.ts';
import { parseTimestamp, toSessionTime } from '../../src/protocol/timestamp.ts';
import { standingAfter } from '../support/worlds/naive-fold.ts';
import type { Commit, Rise, Row } from './rows.ts';
import { figureOf, percentOf, riseOf, risesAt, toldFlags, touchedOf } from './told.ts';

type Reading = Params<'usage.record'>;
type FigureEntry = Parameters<typeof standingAfter>[0][number];
type Standing = ReturnType<typeof standingAfter>;

/** What an id that the daemon made is told as. */
export const MADE = '(made)';

/** What an edit by another program changed. */
export interface Edited {
  readonly used?: number;
  readonly total?: number;
  /** As they stand in the file, newest first. */
  readonly added: readonly Session[];
  readonly removed: readonly Session[];
}

/** What a ledger holds after a row of acts, in arrays and by loops; `answers.ts` looks back from it. */
export class HistoryModel {
  nowMs = 0;
  used = 0;
  total = 1_000_000;
  readonly rows: Row[] = [];
  readonly commits: Commit[] = [];
  /** The rows with which counting began anew, and the reading without which it would not have. */
  readonly starts: { readonly place: number; readonly by?: Row | undefined }[] = [];
  /** What each reading that stands counts by now. */
  counted: ReadonlyMap<string, number> = new Map();
  readonly #entries: FigureEntry[] = [];
  readonly #receipts = new Map<string, Receipt>();
  #isTotalSet = false;

  get revision(): number {
    return this.commits.length;
  }

  /** The reading that an undo would take back. */
  get lastReading(): Row | undefined {
    return this.rows.findLast(({ reading, isUndone }) => reading && !isUndone);
  }

  record(params: Reading): Receipt {
    const again = this.#again(params.id);
    if (again) return again;
    const row = this.#read(params, this.revision + 1);
    this.#commit({ cause: 'reading', row, rises: riseOf(row) });
    return this.#receipts.get(row.key)!;
  }

  import(sessions: readonly Reading[]): { imported_count: number; total_tokens: number; skipped: number[] } {
    const skipped: number[] = [];
    let total_tokens = 0;
    const rises: Rise[] = [];
    let imported_count = 0;
    for (const [index, session] of sessions.entries()) {
      if (Number(session.tokens) <= 0 || this.#again(session.id)) {
        skipped.push(index);
        continue;
      }
      const row = this.#read({ ...session, sync_type: 'import' }, this.revision + 1);
      total_tokens += row.reading!.value;
      rises.push(...riseOf(row));
      imported_count++;
    }
    if (imported_count > 0) this.#commit({ cause: 'import', sessions: imported_count, rises });
    return { imported_count, total_tokens, skipped };
  }

  /** Nothing where there is nothing to take back. */
  undo(id?: string): Receipt | undefined {
    const again = this.#receipts.get(`undo ${id}`);
    if (again) return { ...again, duplicate: true };
    const row = this.lastReading;
    if (!row) return undefined;
    const before = this.used;
    row.isUndone = true;
    this.#entries.push({ kind: 'undo', undone: row.key, committedMs: this.nowMs });
    this.#fold();
    const fall = this.used - before;
    this.#commit({ cause: 'undo', row, rises: fall < 0 ? risesAt(row.namedMs, fall) : [] });
    const { total } = row.reading!;
    const touched = { ...touchedOf(row), ...(total !== this.total && { total }) };
    const receipt = this.#receipt(id ?? MADE, this.used - before, { touched });
    if (id !== undefined) this.#receipts.set(`undo ${id}`, receipt);
    return receipt;
  }

  setTotal(total: number): void {
    // The default that nobody has set becomes one that somebody has.
    if (total === this.total && this.#isTotalSet) return;
    this.total = total;
    this.#isTotalSet = true;
    this.#commit({ cause: 'total', rises: [] });
  }

  /** The texts say what becomes of the figures; that the history keeps what was removed or renamed is what the daemon does. */
  edit({ used = this.used, total = this.total, added, removed }: Edited, atMs: number): void {
    const { nowMs } = this;
    this.nowMs = atMs;
    const rises = added.toReversed().flatMap((session) => riseOf(this.#adopt(session)));
    // What an edit moved by less than its sessions say has no time of its own.
    const areAll = rises.reduce((sum, { tokens }) => sum + tokens, 0) <= used - this.used;
    for (const session of removed) this.#rowOf(session).isRemoved = true;
    if (used !== this.used) this.#entries.push({ kind: 'edit', used, committedMs: this.nowMs });
    this.used = used;
    this.#isTotalSet ||= total !== this.total;
    this.total = total;
    this.#commit({ cause: 'edit', rises: areAll ? rises : [], ...(added.length > 0 && { sessions: added.length }) });
    this.nowMs = nowMs;
  }

  #adopt(session: Session): Row {
    const named = session.timestamp ?? session.start_time;
    // One that names no time stays where the clock stood, though a reading of ours would go with the clock that is believed.
    const namedMs = (typeof named === 'string' ? parseTimestamp(named) : undefined) ?? this.nowMs;
    const key = `theirs ${this.rows.length}`;
    const row = { key, revision: this.revision + 1, session, namedMs, isUndone: false, isRemoved: false };
    this.rows.push(row);
    return row;
  }

  #rowOf(session: Session): Row {
    // Of a reading whose id the daemon made another program may have changed the event.
    const parts = ({ id, timestamp, tokens, event, total_used }: Session) => [
      timestamp,
      tokens,
      total_used,
      id ? '' : event,
    ];
    const isIt = (row: Row) => isDeepStrictEqual(parts(row.session), parts(session));
    const found =
      this.rows.find(({ session: { id } }) => id !== undefined && id === session.id) ??
      this.rows.findLast((row) => !row.isRemoved && !row.isUndone && isIt(row));
    if (!found) throw new Error(`nobody knows ${JSON.stringify(session)}`);
    return found;
  }

  #again(id: string | undefined): Receipt | undefined {
    const first = id === undefined ? undefined : this.#receipts.get(id);
    return first && { ...first, duplicate: true };
  }

  #read(params: Reading, revision: number): Row {
    const { event = '', conversation_id = '', sync_type = 'manual', timestamp } = params;
    const { value, unit } = figureOf(params.tokens);
    const namedMs = timestamp === undefined ? undefined : parseTimestamp(timestamp);
    const key = params.id ?? `made ${this.rows.length}`;
    const atMs = namedMs ?? this.nowMs;
    const reading = { id: key, value, unit, sync_type, conversation_id, atMs, dated: namedMs !== undefined };
    const before = this.used;
    this.#entries.push({ kind: 'reading', reading, committedMs: this.nowMs });
    const standing = this.#fold();
    const flags = standing.flags.get(key) ?? {};
    const increment = flags.reset ? value : this.used - before;
    const counted = this.counted.get(key) ?? 0;
    const restates = flags.restates ?? key;
    const earlier = this.rows.findLast((row) => !row.isUndone && row.aside?.of === restates)?.aside;
    const aside = { of: restates, moved: standing.setAside.get(restates) ?? 0, before: earlier?.moved ?? 0 };
    const told = toldFlags(flags);
    const session = {
      id: params.id ?? MADE,
      timestamp: toSessionTime(atMs),
      tokens: increment,
      event,
      conversation_id,
      sync_type,
      total_used: this.used,
      ...(flags.reset && { reset: true }),
      ...(told.length > 0 && { flags: told }),
    };
    const row: Row = {
      key,
      revision,
      session,
      namedMs,
      aside,
      reading: { sync_type, value, unit, counted, total: this.total, before },
      isUndone: false,
      isRemoved: false,
    };
    this.rows.push(row);
    const touched = this.rows.find((other) => other.key === (flags.replaces ?? flags.restates));
    const more: Partial<Receipt> = {
      ...(flags.reset && { reset: true }),
      ...(flags.rounded && { rounded: true }),
      ...(counted !== increment && { counted }),
      ...(told.length > 0 && { flags: told }),
      ...(touched && { touched: touchedOf(touched) }),
    };
    this.#receipts.set(key, { ...this.#receipt(session.id, increment, more), revision });
    return row;
  }

  #fold(): Standing {
    const standing = standingAfter(this.#entries);
    this.used = standing.used;
    this.counted = standing.counted;
    return standing;
  }

  #commit({ rises, ...commit }: Pick<Commit, 'cause' | 'row' | 'sessions' | 'rises'>): void {
    const before = this.commits.at(-1)?.used ?? 0;
    const { revision, nowMs: atMs, used, total } = this;
    const earlier = rises.filter(({ fromMs }) => fromMs < atMs);
    const increment = used - before;
    this.commits.push({ revision: revision + 1, atMs, used, total, increment, rises: earlier, ...commit });
    this.#noteStart(commit.cause, before);
  }

  /** Where the counter began anew: it stood at 0, or somebody edited it to less than half. */
  #noteStart(cause: Commit['cause'], before: number): void {
    const place = this.rows.length;
    const standing = this.starts.findLast(({ by }) => !by?.isUndone);
    if (cause === 'edit' && this.used < before / 2) this.starts.push({ place });
    else if (this.used === 0 && cause === 'reading') this.starts.push({ place, by: this.rows.at(-1) });
    else if (this.used === 0) this.starts.push({ place, by: standing?.by });
  }

  #receipt(id: string, increment: number, more: Partial<Receipt>): Receipt {
    const { used, total, revision } = this;
    return {
      success: true,
      id,
      total_used: used,
      increment,
      total,
      percent: percentOf(used, total),
      revision,
      ...more,
    };
  }
}
