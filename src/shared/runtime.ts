import { TokenSyncError } from '../protocol/errors.ts';

/** The oldest Node that runs us: what chokidar 6 needs. The same as `engines` in package.json. */
const OLDEST = [22, 22] as const;

/** Throws `wrong_usage` on a Node that is too old, before it stumbles over something that no person understands. */
export function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw withoutStack(() => tooOld(version));
}

/**
 * Variables by which a terminal, an editor or a debugger has every Node of its shell load code, open a port, or write files and
 * lines. The launchers in `scripts/` name the same.
 */
export const NODE_VARIABLES = [
  'NODE_OPTIONS',
  'NODE_V8_COVERAGE',
  'NODE_REPL_EXTERNAL_MODULE',
  'NODE_DEBUG',
  'NODE_DEBUG_NATIVE',
  'NODE_REDIRECT_WARNINGS',
  'NODE_ICU_DATA',
  'NODE_TEST_CONTEXT',
] as const;

/** An environment without them, for a program of ours that is started from another one. */
export function plainEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const plain = { ...env };
  for (const name of NODE_VARIABLES) delete plain[name];
  return plain;
}

/** Takes them out of the environment of a program of ours, and so from all that it starts. */
export function forgetNodeVariables(env: Record<string, string | undefined>): void {
  for (const name of NODE_VARIABLES) delete env[name];
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
