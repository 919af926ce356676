import { spawn } from 'node:child_process';

/** Runs a program without a shell and a window; rejects with what was wrong when it cannot be started, fails, or takes too long. */
export function runProgram(
  command: readonly string[],
  { input = '', timeoutMs, cwd }: { readonly input?: string; readonly timeoutMs: number; readonly cwd?: string },
): Promise<void> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'ignore', 'ignore'],
      windowsHide: true,
      ...(cwd !== undefined && { cwd }),
    });
    const timer = setTimeout(() => {
      reject(new Error(`no end within ${timeoutMs / 1_000} s`));
      child.kill('SIGKILL');
    }, timeoutMs);
    child.once('error', (error) => reject(new Error((error as NodeJS.ErrnoException).code ?? error.message)));
    child.once('exit', (code, signal) => (code === 0 ? resolve() : reject(new Error(`exit ${code ?? signal}`))));
    child.once('close', () => clearTimeout(timer));
    // A program need not read what it is offered.
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(input);
  });
}
