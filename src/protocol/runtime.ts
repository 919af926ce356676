import { TokenSyncError } from './errors.ts';

/** The oldest Node that runs us: what chokidar 6 needs. The same as `engines` in package.json. */
const OLDEST = [22, 22] as const;

/** Throws `wrong_usage` on a Node that is too old, before it stumbles over something that no person understands. */
export function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw withoutStack(() => tooOld(version));
}

function tooOld(version: string): TokenSyncError {
  const oldest = OLDEST.join('.');
  return new TokenSyncError(
    'wrong_usage',
    {
      zh: `Node.js ${version} 太旧，需要 ${oldest} 或更高版本`,
      en: `Node.js ${version} is too old; ${oldest} or later is needed`,
    },
    { hint: { zh: '请升级：https://nodejs.org', en: 'upgrade it: https://nodejs.org' } },
  );
}

/** Where nobody catches it, as in a script on the SDK, Node shows the line that a stack points to: half of a bundle. */
function withoutStack<T>(make: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
