import {
  closeSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { StateFile } from '../support/daemon.ts';
import { execFileSync, spawn, spawnSync } from '../support/programs.ts';
import { scratchFolder } from '../support/scratch.ts';
import { until } from '../support/until.ts';
import { XServer } from '../support/x-server.ts';

const ROOT = join(import.meta.dirname, '../..');
const CACHE =
  process.env.TOKEN_SYNC_WINE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'token-sync-wine');
const CHROOT = join(CACHE, 'root-1');
const OLD_NODE = /^old_node_version=(.*)$/m.exec(readFileSync(join(import.meta.dirname, 'set-up.sh'), 'utf8'))![1];
const IN_WINE = join(import.meta.dirname, 'in-wine.sh');

/** The folder of the checkout, as people name theirs. */
const NAME = '我的 项目 🔄';

/** One whose dependencies were never installed. */
const BARE = '新的 项目 🔄';

export interface WindowsRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WindowsOptions {
  /** Standard input; empty when absent. */
  readonly input?: string;
  /** True for a checkout that has just been made, on a machine without this project's Node. */
  readonly isBare?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** A Windows with a checkout of this program, set up as the set-up script does it, and a clipboard. */
export class Windows {
  readonly x: XServer;
  readonly #folder: string;
  #runs = 0;
  #data = 'data-0';

  private constructor(x: XServer, folder: string) {
    this.x = x;
    this.#folder = folder;
  }

