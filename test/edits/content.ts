/** A state file as the trial of edits compares it: every value as JSON text, so that order and spelling count. */
export interface Content {
  readonly used: number;
  readonly total: number;
  /** Everything beside the figures and the sessions, by its path and in the file's order. */
  readonly members: ReadonlyMap<string, string>;
  readonly sessions: readonly string[];
  /** `token_usage.percentage`, which the daemon keeps, where there is one. */
  readonly percentage: number | undefined;
  readonly mark: string | undefined;
}

/** Any JSON value whose numbers keep their spelling; `JSON.stringify` writes them as they stood. */
// biome-ignore lint/suspicious/noExplicitAny: the file has members of anybody
export type Loose = any;

/** Parses JSON as a careful program does: `1.0` and `12345678901234567890` stay what they are. */
export function parseLoose(text: string): Loose {
  const revive = (_: string, value: unknown, { source }: { source: string }) =>
    typeof value === 'number' && String(value) !== source ? SPELLED.rawJSON(source) : value;
  return (JSON.parse as Loose)(text, revive);
}

/** Not in the types yet. */
const SPELLED = JSON as unknown as { rawJSON(text: string): unknown };

/** A text as it is in any other form of the same content. */
export function withoutSpaces(text: string): string {
  return text && JSON.stringify(parseLoose(text));
}

/** Reads a state file; throws when it is none. */
export function contentOf(text: string): Content {
  const content = lastRead.get(text) ?? read(text);
  lastRead.set(text, content);
  if (lastRead.size > MAX_READ) lastRead.delete(lastRead.keys().next().value!);
  return content;
}

/** The models look at the same few texts again and again. */
const lastRead = new Map<string, Content>();
const MAX_READ = 16;

function read(text: string): Content {
  const file = parseLoose(text);
  const { used, total, mark, sessions = [], ...others } = file.token_usage;
  const members = new Map<string, string>();
  for (const [name, value] of Object.entries(file)) {
    members.set(`/${name}`, name === 'token_usage' ? '' : JSON.stringify(value));
    if (name === 'token_usage')
      for (const [inner, its] of Object.entries(others)) members.set(`/token_usage/${inner}`, JSON.stringify(its));
  }
  return {
    used,
    total,
    members,
    sessions: sessions.map((session: unknown) => JSON.stringify(withoutCounted(session))),
    percentage: others.percentage === undefined ? undefined : Number(JSON.stringify(others.percentage)),
    mark,
  };
}

/** A session without `counted`, which is the daemon's to tell and changes with later readings. */
function withoutCounted(session: Loose): Loose {
  if (typeof session !== 'object' || session === null || Array.isArray(session)) return session;
  const { counted: _, ...rest } = session;
  return rest;
}

/** The id of a session's text, where it has one. */
export function idOf(session: string): string | undefined {
  return memberOf(session, 'id');
}

/** The time of a session's text, where it has one. */
export function timeOf(session: string): string | undefined {
  return memberOf(session, 'timestamp');
}

function memberOf(session: string, name: string): string | undefined {
  const value = JSON.parse(session)?.[name];
  return typeof value === 'string' ? value : undefined;
}
