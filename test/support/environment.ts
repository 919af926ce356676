import { fileURLToPath } from 'node:url';

/** Halves the start of our programs, of which the tests make some hundred; keyed by content, so that it is never stale. */
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/token-sync-tests', import.meta.url));

/** The environment without settings of whoever runs the tests, and in English. */
export function cleanEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(?:TOKEN_SYNC_|LC_|LANG|NODE_|VITEST)/.test(entry[0]),
  );
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C.UTF-8',
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    TOKEN_SYNC_ALERTS_DESKTOP: 'false',
    // Whoever runs the tests uses these tools, too.
    TOKEN_SYNC_METERS_SOURCES: 'off',
    // A test client of others brings along a native helper of `ws` that users do not have.
    WS_NO_BUFFER_UTIL: '1',
  };
}
