import type { Standing } from './index/reading/found-sessions.ts';
import type { Lookups } from './index/reading/lookups.ts';
import { parseJson } from './json/json-parse.ts';
import { printJsonLine } from './json/json-print.ts';
import type { JsonObject } from './json/json-tree.ts';
import { idOf, type LedgerSession, shownText } from './ledger/ledger-session.ts';
import { idOfKey, MAX_SESSIONS, sessionId, sessionKey, sessionNodes, withCounted } from './state-file/document.ts';
import { type NamelessFate, NamelessFates } from './state-file/nameless.ts';

/** The session, as JSON text, that comes into the state file when the one with the id `leaving` goes; `undefined` when there is room or none. */
export function backfillOf(document: JsonObject, leaving: string, recorded: Lookups): string | undefined {
  const nodes = sessionNodes(document);
  if (nodes.length < MAX_SESSIONS || !nodes.some((node) => sessionId(node) === leaving)) return undefined;
  const present = new Set(nodes.map(sessionKey));
  // Read once, and only when a session without an id is sought.
  let fates: NamelessFates | undefined;
  const fateOf = (key: string) => {
    fates ??= new NamelessFates(recorded.namelessEdits(0));
    return fates.of(key);
  };
  const meters = new Set<string>();
  for (const standing of recorded.newestStanding()) {
    if (hasLeft(standing.session, meters)) continue;
    const text = textNow(standing, fateOf);
    if (text !== undefined && !present.has(sessionKey(parseJson(text)))) return text;
  }
  return undefined;
}

/** Asked from the newest on: of a meter's conversation the file shows the newest session alone. */
function hasLeft(session: LedgerSession, meters: Set<string>): boolean {
  if (session.kind !== 'reading' || session.reading.meter === undefined) return false;
  const { meter, conversation_id } = session.reading;
  const key = `${meter} ${conversation_id}`;
  const isOlder = meters.has(key);
  meters.add(key);
  return isOlder;
}

/**
 * The session's text by now; `undefined` for one that an edit has removed, or given an id, under which the ledger does not
 * know it. The text of a session without an id is the key that edits gave it.
 */
function textNow(
  { session, counted, edited }: Standing,
  fateOf: (key: string) => NamelessFate | undefined,
): string | undefined {
  const text = shownText(session, counted);
  if (idOf(session) !== undefined) {
    if (edited === undefined) return text;
    return session.kind === 'foreign' ? edited : printJsonLine(withCounted(parseJson(edited), counted));
  }
  const fate = fateOf(sessionKey(parseJson(text)));
  if (fate === undefined) return text;
  return fate.now === undefined || idOfKey(fate.now) !== undefined ? undefined : fate.now;
}
