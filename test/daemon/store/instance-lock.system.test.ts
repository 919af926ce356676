import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lockFolder } from '../../../src/daemon/store/instance-lock.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { type ChildProcess, spawn } from '../../support/programs.ts';

const MODULE = fileURLToPath(new URL('../../../src/daemon/store/instance-lock.ts', import.meta.url));
/** Waits for a line on its input, so that many start at once, says what it got, and lives on. */
const STARTER = `
  import { lockFolder } from ${JSON.stringify(MODULE)};
  process.stdout.write('ready\\n');
  process.stdin.once('data', () => {
    process.stdout.write(lockFolder(process.argv[1]) ? 'has it\\n' : 'refused\\n');
  });
  setInterval(() => undefined, 1_000);
`;

class Starter {
  readonly process: ChildProcess;
  #said = '';

  constructor(folder: string) {
    this.process = spawn(process.execPath, ['--input-type=module', '-e', STARTER, folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.process.stdout!.setEncoding('utf8').on('data', (text) => (this.#said += text));
    onTestFinished(() => void this.process.kill('SIGKILL'));
  }

  async says(line: RegExp): Promise<string> {
    while (!line.test(this.#said)) await once(this.process.stdout!, 'data');
    return line.exec(this.#said)![0];
  }

  async take(): Promise<string> {
    this.process.stdin!.write('now\n');
    return this.says(/has it|refused/);
  }

  async end(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
  }
}

async function starters(folder: string, count: number): Promise<Starter[]> {
  const all = Array.from({ length: count }, () => new Starter(folder));
  await Promise.all(all.map((starter) => starter.says(/ready/)));
  return all;
}

describe('a data folder', () => {
  test('a data folder has one owner, however many start at once', async () => {
    const folder = temporaryFolder();
    for (let round = 0; round < 3; round++) {
      const all = await starters(folder, 8);
      const answers = await Promise.all(all.map((starter) => starter.take()));
      expect(answers.toSorted()).toEqual(['has it', ...Array.from({ length: 7 }, () => 'refused')]);
      await Promise.all(all.map((starter) => starter.end()));
    }
  });

  test('a data folder is free in the instant in which its owner is killed', async () => {
    const folder = temporaryFolder();
    const [owner] = await starters(folder, 1);
    expect(await owner!.take()).toBe('has it');
    expect(lockFolder(folder)).toBeUndefined();
    await owner!.end();

    const lock = lockFolder(folder);
    expect(lock).toBeDefined();
    lock!.release();
  });

  test('a data folder stays with an owner that is suspended', async () => {
    const folder = temporaryFolder();
    const [owner] = await starters(folder, 1);
    await owner!.take();
    owner!.process.kill('SIGSTOP');

    expect(lockFolder(folder)).toBeUndefined();
  });

  test.each(['.lock', 'ledger/.lock'])('a data folder stays with its owner when somebody removes %s', (name) => {
    const folder = temporaryFolder();
    const lock = lockFolder(folder);
    rmSync(join(folder, name));

    expect(lockFolder(folder)).toBeUndefined();
    lock!.release();
  });

  test('a data folder can be taken again after it was given back, also by the same process', () => {
    const folder = temporaryFolder();
    for (let round = 0; round < 3; round++) {
      const lock = lockFolder(folder);
      expect(lock).toBeDefined();
      expect(lockFolder(folder)).toBeUndefined();
      lock!.release();
    }
  });
});
