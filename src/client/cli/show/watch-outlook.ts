import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Alert, Forecast } from '../../../protocol/methods.ts';
import type { Call } from '../command.ts';

/** The alerts that hold and the day on which the budget runs out: no notification of a change tells them. */
export interface Outlook {
  readonly alerts: readonly Alert[];
  readonly forecast: Forecast;
}

/** Keeps the outlook in step with the figures until it is disposed of. */
export interface OutlookKeeper extends Disposable {
  /** The figures have changed: asks soon, once for many changes. */
  ask(): void;
}

/** A burst of changes is over, and the daemon has looked at its forecast. */
const SETTLE_MS = 600;

/** The date moves with the hours too. */
const LOOK_MS = 60_000;

/** Asks through `daemon` and hands each answer to `onTold`; while nobody answers the last one stands. */
export function keepOutlook(
  daemon: <T>(work: (call: Call) => Promise<T>) => Promise<T>,
  onTold: (outlook: Outlook) => void,
): OutlookKeeper {
  let timer: NodeJS.Timeout | undefined;
  let isAsking = false;
  let isOver = false;
  const lookIn = (waitMs: number) => {
    clearTimeout(timer);
    timer = isOver ? undefined : setTimeout(() => void look(), waitMs);
  };
  let isDue = false;
  const look = async () => {
    isDue = false;
    isAsking = true;
    const outlook = await outlookOf(daemon);
    isAsking = false;
    if (outlook && !isOver) onTold(outlook);
    lookIn(isDue ? SETTLE_MS : LOOK_MS);
  };
  return {
    ask() {
      if (isDue) return;
      isDue = true;
      if (!isAsking) lookIn(SETTLE_MS);
    },
    [Symbol.dispose]() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

async function outlookOf(daemon: <T>(work: (call: Call) => Promise<T>) => Promise<T>): Promise<Outlook | undefined> {
  try {
    const [{ alerts }, forecast] = await daemon((call) =>
      Promise.all([call('daemon.info', {}), call('usage.forecast', {})]),
    );
    return { alerts, forecast };
  } catch (error) {
    // The connection tells that it is lost.
    if (error instanceof TokenSyncError) return undefined;
    throw error;
  }
}
