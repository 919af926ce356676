import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const CONTRACT = 'src/protocol/methods.ts';
const sources = globSync('src/**/*.{ts,tsx}', { cwd: root }).filter((file) => !file.endsWith('.d.ts'));

/** Which rooms a room may import from; itself always. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: ['protocol/token-value'],
  // Behind token-value.ts, its front: nobody else imports from it.
  'protocol/token-value': ['protocol'],
  'daemon/rules': ['protocol'],
  'daemon/store': ['protocol', 'daemon/rules', 'daemon'],
  'daemon/sources': ['protocol', 'daemon', 'daemon/rules'],
  'daemon/alerts': ['protocol', 'daemon', 'daemon/rules'],
  'daemon/estimate': ['protocol'],
  'daemon/serve': ['protocol', 'daemon', 'daemon/rules', 'daemon/estimate'],
  'client/sdk': ['protocol'],
  'client/cli': ['protocol', 'client/sdk'],
  'client/dashboard': ['protocol', 'client/sdk'],
};

/** What the rooms inside the daemon may know of the daemon itself. */
const MAY_KNOW: Readonly<Record<string, readonly string[]>> = {
  'daemon/alerts': ['config.ts', 'regular-file.ts', 'warnings.ts'],
  'daemon/estimate': ['stopping.ts'],
  'daemon/store': ['make-folder.ts', 'open-writers.ts', 'regular-file.ts', 'warnings.ts'],
  'daemon/sources': [
    'config.ts',
    'make-folder.ts',
    'monitor.ts',
    'open-writers.ts',
    'operations.ts',
    'offered-reading.ts',
    'regular-file.ts',
    'warnings.ts',
  ],
  'daemon/serve': ['monitor.ts', 'new-id.ts', 'offered-reading.ts', 'operations.ts', 'queries.ts', 'subscribers.ts'],
};

const WRITES = /\bprocess\.(?:stdout|stderr)\b|^\s*(?!\*).*\bconsole[.[]|\bprocess\.emitWarning\b|\/dev\/(?:tty|std)/m;

const PRINTERS = [
  'src/client/cli/output.ts',
  // Hands the terminal to the editor of lines; what it asks is visible text.
  'src/client/cli/prompts.ts',
  // Warns as Node's libraries do, in visible text.
  'src/client/sdk/index.ts',
  'src/daemon/output.ts',
  // Writes to the daemon, by a pipe.
  'src/daemon/estimate/worker.ts',
];

describe('the rooms of the house', () => {
  it('import only what their place allows', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((imported) => !isAllowed(file, imported))
        .map((imported) => `${file} → ${imported}`),
    );
    expect(wrong).toEqual([]);
  });

  it('are told apart by this check at all', () => {
    expect(isAllowed('src/client/sdk/manager.ts', 'src/daemon/monitor.ts')).toBe(false);
    expect(isAllowed('src/daemon/rules/record.ts', 'src/daemon/store/ledger.ts')).toBe(false);
    expect(isAllowed('src/daemon/serve/rpc.ts', 'src/daemon/store/ledger.ts')).toBe(false);
    expect(isAllowed('src/client/cli/value.ts', 'src/protocol/token-value/verdict.ts')).toBe(false);
  });

  it('leave the protocol free of everything but zod', () => {
    const packages = sources
      .filter((file) => roomOf(file).startsWith('protocol'))
      .flatMap((file) => packagesOf(file).map((name) => `${file} → ${name}`))
      .filter((line) => !line.endsWith('→ zod/mini'));
    expect(packages).toEqual([]);
  });

  it('read the environment and end the process at their entries only', () => {
    const readers = sources.filter((file) => /process\.env\b/.test(text(file)));
    const enders = sources.filter((file) => /process\.exit\(/.test(text(file)));
    expect(readers.filter((file) => !/(?:main|config|environment|settings)\.ts$/.test(file))).toEqual([]);
    expect(enders.filter((file) => !/main\.ts$/.test(file))).toEqual([]);
  });

  it('write to a terminal at their printers only, and to a log at its file', () => {
    const writers = sources.filter((file) => WRITES.test(text(file)));
    expect(writers.filter((file) => !PRINTERS.includes(file))).toEqual([]);
    expect(PRINTERS.filter((file) => !writers.includes(file))).toEqual([]);
    expect(text('src/daemon/log.ts')).toContain('writeSync(this.#fd, visibleText(line))');
  });

  it('have no file so long that nobody reads it', () => {
    // The contract's table is one table, however long it is.
    const long = sources.filter((file) => file !== CONTRACT && text(file).split('\n').length > 320);
    expect(long).toEqual([]);
  });
});

function isAllowed(file: string, imported: string): boolean {
  const room = roomOf(file);
  const other = roomOf(imported);
  if (room === other || room === 'daemon') return room === other || !other.startsWith('client');
  if (other === 'daemon') return (MAY_KNOW[room] ?? []).some((name) => imported === `src/daemon/${name}`);
  return (MAY_IMPORT[room] ?? []).includes(other);
}

function roomOf(file: string): string {
  return dirname(relative('src', file)).split('/').slice(0, 2).join('/');
}

function importsOf(file: string): string[] {
  return specifiersOf(file)
    .filter((specifier) => specifier.startsWith('.') && /\.tsx?$/.test(specifier))
    .map((specifier) => join(dirname(file), specifier));
}

function packagesOf(file: string): string[] {
  return specifiersOf(file).filter((specifier) => !specifier.startsWith('.'));
}

function specifiersOf(file: string): string[] {
  return [...text(file).matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, specifier]) => specifier!);
}

function text(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
