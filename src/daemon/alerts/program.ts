import { spawn } from 'node:child_process';

export interface ProgramOptions {
  readonly input?: string;
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** True to be told why it failed in its own words, which must be fit for everybody. */
  readonly isQuoted?: boolean;
}

/** Runs a program without a shell and a window; rejects with what was wrong when it cannot be started, fails, or takes too long. */
export function runProgram(
  command: readonly string[],
  { input = '', timeoutMs, cwd, isQuoted = false }: ProgramOptions,
): Promise<void> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'ignore', isQuoted ? 'pipe' : 'ignore'],
      windowsHide: true,
      ...(cwd !== undefined && { cwd }),
    });
    const timer = setTimeout(() => {
      reject(new Error(`no end within ${timeoutMs / 1_000} s`));
      child.kill('SIGKILL');
    }, timeoutMs);
    child.once('error', (error) => reject(new Error((error as NodeJS.ErrnoException).code ?? error.message)));
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(0, MAX_SAID_LENGTH);
    });
    // Its words are whole only when its output is closed. Where they are not read, a child of it may hold the output open for long.
    child.once(isQuoted ? 'close' : 'exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error([`exit ${code ?? signal}`, ...firstWords(said)].join(': ')));
    });
    child.once('close', () => clearTimeout(timer));
    // A program need not read what it is offered.
    child.stdin?.on('error', () => child.stdin?.destroy());
    child.stdin?.end(input);
  });
}

const MAX_SAID_LENGTH = 2_000;
const MAX_QUOTED_LENGTH = 200;

/** The first line that is for people: PowerShell's is not, where it writes its errors as XML. */
function firstWords(said: string): string[] {
  const lines = said.split('\n').map((line) => line.replace(/\p{Cc}+/gu, ' ').trim());
  return lines
    .filter((line) => line !== '' && !/^(?:#<|<)/.test(line))
    .slice(0, 1)
    .map((line) => line.slice(0, MAX_QUOTED_LENGTH));
}
