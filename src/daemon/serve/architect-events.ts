/** A recording as the older dashboard's event stream shows it. */
export interface ArchitectEvent {
  readonly id: string;
  readonly timestamp: string;
  readonly type: 'token_usage';
  readonly content: string;
  readonly metadata: { readonly tokens: number; readonly event: string; readonly sync_type: string };
}

type PlainSession = Readonly<Record<string, unknown>>;

/** The event stream of the state file's sessions, newest first, each with an id of its own. */
export function architectEvents(sessions: readonly PlainSession[]): ArchitectEvent[] {
  const events = sessions.filter((session) => typeof session === 'object' && session !== null).map(eventOf);
  const counts = new Map<string, number>();
  // From the oldest on, because new ones come on top.
  return events
    .toReversed()
    .map((event) => {
      const count = (counts.get(event.id) ?? 0) + 1;
      counts.set(event.id, count);
      return count === 1 ? event : { ...event, id: `${event.id}-${count}` };
    })
    .toReversed();
}

/** The state file's text with our events before those of other programs; everything else keeps its spelling. */
export function withEvents(stateText: string, events: readonly ArchitectEvent[]): string {
  const parsed = JSON.parse(stateText, keepSpelling) as Record<string, unknown>;
  const theirs = Array.isArray(parsed.events) ? parsed.events : [];
  return JSON.stringify({ ...parsed, events: [...events, ...theirs] });
}

/** Words of the older dashboard. */
const KINDS: Readonly<Record<string, string>> = {
  manual: '手动同步',
  auto: '自动记录',
  estimate: '自动估算',
  import: '批量导入',
  correction: '更正',
  period: '重置',
};

function eventOf(session: PlainSession): ArchitectEvent {
  const sync_type = text(session.sync_type) || text(session.method);
  const event = text(session.event) || text(session.task);
  const timestamp = text(session.timestamp) || text(session.start_time);
  const tokens = typeof session.tokens === 'number' ? session.tokens : 0;
  const about = [KINDS[sync_type] ?? sync_type, event].filter((part) => part !== '').join(' - ');
  return {
    id: text(session.id) || text(session.session_id) || `token-${timestamp}-${tokens}`,
    timestamp,
    type: 'token_usage',
    content: `Token更新: ${tokens.toLocaleString('en-US')}${about === '' ? '' : ` (${about})`}`,
    metadata: { tokens, event, sync_type },
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

interface RawJson {
  rawJSON?: (text: string) => unknown;
}

function keepSpelling(this: unknown, _: string, value: unknown, context?: { source?: string }): unknown {
  const { rawJSON } = JSON as RawJson;
  return typeof value === 'number' && context?.source !== undefined && rawJSON ? rawJSON(context.source) : value;
}
