import type { Statements } from '../../store/index/database/statements.ts';
import type { GaugeSeen, WindowSeen } from '../observation.ts';
import type { Feeding } from './feeding.ts';
import { type Names, type ProjectNaming, projectOf } from './names.ts';
import { isInstant } from './sight.ts';

/**
 * The latest value of every gauge, by the time that it bears, of one time the last that came; and of every window the furthest:
 * a fork repeats what its parent was told long ago, with times of its own.
 */
export class Gauges {
  readonly #statements: Statements;
  readonly #names: Names;
  readonly #feeding: Feeding;
  /** What this batch has come to; a log tells thousands of states, of which the last is written. */
  readonly #gauges = new Map<string, Entry<GaugeRow>>();
  readonly #windows = new Map<string, Entry<WindowRow>>();

  constructor(statements: Statements, names: Names, feeding: Feeding) {
    this.#statements = statements;
    this.#names = names;
    this.#feeding = feeding;
  }

  /** Takes a gauge's value in until `save`; false where no gauge can hold it. */
  see(seen: GaugeSeen, naming: ProjectNaming): boolean {
    const { meter, used, limit, atMs } = seen;
    if (!isCount(used) || (limit !== undefined && !isCount(limit)) || !isInstant(atMs)) return false;
    const conversation = this.#names.idOf(seen.conversation);
    const entry = this.#gaugeOf(meter, conversation);
    const last = entry.row;
    if (last && atMs < last.at_ms) return true;
    const model = this.#names.idOf(seen.model);
    const project = this.#names.idOf(projectOf(seen.folder, naming));
    const estimated = seen.provenance === 'exact' ? 0 : 1;
    const row = { meter, conversation, used, most: limit ?? null, model, project, estimated, at_ms: atMs };
    if (last && KEPT.every((column) => last[column] === row[column])) return true;
    entry.row = row;
    entry.isChanged = true;
    const since = this.#feeding.sinceOf(meter);
    if (since === undefined || atMs < since) return true;
    // A conversation that is older than the switch begins at the first value after it.
    const isOlder = last !== undefined && last.at_ms < since;
    if (used === last?.used && !isOlder) return true;
    const base = isOlder ? used : (last?.used ?? 0);
    this.#feeding.tell({ meter, conversation, project, tokens: Math.max(0, used - base), used, atMs });
    return true;
  }

  /** Takes a window's state in until `save`; false where no window can hold it. */
  seeWindow({ meter, usedPercent, resetsAtMs, windowMinutes, atMs, provenance }: WindowSeen): boolean {
    const isPercent = Number.isFinite(usedPercent) && usedPercent >= 0;
    if (!isPercent || !isInstant(resetsAtMs) || !isCount(windowMinutes) || !isInstant(atMs)) return false;
    // No window is longer than itself: such a reset would hold off every true one.
    if (resetsAtMs - atMs > windowMinutes * MINUTE_MS + CLOCKS_MS) return false;
    const entry = this.#windowOf(meter);
    const row = {
      ...{ meter, used_percent: usedPercent, resets_ms: resetsAtMs, minutes: windowMinutes },
      ...{ estimated: provenance === 'exact' ? 0 : 1, at_ms: atMs },
    };
    if (entry.row && !isFurther(row, entry.row)) return true;
    entry.row = row;
    entry.isChanged = true;
    return true;
  }

  get isChanged(): boolean {
    return [this.#gauges, this.#windows].some((entries) => entries.values().some(({ isChanged }) => isChanged));
  }

  /** Writes what has changed, `seq` being the number of this change. */
  save(seq: number): void {
    for (const { row, isChanged } of this.#gauges.values()) {
      if (!row || !isChanged) continue;
      this.#statements.run(SET, row.meter, row.conversation, ...KEPT.map((column) => row[column]), seq);
    }
    for (const { row, isChanged } of this.#windows.values()) {
      if (!row || !isChanged) continue;
      const { meter, used_percent, resets_ms, minutes, estimated, at_ms } = row;
      this.#statements.run(SET_WINDOW, meter, used_percent, resets_ms, minutes, estimated, at_ms, seq);
    }
    this.#gauges.clear();
    this.#windows.clear();
  }

  #gaugeOf(meter: string, conversation: number): Entry<GaugeRow> {
    const key = `${conversation} ${meter}`;
    let entry = this.#gauges.get(key);
    if (!entry) {
      entry = { row: this.#statements.get<GaugeRow>(LAST, meter, conversation), isChanged: false };
      this.#gauges.set(key, entry);
    }
    return entry;
  }

  #windowOf(meter: string): Entry<WindowRow> {
    let entry = this.#windows.get(meter);
    if (!entry) {
      entry = { row: this.#statements.get<WindowRow>(LAST_WINDOW, meter), isChanged: false };
      this.#windows.set(meter, entry);
    }
    return entry;
  }
}

/** By reset, percentage and time, each where those before it are equal: a window only fills up until its reset. */
function isFurther(one: WindowRow, other: WindowRow): boolean {
  const column = FURTHER.find((each) => one[each] !== other[each]);
  return column !== undefined && one[column] > other[column];
}

const MINUTE_MS = 60_000;
/** As far apart as the clocks of a vendor and of this machine may be. */
const CLOCKS_MS = 24 * 60 * MINUTE_MS;

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

interface Entry<Row> {
  row: Row | undefined;
  isChanged: boolean;
}

interface GaugeRow {
  readonly meter: string;
  readonly conversation: number;
  readonly used: number;
  readonly most: number | null;
  readonly model: number;
  readonly project: number;
  readonly estimated: number;
  readonly at_ms: number;
}

interface WindowRow {
  readonly meter: string;
  readonly used_percent: number;
  readonly resets_ms: number;
  readonly minutes: number;
  readonly estimated: number;
  readonly at_ms: number;
}

const KEPT = ['used', 'most', 'model', 'project', 'estimated', 'at_ms'] as const;
const FURTHER = ['resets_ms', 'used_percent', 'at_ms'] as const;

const LAST = 'select * from gauge where meter = ? and conversation = ?';
const SET = 'insert or replace into gauge values (?, ?, ?, ?, ?, ?, ?, ?, ?)';
const LAST_WINDOW = 'select * from window where meter = ?';
const SET_WINDOW = 'insert or replace into window values (?, ?, ?, ?, ?, ?, ?)';
