import type { FigureReading } from '../../../src/daemon/rules/figures/entry.ts';

/** An exact or estimated amount that was added. */
export interface Amount {
  readonly id: string;
  readonly tokens: number;
  readonly isEstimate: boolean;
  /** The number of entries before it. */
  readonly place: number;
}

/** The knowledge of one counter or conversation. */
export interface Line {
  readonly value: number;
  /** That of the value, so of the reading that it was taken from. */
  readonly unit: number;
  /** The own time of the last counter reading; before all times where it was an edit. */
  readonly atMs: number;
  /** The amounts added since that reading, oldest first. */
  readonly amounts: readonly Amount[];
}

export interface Lines {
  /** By conversation; the nameless one under an empty text. */
  readonly known: ReadonlyMap<string, Line>;
  /** The conversation of the line told last; nothing where no counter figure was told yet. */
  readonly current: string | undefined;
  /** The amounts added to conversations that have no line yet, or before there was any line. */
  readonly waiting: ReadonlyMap<string, readonly Amount[]>;
}

export const NO_LINES: Lines = { known: new Map(), current: undefined, waiting: new Map() };

/** A value with its unit, which may be a line. */
export type Figure = Pick<Line, 'value' | 'unit'>;

export function fits(figure: Figure, line: Figure | undefined): boolean {
  return !line || figure.value > line.value - Math.max(figure.unit, line.unit);
}

export function sumOf(amounts: readonly Amount[]): number {
  return amounts.reduce((sum, { tokens }) => sum + tokens, 0);
}

export function top(line: Line): number {
  return line.value + sumOf(line.amounts);
}

export function currentLine(lines: Lines): Line | undefined {
  return lines.current === undefined ? undefined : lines.known.get(lines.current);
}

/** The line of a value with that conversation: without one the current line. */
export function placeOf(lines: Lines, conversation: string): string {
  return conversation === '' ? (lines.current ?? '') : conversation;
}

/** Whether a source may have counted what a line grew by: it told something since that line was told, which is not the current one. */
export function isCovered(lines: Lines, name: string, fedMs: number): boolean {
  const line = lines.known.get(name);
  return line !== undefined && name !== lines.current && line.atMs < fedMs;
}

/** Whether a named value takes the nameless line over: its own line is not known, covered or too high, and the nameless one is current. */
export function adopts(lines: Lines, reading: Figure & Pick<FigureReading, 'conversation_id'>, fedMs: number): boolean {
  const name = reading.conversation_id;
  if (name === '' || lines.current !== '') return false;
  const own = isCovered(lines, name, fedMs) ? undefined : lines.known.get(name);
  return !(own && fits(reading, own)) && fits(reading, lines.known.get(''));
}

/** The nameless line under that name, in place of the one that had it, with all that was added to the name. */
export function adopted(lines: Lines, name: string): Lines {
  const nameless = lines.known.get('')!;
  const named = new Map(lines.known);
  named.delete('');
  const own = [...(lines.known.get(name)?.amounts ?? []), ...(lines.waiting.get(name) ?? [])];
  const amounts = [...nameless.amounts, ...own].sort((one, other) => one.place - other.place);
  return told({ ...lines, known: named }, name, { ...nameless, amounts });
}

/** The last value of a line that goes on; of two that say the same the exact one tells the unit. */
export function further(line: Line, { value, unit, atMs }: Omit<Line, 'amounts'>): Line {
  if (value < line.value) return { ...line, atMs, amounts: [] };
  return { value, unit: value === line.value ? Math.min(unit, line.unit) : unit, atMs, amounts: [] };
}

/** The lines after a counter reading: that line is current, and nothing waits for it, or for a first line, any more. */
export function told(lines: Lines, name: string, line: Line): Lines {
  const waiting = new Map([...lines.waiting].filter(([other]) => other !== name && other !== ''));
  return { known: new Map(lines.known).set(name, line), current: name, waiting };
}

/** The lines after an amount was added. */
export function withAmount(lines: Lines, conversation: string, amount: Amount): Lines {
  const name = placeOf(lines, conversation);
  const line = lines.known.get(name);
  if (line) {
    const longer = { ...line, amounts: [...line.amounts, amount] };
    return { ...lines, known: new Map(lines.known).set(name, longer) };
  }
  return { ...lines, waiting: new Map(lines.waiting).set(name, [...(lines.waiting.get(name) ?? []), amount]) };
}

/** The amounts added since the last counter reading that are in the first value of a line that begins (anew) under that name. */
export function addedBefore(lines: Lines, name: string): number {
  const own = name === '' || name === lines.current ? undefined : lines.known.get(name);
  return [currentLine(lines), own].reduce(
    (sum, line) => sum + sumOf(line?.amounts ?? []),
    sumOf(lines.waiting.get(name) ?? []),
  );
}

/** The lines where what was added to the current one belongs to the past. */
export function withoutAdded(lines: Lines): Lines {
  const line = currentLine(lines);
  if (!line?.amounts.length) return lines;
  return { ...lines, known: new Map(lines.known).set(lines.current!, { ...line, amounts: [] }) };
}
