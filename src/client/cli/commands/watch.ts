import type { Language } from '../../../protocol/language.ts';
import { given } from '../../../shared/given.ts';
import {
  type AlertItem,
  type Subscription,
  type SubscriptionItem,
  subscribe,
} from '../../sdk/connection/subscription.ts';
import { withDaemon } from '../../sdk/daemon/daemon-finder.ts';
import { callOnce } from '../../sdk/daemon/http-call.ts';
import { nodePlatform } from '../../sdk/node-platform.ts';
import { findOptions } from '../calls/daemon-caller.ts';
import { tellIfSlow } from '../calls/slow-answer.ts';
import { defineCommand, type Input } from '../command.ts';
import type { Settings } from '../settings.ts';
import { isResultSeen, writeJson, writeNote, writeResult } from '../show/output.ts';
import { openScreen } from '../show/screen.ts';
import { keepOutlook } from '../show/watch-outlook.ts';
import { changesOtherSessions, frameText, lineText, nextState, noteText, type WatchState } from '../show/watch-view.ts';

/** Shows the usage live, across restarts of the daemon, until `q` or Ctrl+C. */
export const watch = defineCommand({
  summary: { zh: '实时查看', en: 'watch the usage live' },
  example: { zh: 'token-sync watch', en: 'token-sync watch --json' },
  flags: {},
  args: [],
  async run({ settings, language }) {
    const items = openSubscription(settings, language);
    // A program that asks us to end is served like the person who leaves.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void items.return());
    if (settings.isJson) await printJson(items, language);
    else if (isResultSeen()) await draw(items, settings, language);
    else await printLines(items, language);
    return undefined;
  },
});

function openSubscription(settings: Settings, language: Language): Subscription {
  const { dataDir, port, mayStart } = settings;
  const { onRestarting } = findOptions(settings, language);
  const platform = nodePlatform({ dataDir, ...given({ port }) }, language, onRestarting);
  // A person who stops the daemon does not want a window that was left open to start it again.
  return subscribe((isAgain) =>
    isAgain ? platform.connect({ mayStart: false }) : tellIfSlow(language, () => platform.connect({ mayStart })),
  );
}

async function printLines(items: Subscription, language: Language): Promise<void> {
  using notes = openNotes(language);
  for await (const item of items) {
    const line = lineText(item, language);
    if (line !== undefined) void writeResult(line);
    notes.tell(item);
  }
}

async function printJson(items: Subscription, language: Language): Promise<void> {
  using notes = openNotes(language);
  for await (const item of items) {
    if (item.type === 'snapshot') {
      const { type, revision, usage } = item;
      void writeJson({ type, revision, usage });
    } else if (item.type === 'change') void writeJson(item);
    else notes.tell(item);
  }
}

/** The thresholds that one change has crossed come within this, the highest last. */
const CROSSING_MS = 50;

/** Tells what is no figure on standard error; of the thresholds that one change has crossed the highest alone. */
function openNotes(language: Language): Disposable & { tell(item: SubscriptionItem): void } {
  let waiting: AlertItem | undefined;
  const write = (item: SubscriptionItem) => void writeNote(noteText(item, language) ?? '');
  const tellWaiting = () => {
    if (waiting) write(waiting);
    waiting = undefined;
  };
  return {
    tell(item) {
      if (item.type !== 'alert' || item.forecast) {
        write(item);
        return;
      }
      if (waiting?.revision !== item.revision) {
        tellWaiting();
        setTimeout(tellWaiting, CROSSING_MS);
      }
      waiting = item;
    },
    [Symbol.dispose]: tellWaiting,
  };
}

/** Faster than anybody reads, slow enough for any terminal. */
const FRAME_MS = 30;

/** The age of the figures is told in seconds. */
const TICK_MS = 1_000;

async function draw(items: Subscription, settings: Settings, language: Language): Promise<void> {
  let state: WatchState | undefined;
  let pending: NodeJS.Timeout | undefined;
  using screen = openScreen(process.stdin, {
    onResize: () => drawNow(),
    onLeave: () => void items.return(),
  });
  const drawNow = () => {
    clearTimeout(pending);
    pending = undefined;
    if (state) screen.draw(frameText(state, screen, language, Date.now()));
  };
  const drawSoon = () => {
    pending ??= setTimeout(drawNow, FRAME_MS);
  };
  using outlook = keepOutlook(asking(settings, language), (told) => {
    if (!state) return;
    state = { ...state, ...told };
    drawSoon();
  });
  const tick = setInterval(() => state?.lostAtMs !== undefined && drawSoon(), TICK_MS);
  try {
    for await (const item of items) {
      state = nextState(state, item, Date.now());
      if (state && changesOtherSessions(item)) {
        state = { ...state, sessions: await lastSessions(state, settings, language) };
      }
      outlook.ask();
      drawSoon();
    }
    drawNow();
  } finally {
    clearInterval(tick);
    clearTimeout(pending);
  }
}

/** Not the caller of the other commands, whose words would stand in the middle of the frame. */
function asking(settings: Settings, language: Language): Input['daemon'] {
  const options = { ...findOptions(settings, language), mayStart: false };
  return (work) =>
    withDaemon(options, (address) => work((method, params) => callOnce(address, method, params, { language })));
}

async function lastSessions(
  { sessions }: WatchState,
  settings: Settings,
  language: Language,
): Promise<WatchState['sessions']> {
  try {
    const page = await asking(settings, language)((call) => call('usage.history', {}));
    return page.sessions.filter(({ undone }) => !undone);
  } catch {
    // The connection tells that it is lost; until it is back the old ones are shown.
    return sessions;
  }
}
