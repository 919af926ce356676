import { createRequire } from 'node:module';

type Sqlite = typeof import('node:sqlite');

let loaded: Sqlite | undefined;

/** Node's SQLite, loaded when it is first needed; the one warning by which Node 22 calls it experimental is left out, and no other. */
export function loadSqlite(): Sqlite {
  if (loaded) return loaded;
  const { emitWarning } = process;
  process.emitWarning = ((...args: Parameters<typeof emitWarning>) => {
    const [warning, type] = args as unknown as [string | Error, unknown];
    const isOurs = type === 'ExperimentalWarning' && String(warning).startsWith('SQLite is an experimental feature');
    if (!isOurs) emitWarning.apply(process, args);
  }) as typeof emitWarning;
  try {
    loaded = createRequire(import.meta.url)('node:sqlite') as Sqlite;
    return loaded;
  } finally {
    process.emitWarning = emitWarning;
  }
}