  static async start(): Promise<Windows> {
    const folder = scratchFolder();
    const windows = new Windows(await XServer.start(), folder);
    const checkout = join(folder, NAME);
    for (const part of ['scripts', 'dist', 'src', 'package.json', 'package-lock.json']) {
      cpSync(join(ROOT, part), join(checkout, part), { recursive: true });
    }
    const packages = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: ROOT, encoding: 'utf8' });
    for (const path of packages.trim().split('\n').slice(1)) {
      cpSync(path, join(checkout, relative(ROOT, path)), { recursive: true });
    }
    const { node } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).devDependencies;
    mkdirSync(join(checkout, 'node_modules/node/bin'), { recursive: true });
    cpSync(join(CACHE, `node-${node}.exe`), join(checkout, 'node_modules/node/bin/node.exe'));
    cpSync(join(ROOT, 'node_modules/.token-sync-lockfile'), join(checkout, 'node_modules/.token-sync-lockfile'));
    utimesSync(join(checkout, 'dist/.sources'), new Date(), new Date());
    linkSync(join(checkout, 'node_modules/node/bin/node.exe'), join(folder, 'node.exe'));
    cpSync(join(ROOT, 'scripts'), join(folder, BARE, 'scripts'), { recursive: true });
    mkdirSync(join(folder, 'old-node'));
    cpSync(join(CACHE, `node-${OLD_NODE}.exe`), join(folder, 'old-node/node.exe'));
    // One that a run left behind which was cut short would show us its own checkout.
    windows.#endAll();
    return windows;
  }

  async end(): Promise<void> {
    this.#endAll();
    await this.x.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #endAll(): void {
    this.#start(['wineserver', '-k'], {}, ['ignore', 'ignore', 'ignore']);
  }

  /** From now on commands work on another data folder, which does not exist yet. */
  useNewData(): void {
    this.#data = `data-${++this.#runs}`;
  }

  /** A file of the data folder, by its path on this side. */
  path(name: string): string {
    return join(this.#folder, this.#data, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  state(): StateFile {
    return JSON.parse(this.read('architect_monitor.json'));
  }

  /** Double-clicks a script, as a scheduler would: nobody is there. */
  script(name: string, options: WindowsOptions = {}): WindowsRun {
    return this.#run([scriptPath(name, options)], options);
  }

  /** The program and arguments of the same double click, for a terminal. */
  scriptAtTerminal(
    name: string,
    options: WindowsOptions = {},
  ): { readonly program: string[]; readonly env: Record<string, string> } {
    const command = ['wine', 'cmd', '/c', scriptPath(name, options)];
    return { program: this.#command(command, {}), env: { DISPLAY: this.x.display } };
  }

  /** Touches a source, as a change of branches and back does. */
  touchSource(): void {
    utimesSync(join(this.#folder, NAME, 'package.json'), new Date(), new Date());
  }

  /** Starts the project's Node and lets it end. */
  startNode(): WindowsRun {
    return this.#run(['Z:\\checkout\\node.exe', '-e', '0'], {});
  }

  /** Runs the CLI by its file of commands. */
  cli(args: readonly string[], options: WindowsOptions = {}): WindowsRun {
    return this.#run([`Z:\\checkout\\${NAME}\\scripts\\token-sync.cmd`, ...args], options);
  }

  /** Runs a line as npm runs a script: after the set-up, by the command processor, with the packages' programs on its PATH. */
  npmScript(line: readonly string[], env: Readonly<Record<string, string>> = {}): WindowsRun {
    const checkout = `Z:\\checkout\\${NAME}`;
    const { code, stderr } = this.#run(['Z:\\checkout\\node.exe', `${checkout}\\scripts\\setup.mjs`], {});
    if (code !== 0) throw new Error(stderr);
    return this.#run(line, { env: { WINEPATH: `${checkout}\\node_modules\\.bin;Z:\\checkout`, ...env } });
  }

  /** Runs any command of the command processor. */
  command(command: readonly string[], options: WindowsOptions = {}): WindowsRun {
    return this.#run(command, options);
  }

  /**
   * Has the command processor hold a file of the data folder open, as programs do that allow nobody to rename or delete
   * it meanwhile: for reading with `<`, for writing a line with `>`. Resolves to what lets go of it.
   */
  async hold(redirection: '<' | '>', name: string, line = ''): Promise<() => Promise<void>> {
    const signals = { isHeld: join(this.#folder, 'is-held'), isOver: join(this.#folder, 'is-over') };
    for (const file of Object.values(signals)) rmSync(file, { force: true });
    writeFileSync(join(this.#folder, 'hold.mjs'), HOLD);
    const path = `Z:\\checkout\\${this.#data}\\${name.replaceAll('/', '\\')}`;
    const command = `Z:\\checkout\\node.exe Z:\\checkout\\hold.mjs ${line} ${redirection} "${path}"`;
    writeFileSync(join(this.#folder, 'hold.cmd'), `@echo off\r\n${command}\r\n`);
    const [program = '', ...args] = this.#command(['wine', 'cmd', '/c', 'Z:\\checkout\\hold.cmd'], {});
    const holder = spawn(program, args, { stdio: 'ignore', env: { ...process.env, DISPLAY: this.x.display } });
    const ended = new Promise<void>((resolve) => holder.once('exit', () => resolve()));
    await until(() => existsSync(signals.isHeld), `${name} is held`);
    return async () => {
      writeFileSync(signals.isOver, '');
      await ended;
    };
  }

  #run(command: readonly string[], { input, env = {} }: WindowsOptions): WindowsRun {
    // node.exe under Wine cannot use pipes.
    const name = join(this.#folder, `run-${++this.#runs}`);
    writeFileSync(`${name}.in`, input ?? '');
    const files = [openSync(`${name}.in`, 'r'), openSync(`${name}.out`, 'w'), openSync(`${name}.err`, 'w')];
    const { status } = this.#start(['wine', 'cmd', '/c', ...command], env, files);
    for (const file of files) closeSync(file);
    const text = (kind: string) => readFileSync(`${name}.${kind}`, 'utf8').replaceAll('\r\n', '\n');
    return { code: status, stdout: text('out'), stderr: text('err') };
  }

  #start(command: readonly string[], env: Readonly<Record<string, string>>, stdio: (number | 'ignore')[]) {
    const [program = '', ...args] = this.#command(command, env);
    return spawnSync(program, args, {
      stdio: stdio as ['ignore', 'ignore', 'ignore'],
      env: { ...process.env, DISPLAY: this.x.display },
      timeout: 50_000,
    });
  }

  #command(command: readonly string[], env: Readonly<Record<string, string>>): string[] {
    const all = { TOKEN_SYNC_LANG: 'zh', TOKEN_SYNC_DATA: `Z:\\checkout\\${this.#data}`, ...env };
    const variables = Object.entries(all).map(([name, value]) => `${name}=${value}`);
    return ['sh', IN_WINE, CHROOT, this.#folder, 'env', ...variables, ...command];
  }
}

/** Tells by one file that it runs, and waits for another. */
const HOLD = `import { existsSync, writeFileSync, writeSync } from 'node:fs';
const [line] = process.argv.slice(2);
if (line) writeSync(1, line + '\\n');
writeFileSync('Z:/checkout/is-held', '');
setInterval(() => existsSync('Z:/checkout/is-over') && process.exit(), 20);
`;

function scriptPath(name: string, { isBare = false }: WindowsOptions): string {
  return `Z:\\checkout\\${isBare ? BARE : NAME}\\scripts\\${name}.bat`;
}

/** One Windows for all the tests of a file. */
export function useWindows(): () => Windows {
  let windows: Windows | undefined;
  beforeAll(async () => {
    windows = await Windows.start();
  });
  afterAll(() => windows?.end());
  return () => {
    if (!windows) throw new Error('Windows starts with the first test');
    return windows;
  };
}
