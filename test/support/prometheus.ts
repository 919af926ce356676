import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { httpRequest } from './http.ts';
import { type ChildProcess, spawn, spawnSync } from './programs.ts';
import { scratchFolder } from './scratch.ts';
import { until } from './until.ts';

/** The files that a team copies. */
export const EXAMPLE = fileURLToPath(new URL('../../docs/prometheus/', import.meta.url));

/** Checks or tests a file of ours; its exit code and all it said. */
export function promtool(args: readonly string[], { cwd = EXAMPLE, input = '' } = {}) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd, input, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** The time in seconds and the value. */
  readonly value: readonly [number, string];
}

/** A Prometheus of a test's own, on the example of the documents. */
export class Prometheus {
  /** Holds its copy of the example, which differs in the replacements alone. */
  readonly folder = scratchFolder();
  #process: ChildProcess | undefined;
  #log = '';
  #url = '';

  /** Copies the example with each text replaced; throws where one is not found, so that it stays the example that is run. */
  constructor(replacements: readonly (readonly [file: string, pattern: RegExp, text: string])[]) {
    cpSync(EXAMPLE, this.folder, { recursive: true });
    for (const [file, pattern, text] of replacements) {
      const before = readFileSync(join(this.folder, file), 'utf8');
      const after = before.replace(pattern, text);
      if (after === before) throw new Error(`${pattern} is not in ${file}`);
      writeFileSync(join(this.folder, file), after);
    }
  }

  /** Starts it on any free port and waits until it answers. */
  async start(): Promise<void> {
    const flags = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', '--web.listen-address=127.0.0.1:0'];
    this.#process = spawn('prometheus', flags, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process.stderr!.setEncoding('utf8').on('data', (text) => (this.#log += text));
    const [, address] = await until(() => {
      if (this.#process!.exitCode !== null) throw new Error(`Prometheus ended at once: ${this.#log}`);
      return /msg="Listening on" address=(\S+)/.exec(this.#log);
    }, 'Prometheus listens');
    this.#url = `http://${address}`;
    await until(async () => (await httpRequest(this.#url, { path: '/-/ready' })).status === 200, 'Prometheus is ready');
  }

  /** The present samples of an expression. */
  async query(expression: string): Promise<readonly Sample[]> {
    return (await this.#get(`/api/v1/query?query=${encodeURIComponent(expression)}`)).result;
  }

  async alerts(): Promise<readonly Alert[]> {
    return (await this.#get('/api/v1/alerts')).alerts;
  }

  /** When every rule has been evaluated with all that was scraped up to now; the first scrapes come 5 s after the start. */
  async evaluated(): Promise<void> {
    const sinceMs = Date.now();
    const isScraped = async () => {
      const { activeTargets } = await this.#get('/api/v1/targets');
      return activeTargets.length > 0 && activeTargets.every(isAfter('lastScrape', sinceMs));
    };
    await until(isScraped, 'all is scraped', 20_000);
    const scrapedMs = Date.now();
    const isEvaluated = async () =>
      (await this.#get('/api/v1/rules')).groups.every(isAfter('lastEvaluation', scrapedMs));
    await until(isEvaluated, 'the rules are evaluated');
  }

  async end(): Promise<void> {
    if (this.#process && this.#process.exitCode === null) {
      const gone = new Promise((resolve) => this.#process!.once('exit', resolve));
      this.#process.kill('SIGKILL');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #get(path: string) {
    const answer = (await httpRequest(this.#url, { path })).json();
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  }
}

function isAfter(field: string, timeMs: number) {
  return (entry: Readonly<Record<string, string>>) => Date.parse(entry[field]!) > timeMs;
}
