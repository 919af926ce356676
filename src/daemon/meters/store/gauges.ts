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
  /** True once something has changed in this batch. */
  isChanged = false;

  constructor(statements: Statements, names: Names, feeding: Feeding) {
    this.#statements = statements;
    this.#names = names;
    this.#feeding = feeding;
  }

  /** Takes a gauge's value in, `seq` being the number of this change; false where no gauge can hold it. */
  see(seen: GaugeSeen, seq: number, naming: ProjectNaming): boolean {
    const { meter, used, limit, atMs } = seen;
    if (!isCount(used) || (limit !== undefined && !isCount(limit)) || !isInstant(atMs)) return false;
    const conversation = this.#names.idOf(seen.conversation);
    const last = this.#statements.get<LastValue>(LAST, meter, conversation);
    if (last && atMs < last.at_ms) return true;
    const model = this.#names.idOf(seen.model);
    const project = this.#names.idOf(projectOf(seen.folder, naming));
    const estimated = seen.provenance === 'exact' ? 0 : 1;
    const values = [used, limit ?? null, model, project, estimated, atMs] as const;
    if (last && KEPT.every((column, index) => last[column] === values[index])) return true;
    this.#statements.run(SET, meter, conversation, ...values, seq);
    this.isChanged = true;
    const since = this.#feeding.sinceOf(meter);
    if (since === undefined || atMs < since) return true;
    // A conversation that is older than the switch begins at the first value after it.
    const isOlder = last !== undefined && last.at_ms < since;
    if (used === last?.used && !isOlder) return true;
    const base = isOlder ? used : (last?.used ?? 0);
    this.#feeding.tell({ meter, conversation, project, tokens: Math.max(0, used - base), used, atMs });
    return true;
  }

  /** Takes a window's state in; false where no window can hold it. */
  seeWindow({ meter, usedPercent, resetsAtMs, windowMinutes, atMs, provenance }: WindowSeen, seq: number): boolean {
    const isPercent = Number.isFinite(usedPercent) && usedPercent >= 0;
    if (!isPercent || !isInstant(resetsAtMs) || !isCount(windowMinutes) || !isInstant(atMs)) return false;
    const last = this.#statements.get<LastWindow>(LAST_WINDOW, meter);
    if (last && !isFurther([resetsAtMs, usedPercent, atMs], [last.resets_ms, last.used_percent, last.at_ms]))
      return true;
    const estimated = provenance === 'exact' ? 0 : 1;
    this.#statements.run(SET_WINDOW, meter, usedPercent, resetsAtMs, windowMinutes, estimated, atMs, seq);
    this.isChanged = true;
    return true;
  }
}

/** By reset, percentage and time, each where those before it are equal: a window only fills up until its reset. */
function isFurther(one: readonly number[], other: readonly number[]): boolean {
  const index = one.findIndex((value, at) => value !== other[at]);
  return index >= 0 && one[index]! > other[index]!;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

interface LastValue {
  readonly used: number;
  readonly most: number | null;
  readonly model: number;
  readonly project: number;
  readonly estimated: number;
  readonly at_ms: number;
}

interface LastWindow {
  readonly resets_ms: number;
  readonly used_percent: number;
  readonly at_ms: number;
}

const KEPT = ['used', 'most', 'model', 'project', 'estimated', 'at_ms'] as const;

const LAST = 'select used, most, model, project, estimated, at_ms from gauge where meter = ? and conversation = ?';
const SET = 'insert or replace into gauge values (?, ?, ?, ?, ?, ?, ?, ?, ?)';
const LAST_WINDOW = 'select resets_ms, used_percent, at_ms from window where meter = ?';
const SET_WINDOW = 'insert or replace into window values (?, ?, ?, ?, ?, ?, ?)';
