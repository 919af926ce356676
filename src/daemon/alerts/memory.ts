import { type Alert, type ToldAlert, toldAlert } from '../../protocol/methods.ts';
import { readRegular } from '../../shared/node/regular-file.ts';

/** What was told already, so that a restart tells nothing twice. */
export interface AlertMemory {
  /** Thresholds in percent. */
  readonly told: readonly number[];
  /** The end, in milliseconds, of the period whose early exhaustion was told. */
  readonly foretold: number | undefined;
  /** The alerts that were told last, oldest first. */
  readonly latest: readonly ToldAlert[];
}

const MOST_LATEST = 20;

/** With more alerts that were just told. */
export function withTold(latest: readonly ToldAlert[], alerts: readonly Alert[], nowMs: number): readonly ToldAlert[] {
  if (alerts.length === 0) return latest;
  const at = new Date(nowMs).toISOString();
  return [...latest, ...alerts.map((alert) => ({ ...alert, at }))].slice(-MOST_LATEST);
}

/** What a file of `memoryText` says; nothing was told where it is missing or broken, so that an alert rather comes twice than never. */
export function readMemory(path: string): AlertMemory {
  try {
    const { told, foretold, latest } = JSON.parse(readRegular(path).toString('utf8')) as Record<string, unknown>;
    return {
      told: Array.isArray(told) ? told.filter((level) => typeof level === 'number') : [],
      foretold: typeof foretold === 'number' ? foretold : undefined,
      latest: Array.isArray(latest) ? latest.filter(isTold) : [],
    };
  } catch {
    return { told: [], foretold: undefined, latest: [] };
  }
}

export function memoryText({ told, foretold, latest }: AlertMemory): string {
  return `${JSON.stringify({ told, foretold, latest })}\n`;
}

/** What does not look like one of ours is left out, and nothing else for its sake. */
function isTold(value: unknown): value is ToldAlert {
  return toldAlert.safeParse(value).success;
}
