import { isUtf8 } from 'node:buffer';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeText } from '../../../shared/text-encoding.ts';

/** A name in the drop folder. */
export interface DroppedName {
  /** As events of the folder tell it, which know only UTF-8. */
  readonly name: string;
  /** By which it is told from all others of its folder: the name, but for the second of two that read alike. */
  readonly key: string;
  /** By which the system finds it. */
  readonly path: string | Buffer;
}

/**
 * The names in a folder, each once. Where names are bytes, those of a GBK or Latin-1 program or archive may be no UTF-8,
 * and then no text stands for them; several may read alike.
 */
export function listDropped(folder: string): DroppedName[] {
  if (process.platform === 'win32')
    return readdirSync(folder).map((name) => ({ name, key: name, path: join(folder, name) }));
  const listed = new Map<string, DroppedName>();
  const start = Buffer.from(join(folder, '/'));
  for (const bytes of readdirSync(folder, { encoding: 'buffer' })) {
    const name = bytes.toString();
    const path = isUtf8(bytes) ? join(folder, name) : Buffer.concat([start, bytes]);
    // No name holds a NUL.
    const key = listed.has(name) ? `${name}\0${bytes.toString('hex')}` : name;
    listed.set(key, { name, key, path });
  }
  return [...listed.values()];
}

/** True for the name of what is still being written, to be renamed when it is whole. */
export function isUnfinished(name: string): boolean {
  return /^\.|~$|^~\$|^#.*#$/s.test(name) || UNFINISHED_ENDINGS.test(name);
}

/** Those of programs in general, of browsers (Chrome, Firefox, Edge, Opera, Safari), of transfers and synchronisers, of torrents. */
const UNFINISHED_ENDINGS =
  /\.(?:tmp|temp|part|partial|crdownload|opdownload|download|downloading|filepart|xltd|aria2|!sync|!ut|!qb|!bt|bc!)$/i;

/** What a person is shown of a name, and what a file is kept under: UTF-8, as near to the name as can be told. */
export function legibleName({ name, path }: DroppedName): string {
  if (typeof path === 'string') return name;
  const decoded = decodeText(path.subarray(path.lastIndexOf('/') + 1));
  return 'text' in decoded ? decoded.text : name;
}
