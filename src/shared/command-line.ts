import type { Bilingual } from '../protocol/language.ts';

/**
 * The commands that texts may name. Every text of the code and on the wire writes `token-sync WORD`; whoever shows it to a
 * person spells it as it works there.
 */
export const COMMAND_WORDS = [
  ...['quick', 'record', 'status', 'estimate', 'import', 'export', 'history', 'undo', 'correct', 'restore', 'budget'],
  ...[
    'watch',
    'meters',
    'open',
    'start',
    'stop',
    'restart',
    'daemon',
    'check',
    'settings',
    'doctor',
    'service',
    'help',
  ],
] as const;

/** Where a program lies, and on what system. */
export interface ProgramPlace {
  /** A file of the program, its links resolved. */
  readonly file: string;
  readonly exists: (path: string) => boolean;
  /** As in `process.platform`. */
  readonly platform: string;
  /** The reader’s working folder, where it is known: paths below it are named from there. */
  readonly cwd?: string;
}

/** How the command line of this very program is called: `scripts/token-sync` of a checkout, `npx token-sync`, or `token-sync` where it is installed. */
export function commandOf({ file, exists, platform, cwd }: ProgramPlace): string {
  const script = scriptAbove(file, exists, platform);
  if (script !== undefined) return quoted(cwd === undefined ? script : fromHere(script, cwd, platform), platform);
  return isOnPath(file, exists) ? NAME : `npx ${NAME}`;
}

/** The text with its commands spelled as they work where it is read. */
export function spelled(text: string, command: string): string {
  return text.replaceAll(COMMANDS, () => command);
}

/** As `spelled`, in both languages; whatever stands beside them stays. */
export function bothSpelled<T extends Bilingual>(text: T, command: string): T {
  return { ...text, zh: spelled(text.zh, command), en: spelled(text.en, command) };
}

const NAME = 'token-sync';

/** Leaves commands that are spelled already, such as `npx token-sync stop` or the path of a script. */
const COMMANDS = new RegExp(
  `(?<!npx )(?<![\\w./\\\\-])${NAME}(?= (?:${COMMAND_WORDS.join('|')}|--help|COMMAND|命令)(?![\\w-]))`,
  'g',
);

/** The script of the checkout that the file belongs to; an installed package has none, whatever lies above it. */
function scriptAbove(file: string, exists: ProgramPlace['exists'], platform: string): string | undefined {
  const [separator, name] = platform === 'win32' ? ['\\', `${NAME}.cmd`] : ['/', NAME];
  const parts = file.split(/[\\/]/);
  for (let length = parts.length - 1; length > 0 && parts[length] !== 'node_modules'; length--) {
    const script = [...parts.slice(0, length), 'scripts', name].join(separator);
    if (exists(script)) return script;
  }
  return undefined;
}

function fromHere(script: string, cwd: string, platform: string): string {
  const separator = platform === 'win32' ? '\\' : '/';
  const folder = cwd.endsWith(separator) ? cwd : cwd + separator;
  if (!script.startsWith(folder)) return script;
  const path = script.slice(folder.length);
  return path.includes(separator) ? path : `.${separator}${path}`;
}

/** True for a package in a folder of all users' programs; one that npx has fetched, or that a project depends on, is found by npx alone. */
function isOnPath(file: string, exists: ProgramPlace['exists']): boolean {
  const parts = file.split(/[\\/]/);
  if (parts.some((part) => part === '_npx' || part === 'dlx' || part.startsWith('bunx-'))) return false;
  // The stores of pnpm, yarn and bun for programs of the user hold a package.json as projects do.
  if (parts.includes('global')) return true;
  const project = parts.slice(0, parts.indexOf('node_modules')).join('/');
  return !parts.includes('node_modules') || !exists(`${project}/package.json`);
}

/** As one word of a shell, where a plain one would be several. */
function quoted(path: string, platform: string): string {
  if (platform === 'win32') return /[\s&()^;,=]/.test(path) ? `"${path}"` : path;
  return PLAIN.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** A word in which no shell sees anything but letters: of ASCII few characters, beyond it all that are written. */
const PLAIN = /^(?:[\w./@+:,-]|(?!\p{ASCII})[\p{L}\p{M}\p{N}\p{S}])+$/u;
