/** The classes of METERS' model: disjoint but for `reasoning`, which lies within `output`. */
export const CLASSES = ['input', 'cache_read', 'cache_write', 'output', 'reasoning'] as const;
export type Tokens = Readonly<Record<(typeof CLASSES)[number], number>>;

/** Sums of a group, with the number of things that were used for more than nothing. */
export type Tally = Tokens & { readonly calls: number };

/** Where a line says that something was used. `folder` is the tool's full working folder. */
export interface Place {
  readonly conversation: string;
  readonly folder?: string | undefined;
  readonly atMs: number;
}

/** One thing that a generator invented. It is in the truth from the moment that a line with its full size is written. */
export interface Invented {
  readonly meter: string;
  readonly model?: string | undefined;
  readonly tokens: Tokens;
  readonly places: Place[];
}

export interface Gauge {
  readonly used: number;
  readonly limit?: number | undefined;
  readonly model?: string | undefined;
  readonly atMs: number;
}

export interface UsageWindow {
  readonly usedPercent: number;
  readonly resetsAtMs: number;
  readonly windowMinutes: number;
  readonly atMs: number;
}

export type GroupBy = 'meter' | 'model' | 'project' | 'hour' | 'conversation';

/** What a home says, counted by its generator while it writes: it never reads a line. */
export class Truth {
  /** By `meter conversation`. */
  readonly gauges = new Map<string, Gauge>();
  /** By name, such as `codex.5h`. */
  readonly windows = new Map<string, UsageWindow>();
  readonly #invented = new Set<Invented>();

  /** A line that carries the full size of `thing` is on disk, at `place`; copies add places, never tokens. */
  written(thing: Invented, place: Place): void {
    thing.places.push(place);
    this.#invented.add(thing);
  }

  /** The latest state of a conversation; an older one never takes its place. */
  gauge(meter: string, conversation: string, gauge: Gauge): void {
    const key = `${meter} ${conversation}`;
    if ((this.gauges.get(key)?.atMs ?? 0) <= gauge.atMs) this.gauges.set(key, gauge);
  }

  /** The furthest state of a window: a fork repeats old ones with times of its own. */
  window(name: string, window: UsageWindow): void {
    const known = this.windows.get(name);
    if (!known || isFurther(window, known)) this.windows.set(name, window);
  }

  /** Takes in what another generator wrote of the same thing or others. */
  add(other: Truth): void {
    for (const thing of other.#invented) this.#invented.add(thing);
    for (const [key, gauge] of other.gauges) this.gauges.set(key, gauge);
    for (const [name, window] of other.windows) this.window(name, window);
  }

  /**
   * The right sums. Keys are JSON: `["claude"]`, and `["claude", group]` where grouped further (`null` for none).
   * A thing with several places stands at its earliest one (`earliest`), so that the order of reading has no say.
   */
  by(group: GroupBy): Map<string, Tally> {
    const sums = new Map<string, Tally>();
    for (const thing of this.#invented) addTo(sums, groupKey(thing, earliest(thing.places), group), thing.tokens);
    return sums;
  }

  /**
   * For a reader that keeps the place that it saw first: what each group holds at least (`sure`, things that stand
   * there alone) and at most (`possible`, things that a copy puts there as well). The sums over all groups stay exact.
   */
  bounds(group: GroupBy): { readonly sure: Map<string, Tally>; readonly possible: Map<string, Tally> } {
    const sure = new Map<string, Tally>();
    const possible = new Map<string, Tally>();
    for (const thing of this.#invented) {
      const keys = new Set(thing.places.map((place) => groupKey(thing, place, group)));
      for (const key of keys) addTo(possible, key, thing.tokens);
      if (keys.size === 1) addTo(sure, [...keys][0]!, thing.tokens);
    }
    return { sure, possible };
  }
}

/** The later reset, of one reset the larger percentage, of equal ones the later time. */
export function isFurther(one: UsageWindow, other: UsageWindow): boolean {
  const further = one.resetsAtMs - other.resetsAtMs || one.usedPercent - other.usedPercent || one.atMs - other.atMs;
  return further > 0;
}

/** The one place that every order of reading agrees on: earliest time, then the lesser conversation, then the lesser project. */
export function earliest(places: readonly Place[]): Place {
  return places.reduce((least, place) => (comparePlaces(place, least) < 0 ? place : least));
}

export function comparePlaces(one: Place, other: Place): number {
  return (
    one.atMs - other.atMs ||
    compareText(one.conversation, other.conversation) ||
    compareText(projectOf(one) ?? '', projectOf(other) ?? '')
  );
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function projectOf({ folder }: Place): string | undefined {
  return folder?.split(/[\\/]+/).findLast((part) => part !== '');
}

function groupKey(thing: Invented, place: Place, group: GroupBy): string {
  const name = {
    meter: () => [],
    model: () => [thing.model ?? null],
    project: () => [projectOf(place) ?? null],
    hour: () => [new Date(Math.floor(place.atMs / 3_600_000) * 3_600_000).toISOString()],
    conversation: () => [place.conversation],
  }[group]();
  return JSON.stringify([thing.meter, ...name]);
}

/** Adds tokens to the group of that key. */
export function addTo(sums: Map<string, Tally>, key: string, tokens: Tokens): void {
  if (sumOf(tokens) === 0) return;
  const old = sums.get(key);
  const added = CLASSES.map((name) => [name, (old?.[name] ?? 0) + tokens[name]]);
  sums.set(key, { ...(Object.fromEntries(added) as Tokens), calls: (old?.calls ?? 0) + 1 });
}

/** `all`: the disjoint classes together. */
export function sumOf(tokens: Tokens): number {
  return tokens.input + tokens.cache_read + tokens.cache_write + tokens.output;
}
