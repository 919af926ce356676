import { type Alert, type ToldAlert, toldAlert } from '../../protocol/methods.ts';
import { readRegular } from '../../shared/node/regular-file.ts';

/** The alerts that were told already, so that a restart tells nothing twice. */
export interface AlertMemory {
  /** Thresholds in percent. */
  readonly told: readonly number[];
  /** The end, in milliseconds, of the period whose early exhaustion was told. */
  readonly warnedEndMs: number | undefined;
  /** The alerts that were told last, oldest first. */
  readonly latest: readonly ToldAlert[];
}

const MOST_LATEST = 20;

/** Adds alerts that were just told; the oldest give way. */
export function withTold(latest: readonly ToldAlert[], alerts: readonly Alert[], nowMs: number): readonly ToldAlert[] {
  if (alerts.length === 0) return latest;
  const at = new Date(nowMs).toISOString();
  return [...latest, ...alerts.map((alert) => ({ ...alert, at }))].slice(-MOST_LATEST);
}

/** Reads a file of `memoryText`; where it is missing or broken nothing was told, so that an alert rather comes twice than never. */
export function readMemory(path: string): AlertMemory {
  try {
    const { told, foretold, latest } = JSON.parse(readRegular(path).toString('utf8')) as Record<string, unknown>;
    return {
      told: Array.isArray(told) ? told.filter((level) => typeof level === 'number') : [],
      warnedEndMs: typeof foretold === 'number' ? foretold : undefined,
      latest: Array.isArray(latest) ? latest.filter(isTold) : [],
    };
  } catch {
    return { told: [], warnedEndMs: undefined, latest: [] };
  }
}

export function memoryText({ told, warnedEndMs, latest }: AlertMemory): string {
  return `${JSON.stringify({ told, foretold: warnedEndMs, latest })}\n`;
}

/** An entry that is none of ours is left out; the others stay. */
function isTold(value: unknown): value is ToldAlert {
  return toldAlert.safeParse(value).success;
}
