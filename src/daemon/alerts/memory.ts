import { readFileSync } from 'node:fs';

/** What was told already, so that a restart tells nothing twice. */
export interface AlertMemory {
  /** Thresholds in percent. */
  readonly told: readonly number[];
  /** The end, in milliseconds, of the period whose early exhaustion was told. */
  readonly foretold: number | undefined;
}

/** What a file of `memoryText` says; nothing was told where it is missing or broken, so that an alert rather comes twice than never. */
export function readMemory(path: string): AlertMemory {
  try {
    const { told, foretold } = JSON.parse(readFileSync(path, 'utf8')) as { told?: unknown; foretold?: unknown };
    return {
      told: Array.isArray(told) ? told.filter((level) => typeof level === 'number') : [],
      foretold: typeof foretold === 'number' ? foretold : undefined,
    };
  } catch {
    return { told: [], foretold: undefined };
  }
}

export function memoryText({ told, foretold }: AlertMemory): string {
  return `${JSON.stringify({ told, foretold })}\n`;
}
