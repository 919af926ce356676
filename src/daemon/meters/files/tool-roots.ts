import { posix, win32 } from 'node:path';
import type { Tool } from '../../../protocol/meters.ts';

/** A machine as its tools see it; `home` decides how paths are written: `\\wsl.localhost\…` is a Linux seen from Windows. */
export interface ToolSystem {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** A folder in which a tool keeps files of one form; it need not be there. */
export interface ToolRoot {
  readonly tool: Tool;
  /** Of files, `.jsonl` grow by whole lines and `.json` are replaced as a whole; a database is SQLite. */
  readonly form: 'files' | 'database';
  readonly path: string;
  /** Levels of folders below it that hold such files. */
  readonly depth: number;
  /** Of the path below it, parted by `/`. */
  readonly files: RegExp;
  /** Reached over the network of a guest: no event comes from there, and its databases cannot be opened. */
  readonly isWsl: boolean;
}

type Place = Omit<ToolRoot, 'isWsl'>;

/** Asks nothing but its parameter. Each root once, in the order of the tools. */
export function toolRoots(system: ToolSystem): ToolRoot[] {
  const isWsl = system.platform !== 'win32' && system.home.startsWith('\\\\');
  const places = placesOf(new Paths(system));
  const roots = new Map<string, ToolRoot>();
  for (const place of places) {
    const key = `${place.tool}\0${place.path}\0${place.files}`;
    if (!roots.has(key)) roots.set(key, { ...place, isWsl });
  }
  return [...roots.values()];
}

const JSONL = /\.jsonl$/;
/** Codex compresses what was idle for a week. */
const ROLLOUT = /(?:^|\/)rollout-[^/]*\.jsonl(?:\.zst)?$/;

function placesOf(at: Paths): Place[] {
  const config = at.env('XDG_CONFIG_HOME') ?? at.home('.config');
  const applications = at.applications(config);
  const opencode = at.join(at.env('XDG_DATA_HOME') ?? at.home('.local', 'share'), 'opencode');
  const codex = at.env('CODEX_HOME') ?? at.home('.codex');
  return [
    database('cursor', at.join(applications, 'Cursor', 'User', 'globalStorage'), /^state\.vscdb$/),
    ...claudeHomes(at, config).map((home) => files('claude', at.join(home, 'projects'), 8, JSONL)),
    files(
      'claude',
      at.join(applications, 'Claude', 'local-agent-mode-sessions'),
      16,
      /^(?:[^/]+\/){0,8}projects\/.+\.jsonl$/,
    ),
    files('codex', at.join(codex, 'sessions'), 4, ROLLOUT),
    files('codex', at.join(codex, 'archived_sessions'), 4, ROLLOUT),
    database('copilot', at.env('COPILOT_HOME') ?? at.home('.copilot'), /^session-store\.db$/),
    database('opencode', opencode, /^opencode[^/]*\.db$/),
    files('opencode', at.join(opencode, 'storage', 'message'), 1, /^[^/]+\/msg_[^/]*\.json$/),
    files('qwen', at.join(at.env('QWEN_DATA_DIR') ?? at.home('.qwen'), 'projects'), 2, /^[^/]+\/chats\/[^/]+\.jsonl$/),
    files('kimi', at.home('.kimi', 'sessions'), 8, /(?:^|\/)wire\.jsonl$/),
    files('kimi', at.home('.kimi-code', 'sessions'), 8, /(?:^|\/)agents\/[^/]+\/wire\.jsonl$/),
    files('gemini', at.join(at.env('GEMINI_CLI_HOME') ?? at.home(), '.gemini', 'tmp'), 8, /^[^/]+\/chats\/.+\.jsonl?$/),
  ].filter(({ path }) => at.isAbsolute(path));
}

function files(tool: Tool, path: string, depth: number, pattern: RegExp): Place {
  return { tool, form: 'files', path, depth, files: pattern };
}

function database(tool: Tool, path: string, name: RegExp): Place {
  return { tool, form: 'database', path, depth: 0, files: name };
}

/** `CLAUDE_CONFIG_DIR` is a list, and stands for all the others. */
function claudeHomes(at: Paths, config: string): string[] {
  const told = at.list('CLAUDE_CONFIG_DIR');
  return told.length > 0 ? told : [at.home('.claude'), at.home('.config', 'claude'), at.join(config, 'claude')];
}

/** Builds the paths of one machine. */
class Paths {
  readonly #system: ToolSystem;
  readonly #path: typeof posix;

  constructor(system: ToolSystem) {
    this.#system = system;
    this.#path = system.platform === 'win32' || system.home.startsWith('\\\\') ? win32 : posix;
  }

  /** Absolute, with `~` expanded; a relative one hangs on where its tool was started, so nobody else can know it. */
  env(name: string): string | undefined {
    return this.#absolute(this.#system.env[name] ?? '');
  }

  list(name: string): string[] {
    return (this.#system.env[name] ?? '').split(',').flatMap((part) => this.#absolute(part) ?? []);
  }

  home(...parts: readonly string[]): string {
    return this.join(this.#system.home, ...parts);
  }

  /** Where programs with windows keep their data. */
  applications(config: string): string {
    const { platform } = this.#system;
    if (platform === 'win32') return this.env('APPDATA') ?? this.home('AppData', 'Roaming');
    return platform === 'darwin' ? this.home('Library', 'Application Support') : config;
  }

  join(...parts: readonly string[]): string {
    return this.#path.join(...parts).replace(/(?<=[^:\\/])[\\/]+$/, '');
  }

  isAbsolute(path: string): boolean {
    return this.#path.isAbsolute(path);
  }

  #absolute(told: string): string | undefined {
    const path = told.trim().replace(/^~(?=$|[\\/])/, () => this.#system.home);
    return this.#path.isAbsolute(path) ? this.join(path) : undefined;
  }
}

/** The homes on a running distribution of WSL, seen from Windows; `users` are the names in `homesOnWsl`. */
export function wslSystem(distribution: string, user: string): ToolSystem {
  return { platform: 'linux', env: {}, home: `${homesOnWsl(distribution)}\\${user}` };
}

export function homesOnWsl(distribution: string): string {
  return `\\\\wsl.localhost\\${distribution}\\home`;
}

/** Names of what `wsl.exe --list --running --quiet` printed; its sentence for none, in whatever language, is no name. */
export function distributionsIn(printed: Buffer): string[] {
  return printed
    .toString('utf16le')
    .split(/\r?\n/)
    .map((line) => line.replace(/^\uFEFF/, '').trim())
    .filter((name) => /^[\w.-]+$/.test(name) && !name.startsWith('docker-desktop'));
}
