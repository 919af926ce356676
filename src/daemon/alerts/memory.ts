import { type Alert, type ToldAlert, toldAlert } from '../../protocol/methods.ts';
import { readRegular } from '../../shared/node/regular-file.ts';

/** The alerts that were told already, so that a restart tells nothing twice. */
export interface AlertMemory {
  /** Thresholds in percent that were told under the key. */
  readonly told: readonly number[];
  /** The stretch of the period, or the conversation, in which each is told once; absent where that is still to be known. */
  readonly key?: string;
  /** Those of other keys, the latest first. */
  readonly others: readonly (readonly [key: string, told: readonly number[]])[];
  /** The end, in milliseconds, of the period whose early exhaustion was told. */
  readonly warnedEndMs: number | undefined;
  /** The alerts that were told last, oldest first. */
  readonly latest: readonly ToldAlert[];
}

const MOST_LATEST = 20;

/** People go back to a conversation now and then, and hardly to one of so many ago. */
const MOST_OTHERS = 50;

/** The memory for another key; where none was known, what was told counts for this one. */
export function underKey(memory: AlertMemory, key: string): AlertMemory {
  if (memory.key === key) return memory;
  if (memory.key === undefined) return { ...memory, key };
  const others = [[memory.key, memory.told] as const, ...memory.others];
  const known = others.find(([other]) => other === key)?.[1] ?? [];
  return { ...memory, key, told: known, others: others.filter(([other]) => other !== key).slice(0, MOST_OTHERS) };
}

/** The memory in which what was told counts for whatever key comes next. */
export function forgetsKey({ key: _, ...memory }: AlertMemory): AlertMemory {
  return memory;
}

/** Adds alerts that were just told; the oldest give way. */
export function withTold(latest: readonly ToldAlert[], alerts: readonly Alert[], nowMs: number): readonly ToldAlert[] {
  if (alerts.length === 0) return latest;
  const at = new Date(nowMs).toISOString();
  return [...latest, ...alerts.map((alert) => ({ ...alert, at }))].slice(-MOST_LATEST);
}

/** Reads a file of `memoryText`; where it is missing or broken nothing was told, so that an alert rather comes twice than never. */
export function readMemory(path: string): AlertMemory {
  try {
    const { told, key, others, foretold, latest } = JSON.parse(readRegular(path).toString('utf8')) as Record<
      string,
      unknown
    >;
    return {
      told: levelsIn(told),
      ...(typeof key === 'string' && { key }),
      others: Array.isArray(others) ? others.flatMap(keyedLevels) : [],
      warnedEndMs: typeof foretold === 'number' ? foretold : undefined,
      latest: Array.isArray(latest) ? latest.filter(isTold) : [],
    };
  } catch {
    return { told: [], others: [], warnedEndMs: undefined, latest: [] };
  }
}

export function memoryText({ told, key, others, warnedEndMs, latest }: AlertMemory): string {
  return `${JSON.stringify({ told, key, ...(others.length > 0 && { others }), foretold: warnedEndMs, latest })}\n`;
}

/** An entry that is none of ours is left out; the others stay. */
function isTold(value: unknown): value is ToldAlert {
  return toldAlert.safeParse(value).success;
}

function levelsIn(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((level) => typeof level === 'number') : [];
}

function keyedLevels(entry: unknown): [string, number[]][] {
  return Array.isArray(entry) && typeof entry[0] === 'string' ? [[entry[0], levelsIn(entry[1])]] : [];
}
