import type { SessionType, SyncType } from '../../../protocol/methods.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** The `--type` of a reading as the contract knows it; throws `wrong_usage` that shows all of them. */
export function toSyncType(text: string): SyncType {
  return typeIn(SYNC_TYPES, text);
}

/** The same of a session that is looked for. */
export function toSessionType(text: string): SessionType {
  return typeIn(SESSION_TYPES, text);
}

function typeIn<T extends string>(types: Readonly<Record<T, true>>, text: string): T {
  if (Object.hasOwn(types, text)) return text as T;
  const all = Object.keys(types).join(', ');
  throw wrongUsage(
    { zh: `--type 的值无效：${text}`, en: `--type is wrong: ${text}` },
    { zh: `可用的类型：${all}`, en: `known types: ${all}` },
  );
}

/** Complete by its type, without loading the schemas. */
const SYNC_TYPES: Readonly<Record<SyncType, true>> = {
  manual: true,
  auto: true,
  estimate: true,
  import: true,
  correction: true,
};

const SESSION_TYPES: Readonly<Record<SessionType, true>> = { ...SYNC_TYPES, live: true, period: true };
