import { batch } from '@preact/signals';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Alert, Session, Usage } from '../../../protocol/methods.ts';
import { pause } from '../../sdk/connection/backoff.ts';
import type { ChangeItem, LiveItem } from '../../sdk/connection/subscription.ts';
import { ownCommand } from '../own-command.ts';
import { daemon } from './connection.ts';
import { oncePerFrame } from './frame.ts';
import { takeMeters } from './meters.ts';
import {
  daemonZone,
  info,
  isTotalSet,
  type Link,
  link,
  sessions,
  tellAlert,
  tellCatchUp,
  tellChange,
  usage,
} from './state.ts';

/** The state that the daemon wrote into the page. */
export interface FirstState {
  readonly usage: Usage;
  readonly sessions: readonly Session[];
  /** Absent while that is not known. */
  readonly total_is_set?: boolean;
  readonly command: string;
  readonly time_zone: string;
}

/** Shows a state that was true when the page was made, until the connection tells more. */
export function begin(first: FirstState): void {
  latest = { usage: first.usage, sessions: first.sessions };
  isTotalSet.value = first.total_is_set;
  ownCommand.value = first.command;
  daemonZone.value = first.time_zone;
  show();
}

/** Keeps the state in step with the daemon, as long as the page lives. */
export async function follow(): Promise<never> {
  for (;;) {
    try {
      for await (const item of daemon().subscribeWithMeters()) take(item);
    } catch (error) {
      // A bug of the page's own is told in the console; to end here would leave a figure that is called live and is not.
      if (!(error instanceof TokenSyncError)) reportError(error);
      else if (error.kind === 'unauthorized') await showSignIn();
      setLink('lost', error instanceof TokenSyncError && error.kind === 'incompatible');
    }
    await pause(RETRY_MS);
  }
}

/** Leaves for the sign-in page. Further tries from here would use up the failed sign-ins that a daemon bears. */
function showSignIn(): Promise<never> {
  location.reload();
  return new Promise(() => undefined);
}

/** Takes the word of a call for whether the daemon answers: one that hangs keeps its sockets open. */
export function tellAnswering(answers: boolean): void {
  if (isSubscribed) setLink(answers ? 'live' : 'lost');
}

const RETRY_MS = 1_000;
const MAX_SESSIONS = 100;

/** The latest state that has arrived; the page shows it with the next frame. */
let latest: { usage?: Usage; sessions: readonly Session[] } = { sessions: [] };
let isSubscribed = false;
/** Until the first snapshot is there. */
let isFirst = true;

const showSoon = oncePerFrame(show);

function show(): void {
  batch(() => {
    usage.value = latest.usage;
    sessions.value = latest.sessions;
  });
}

function take(item: LiveItem): void {
  if (item.type === 'connection') {
    isSubscribed = item.state === 'back';
    setLink(isSubscribed ? 'live' : 'lost');
  } else if (item.type === 'snapshot') {
    isSubscribed = true;
    latest = { usage: item.usage, sessions: item.sessions };
    setLink('live');
    tellCatchUp(isFirst);
    isFirst = false;
    show();
  } else if (item.type === 'change') {
    latest = { usage: item.usage, sessions: sessionsAfter(item) };
    if (item.cause === 'undo' || item.cause === 'import' || item.cause === 'edit') void refreshSessions();
    tellChange(item);
    showSoon();
  } else if (item.type === 'meters') takeMeters(item);
  else {
    const { type, ...alert } = item;
    stand(alert);
    tellAlert();
  }
}

/** A crossing replaces the crossing before it, and a forecast the forecast, until the daemon is asked again. */
function stand(alert: Alert): void {
  if (!info.value) return;
  const others = info.value.alerts.filter(({ forecast }) => !forecast !== !alert.forecast);
  info.value = { ...info.value, alerts: [...others, alert] };
}

function setLink(state: Link['state'], isOutdated = false): void {
  if (link.value.state === state && link.value.isOutdated === (isOutdated || undefined)) return;
  link.value = { state, sinceMs: Date.now(), ...(isOutdated && { isOutdated }) };
}

/** Readings of the time since the sessions were last asked for, newest first. */
let recent: ChangeItem[] = [];

function sessionsAfter(change: ChangeItem): readonly Session[] {
  const { session } = change;
  if (!session) return latest.sessions;
  recent = [change, ...recent].slice(0, MAX_SESSIONS);
  return withSession(latest.sessions, session);
}

/** A reading may have come with a list that was asked for after it. */
function withSession(list: readonly Session[], session: Session): readonly Session[] {
  if (session.id !== undefined && list.some(({ id }) => id === session.id)) return list;
  return [session, ...list].slice(0, MAX_SESSIONS);
}

let isRefreshing = false;
let isRefreshDue = false;

/** Loads the sessions: an undo, an import or an edit does not tell with its change what became of them. */
async function refreshSessions(): Promise<void> {
  isRefreshDue = true;
  if (isRefreshing) return;
  isRefreshing = true;
  try {
    while (isRefreshDue) {
      isRefreshDue = false;
      recent = [];
      // A subscription is the one call that tells sessions and revision of the same moment.
      const snapshot = await daemon().call('usage.subscribe', {});
      await daemon().call('usage.unsubscribe', {});
      const missing = recent.filter(({ revision }) => revision > snapshot.revision);
      latest = {
        ...latest,
        sessions: missing.reduceRight<readonly Session[]>(
          (list, { session }) => withSession(list, session!),
          [...snapshot.sessions],
        ),
      };
      showSoon();
    }
  } catch (error) {
    if (!(error instanceof TokenSyncError)) throw error;
    // The connection is lost then: its return brings a snapshot.
  } finally {
    isRefreshing = false;
  }
}
