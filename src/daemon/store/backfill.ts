import type { Lookups } from './index/reading/lookups.ts';
import { parseJson } from './json/json-parse.ts';
import type { JsonObject } from './json/json-tree.ts';
import { idOf, type LedgerSession, shownText } from './ledger/ledger-session.ts';
import { MAX_SESSIONS, sessionId, sessionKey, sessionNodes } from './state-file/document.ts';
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
  for (const { session, counted } of recorded.newestStanding()) {
    if (hasLeft(session, meters)) continue;
    const text = textNow(session, counted, fateOf);
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

/** The session's text by now; `undefined` for one that an edit has removed. The text of a session without an id is the key that edits gave it. */
function textNow(
  session: LedgerSession,
  counted: number,
  fateOf: (key: string) => NamelessFate | undefined,
): string | undefined {
  const text = shownText(session, counted);
  if (idOf(session) !== undefined) return text;
  const fate = fateOf(sessionKey(parseJson(text)));
  return fate === undefined ? text : fate.now;
}
