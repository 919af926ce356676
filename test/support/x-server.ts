import { type ChildProcess, spawn } from './programs.ts';
import { until, within } from './until.ts';

export interface XServerOptions {
  /** `:99`; a free one when absent. */
  readonly display?: string;
  /** A file with the cookie that clients must bring. */
  readonly authorityFile?: string;
}

/** An X server of a test's own, without a screen to see, and its clipboard. */
export class XServer {
  readonly display: string;
  readonly process: ChildProcess;
  readonly #env: NodeJS.ProcessEnv;
  readonly #owners: ChildProcess[] = [];

  private constructor(display: string, process: ChildProcess, env: NodeJS.ProcessEnv) {
    this.display = display;
    this.process = process;
    this.#env = env;
  }

  static async start({ display, authorityFile }: XServerOptions = {}): Promise<XServer> {
    const auth = authorityFile === undefined ? [] : ['-auth', authorityFile];
    const place = display === undefined ? [] : [display];
    const server = spawn(
      'Xvfb',
      [...place, '-displayfd', '3', '-screen', '0', '640x480x24', '-nolisten', 'tcp', '-noreset', ...auth],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
    );
    const number = new Promise<string>((resolve, reject) => {
      let told = '';
      server.stdio[3]!.on('data', (chunk) => {
        told += chunk;
        if (told.includes('\n')) resolve(told.trim());
      });
      server.once('error', reject);
      server.once('exit', () => reject(new Error('Xvfb ended at its start')));
    });
    const name = `:${await within(10_000, number, 'an X server')}`;
    const cookies = authorityFile === undefined ? {} : { XAUTHORITY: authorityFile };
    return new XServer(name, server, { ...process.env, DISPLAY: name, ...cookies });
  }

  /** Puts something into the clipboard, and returns the process that holds it until another does. */
  async copy(content: string | Uint8Array, type = 'UTF8_STRING'): Promise<ChildProcess> {
    return await this.#copy(content, type, 1);
  }

  /** Puts a text into the clipboard and waits until somebody has read it. */
  async copyUntilRead(text: string): Promise<void> {
    await this.#copy(text, 'UTF8_STRING', 2);
  }

  /** The program counts the requests that it waits for. */
  async #copy(content: string | Uint8Array, type: string, request: number): Promise<ChildProcess> {
    const args = ['-quiet', '-selection', 'clipboard', '-t', type, '-i'];
    const owner = spawn('xclip', args, { env: this.#env, stdio: ['pipe', 'ignore', 'pipe'] });
    this.#owners.push(owner);
    let told = '';
    owner.stderr.on('data', (chunk) => (told += chunk));
    owner.stdin.end(content);
    await until(() => told.includes(`selection request number ${request}`), 'the copy is there, or read');
    return owner;
  }

  async end(): Promise<void> {
    for (const owner of this.#owners) owner.kill('SIGKILL');
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill();
    await within(10_000, gone, 'the end of the X server');
  }
}
