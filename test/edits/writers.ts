import { type Loose, parseLoose } from './content.ts';

/** The knowledge of a writer beside the file that it has read. */
export interface Surroundings {
  readonly random: () => number;
  /** A text that nobody has written before. */
  readonly fresh: () => string;
  /** The local time now, as programs write it. */
  readonly now: () => string;
  /** A session's time that no other has: what is of one second could be one session that has changed. */
  readonly time: () => string;
  /** Ids of sessions that stand in the file no more, whatever became of them. */
  readonly goneIds: readonly string[];
}

type Change = (file: Loose, at: Surroundings) => void;

/** Changes a parsed state file as some program would, in one to four ways; returns which. */
export function changeAsOthersDo(file: Loose, at: Surroundings): string {
  const names = Array.from({ length: 1 + Math.floor(at.random() ** 2 * 4) }, () => pick(CHANGE_NAMES, at.random));
  for (const name of new Set(names)) CHANGES[name]!(file, at);
  return [...new Set(names)].join(', ');
}

/** One of some things. */
export function pick<T>(things: readonly T[], random: () => number): T {
  return things[Math.floor(random() * things.length)]!;
}

function whole(random: () => number, below: number): number {
  return Math.floor(random() * below);
}

const SPELLINGS = ['1.0', '12345678901234567890', '-0', '1e3', '0.10', '7'];

const CHANGES: Readonly<Record<string, Change>> = {
  'used up': ({ token_usage }, { random }) => (token_usage.used += 1 + whole(random, 5_000)),
  'used down': ({ token_usage }, { random }) => (token_usage.used = whole(random, token_usage.used + 1)),
  'used anew': ({ token_usage }, { random }) => (token_usage.used = whole(random, random() < 0.03 ? 2 ** 53 : 900_000)),
  total: ({ token_usage }, { random }) => (token_usage.total = pick([0, 1, 500_000, 1_000_000, 3_000_000], random)),
  status: (file, { random }) => (file.status = pick(['idle', 'busy', { text: '工作中', since: null }], random)),
  events: (file, { random, fresh }) => {
    file.events = [...(Array.isArray(file.events) ? file.events : []), { content: fresh() }].slice(-8);
    if (random() < 0.2) file.events.shift();
  },
  spelling: (file, { random }) => (file.rate = parseLoose(pick(SPELLINGS, random))),
  'a new member': (file, { random, fresh }) => {
    (random() < 0.7 ? file : file.token_usage)[`x_${fresh()}`] = { deep: [fresh(), null, true] };
  },
  'a member changed': (file, { random, fresh }) => {
    const name = pick(foreignIn(file), random);
    if (name !== undefined) file[name] = fresh();
  },
  'a member less': (file, { random }) => {
    const of = random() < 0.7 ? file : file.token_usage;
    const name = pick(foreignIn(of), random);
    if (name !== undefined) delete of[name];
  },
  prototype: (file, { fresh }) => {
    Object.defineProperty(file, '__proto__', { value: fresh(), enumerable: true, writable: true, configurable: true });
  },
  percentage: ({ token_usage }, { random }) => {
    if (random() < 0.3) delete token_usage.percentage;
    else token_usage.percentage = 12.3;
  },
  'own time': (file, { now }) => (file.last_updated = now()),
  'a session more': ({ token_usage: { sessions } }, at) => sessions.unshift(newSession(at)),
  'a session more somewhere': ({ token_usage: { sessions } }, at) =>
    sessions.splice(whole(at.random, sessions.length + 1), 0, newSession(at)),
  'sessions of one time': ({ token_usage: { sessions } }, at) => {
    const timestamp = at.time();
    for (let more = 2; more > 0; more--) sessions.unshift({ timestamp, tokens: more, task: at.fresh() });
  },
  'a session less': ({ token_usage: { sessions } }, { random }) => sessions.splice(whole(random, sessions.length), 1),
  'some sessions less': ({ token_usage: { sessions } }, { random }) =>
    sessions.splice(whole(random, sessions.length), 1 + whole(random, 4)),
  'the newest session less': ({ token_usage: { sessions } }) => sessions.shift(),
  'the oldest fall off': ({ token_usage: { sessions } }, at) => {
    sessions.splice(Math.max(0, sessions.length - 1 - whole(at.random, 3)));
    sessions.unshift(newSession(at));
  },
  'no sessions': ({ token_usage }, { random }) => {
    if (random() < 0.15) token_usage.sessions = [];
  },
  'a session changed': ({ token_usage: { sessions } }, { random, fresh }) => {
    const session = pick<Loose>(sessions, random);
    if (session?.timestamp) session.event = fresh();
  },
  'a session at another time': ({ token_usage: { sessions } }, { random, time }) => {
    const session = pick<Loose>(sessions, random);
    if (session?.timestamp) session.timestamp = time();
  },
  'a session come back': ({ token_usage: { sessions } }, { random, goneIds, fresh, time }) => {
    const id = pick(goneIds, random);
    if (id === undefined || sessions.some((session: Loose) => session.id === id)) return;
    sessions.splice(whole(random, 3), 0, { id, timestamp: time(), tokens: 1, event: fresh() });
  },
};
const CHANGE_NAMES = Object.keys(CHANGES);

function foreignIn(file: Loose): string[] {
  const ours = new Set(['token_usage', 'last_updated', 'used', 'total', 'mark', 'percentage', 'sessions', '__proto__']);
  return Object.keys(file).filter((name) => !ours.has(name));
}

/** A session in one of the shapes that other programs write. */
function newSession({ random, fresh, time }: Surroundings): Loose {
  const timestamp = time();
  return pick<() => Loose>(
    [
      () => ({ id: `their-${fresh()}`, timestamp, tokens: 9, event: fresh(), sync_type: 'manual' }),
      () => ({ timestamp, tokens: parseLoose('5.0'), event: fresh(), method: 'manual' }),
      () => ({ session_id: fresh(), start_time: timestamp, task: fresh(), achievements: [fresh()] }),
    ],
    random,
  )();
}
