import { isUtf8 } from 'node:buffer';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeText } from '../../../shared/text-encoding.ts';

/** A name in the drop folder. */
export interface DroppedName {
  /** The name in the folder's events, which know only UTF-8. */
  readonly name: string;
  /** Unique in the folder: the name, but for the second of two that read alike. */
  readonly key: string;
  /** The path by which the system finds it. */
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

/** True for the name of a file that is still being written, to be renamed when it is whole. */
export function isUnfinished(name: string): boolean {
  return /^\.|~$|^~\$|^#.*#$/s.test(name) || UNFINISHED_ENDINGS.test(name);
}

/** Endings used by programs in general, browsers (Chrome, Firefox, Edge, Opera, Safari), transfers and synchronisers, torrents. */
const UNFINISHED_ENDINGS =
  /\.(?:tmp|temp|part|partial|crdownload|opdownload|download|downloading|filepart|xltd|aria2|!sync|!ut|!qb|!bt|bc!)$/i;

/** The name that a person is shown and a file is kept under: UTF-8, as near to the real one as can be told. */
export function legibleName({ name, path }: DroppedName): string {
  if (typeof path === 'string') return name;
  const decoded = decodeText(path.subarray(path.lastIndexOf('/') + 1));
  return 'text' in decoded ? decoded.text : name;
}
