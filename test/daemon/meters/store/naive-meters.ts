import type { CountSeen, GaugeSeen, Observation, WindowSeen } from '../../../../src/daemon/meters/observation.ts';
import type { Batch } from '../../../../src/daemon/meters/store/batch.ts';
import { rowsIn } from './meters-at.ts';

/** What a store ought to hold, by maps and sorting alone: every sight is remembered, and the best of each key looked for when asked. */
export class NaiveMeters {
  readonly #places = new Map<string, unknown>();
  readonly #sights = new Map<string, { readonly seen: CountSeen; readonly path: string | undefined }[]>();
  readonly #gauges = new Map<string, GaugeSeen>();
  readonly #windows = new Map<string, WindowSeen>();

  commit({ parts, forgotten = [], withdrawn = [] }: Batch): void {
    for (const path of forgotten) {
      this.#places.delete(path);
      for (const [key, sights] of this.#sights) {
        this.#sights.set(
          key,
          sights.map((sight) => (sight.path === path ? { ...sight, path: undefined } : sight)),
        );
      }
    }
    for (const path of withdrawn) {
      this.#places.delete(path);
      for (const [key, sights] of this.#sights)
        if (sights.some((sight) => sight.path === path)) this.#sights.delete(key);
    }
    for (const { file, observations } of parts) {
      if (file) this.#places.set(file.path, file.place);
      for (const seen of observations) this.#see(seen, file?.path);
    }
  }

  /** Cells, places, gauges and windows, each sorted. */
  dump() {
    const cells = [...this.#sights.values()].map((sights) => {
      const { meter, key, tokens, atMs, conversation, model, folder, provenance } = sights
        .map(({ seen }) => seen)
        .sort(bestFirst)[0]!;
      const { input, cache_read, cache_write, output, reasoning } = tokens;
      const project = folder?.split('/').at(-1) ?? null;
      return {
        ...{ meter, key, at_ms: atMs, conversation: conversation ?? null, model: model ?? null, project },
        ...{ estimated: Number(provenance === 'estimated'), input, cache_read, cache_write, output, reasoning },
      };
    });
    return {
      cells: sorted(cells),
      places: sorted([...this.#places].map(([path, place]) => ({ path, place: JSON.stringify(place) }))),
      gauges: sorted(
        [...this.#gauges.values()].map(({ meter, conversation, used, atMs }) => ({
          meter,
          conversation,
          used,
          at_ms: atMs,
        })),
      ),
      windows: sorted(
        [...this.#windows.values()].map(({ meter, usedPercent, atMs }) => ({
          meter,
          used_percent: usedPercent,
          at_ms: atMs,
        })),
      ),
    };
  }

  /** The best of every key. */
  best(): CountSeen[] {
    return [...this.#sights.values()].map((sights) => sights.map(({ seen }) => seen).sort(bestFirst)[0]!);
  }

  #see(seen: Observation, path: string | undefined): void {
    if (seen.kind === 'gauge') {
      const key = JSON.stringify([seen.meter, seen.conversation]);
      if ((this.#gauges.get(key)?.atMs ?? 0) <= seen.atMs) this.#gauges.set(key, seen);
    } else if (seen.kind === 'window') {
      const known = this.#windows.get(seen.meter);
      this.#windows.set(seen.meter, [seen, ...(known ? [known] : [])].sort(furthestFirst)[0]!);
    } else if (sumOf(seen) > 0) {
      const key = JSON.stringify([seen.meter, seen.key]);
      this.#sights.set(key, [...(this.#sights.get(key) ?? []), { seen, path }]);
    }
  }
}

/** The same of a database, as it lies there. */
export function dumpOf(path: string): ReturnType<NaiveMeters['dump']> {
  const name = (column: string) => `(select text from name where id = ${column}) as ${column}`;
  return {
    cells: sorted(
      rowsIn(
        path,
        `select meter, key, cell.at_ms, ${['conversation', 'model', 'project'].map(name).join()}, cell.estimated, cell.input,
           cell.cache_read, cell.cache_write, cell.output, cell.reasoning from cell join counter on counter.id = cell.counter`,
      ),
    ),
    places: sorted(rowsIn(path, "select path, place from file where place <> 'null'")),
    gauges: sorted(rowsIn(path, `select meter, ${name('conversation')}, used, at_ms from gauge`)),
    windows: sorted(rowsIn(path, 'select meter, used_percent, at_ms from window')),
  };
}

function sumOf({ tokens: { input, cache_read, cache_write, output } }: CountSeen): number {
  return input + cache_read + cache_write + output;
}

/** The later reset, then the larger percentage, then the later time. */
function furthestFirst(one: WindowSeen, other: WindowSeen): number {
  return other.resetsAtMs - one.resetsAtMs || other.usedPercent - one.usedPercent || other.atMs - one.atMs;
}

/** Largest sum, exact, earliest, then by names and classes, so that it never matters which came first. */
function bestFirst(one: CountSeen, other: CountSeen): number {
  const rank = (seen: CountSeen) => {
    const { conversation = '', folder = '', model = '' } = seen;
    const { input, cache_read, cache_write, output, reasoning } = seen.tokens;
    return [
      ...[-sumOf(seen), Number(seen.provenance === 'estimated'), seen.atMs],
      ...[conversation, folder, model],
      ...[-input, -cache_read, -cache_write, -output, -reasoning],
    ];
  };
  const [left, right] = [rank(one), rank(other)];
  const index = left.findIndex((value, at) => value !== right[at]);
  if (index < 0) return 0;
  return left[index]! < right[index]! ? -1 : 1;
}

function sorted<T>(rows: readonly T[]): T[] {
  return rows.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
