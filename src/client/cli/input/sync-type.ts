import type { SyncType } from '../../../protocol/methods.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** A `--type` as the contract knows it; throws `wrong_usage` that shows all of them. */
export function toSyncType(text: string): SyncType {
  if (Object.hasOwn(SYNC_TYPES, text)) return text as SyncType;
  const all = Object.keys(SYNC_TYPES).join(', ');
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
