import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { execFile } from '../../support/programs.ts';
import { scratchFolder } from '../../support/scratch.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** A program that hands on everything that the SDK's methods take and give. */
const PROGRAM = `
import { formatTokens, parseTokenValue, TokenSyncError, TokenSyncManager } from 'token-sync';
import type { MethodName, NotificationParams, Params, Result } from 'token-sync';

const manager = new TokenSyncManager();
export const { record, recordConversation, usage, import: importSessions } = manager;
export const { quickRecord, autoRecordConversation, getCurrentUsage, batchImportSessions } = manager;
export const { estimateTokens, subscribe, subscribeWithMeters, history, undo, setTotal, forecast, stats, meters, call, close } = manager;
export const receipt = await manager.record('350K', 'event', { syncType: 'auto' });
export const figures = await manager.usage();
export const page = await manager.history({ sync_type: 'manual' });
export const imported = await manager.import([{ tokens: 5 }]);
export const talk = await manager.recordConversation({ userMessage: '', assistantMessage: '' });
export const [bucket] = (await manager.stats({ bucket: 'day' })).buckets;
export const info = await manager.call('daemon.info', {});
export const [warning] = info.warnings;
export const accuracy = await manager.call('usage.estimate_accuracy', {});
export const parsed = parseTokenValue('350K');
export const { kind, text, hint } = new TokenSyncError('busy', { zh: '', en: '' });
export const formatted = formatTokens;
export function wrap<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
  return manager.call(method, params);
}
export type Changed = NotificationParams<'usage.changed'>;
`;

/** Every way in which the published types differ from those that the schemas infer. */
const COMPARISON = `
import type * as Inferred from '${ROOT}/src/protocol/methods.ts';
import type * as Published from './node_modules/token-sync/dist/types/protocol/methods.d.ts';

type Same<A, B> = [A, B] extends [B, A] ? never : [A, B];
type Differing = {
  [M in Inferred.MethodName]:
    | Same<Inferred.Params<M>, Published.Params<M>>
    | Same<Inferred.Result<M>, Published.Result<M>>;
}[Inferred.MethodName];
type DifferingNotice = {
  [N in Inferred.NotificationName]: Same<Inferred.NotificationParams<N>, Published.NotificationParams<N>>;
}[Inferred.NotificationName];
export type Found = Differing | DifferingNotice | Same<Inferred.MethodName, Published.MethodName>;
export const none: [Found] extends [never] ? true : Found = true;
// @ts-expect-error a difference is seen
export const seen: [Same<Found, 1>] extends [never] ? true : Found = true;
`;

let folder: string;
let types: string;

/** A package that holds nothing but the published types, used by programs that see no other package. */
beforeAll(async () => {
  folder = scratchFolder();
  types = join(folder, 'node_modules/token-sync/dist/types');
  mkdirSync(types, { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'node_modules/token-sync/package.json'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/emit-types.ts'), types]);
  return () => rmSync(folder, { recursive: true });
}, 60_000);

/** Compiles a program; throws what tsc finds wrong with it. */
async function compile(program: string, ...options: string[]): Promise<void> {
  writeFileSync(join(folder, 'program.ts'), program);
  const plain = [
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--lib',
    'es2024,dom,esnext.disposable,esnext.iterator',
    '--types',
    '',
  ];
  const args = [TSC, '--strict', '--exactOptionalPropertyTypes', ...plain, ...options, 'program.ts'];
  const running = promisify(execFile)(process.execPath, args, { cwd: folder });
  await running.catch(({ stdout }) => {
    throw new Error(stdout);
  });
}

test('the published types have a name, to be had from the package, for all that methods take and give', {
  timeout: 60_000,
}, async () => {
  await compile(PROGRAM, '--declaration', '--emitDeclarationOnly');
  const printed = readFileSync(join(folder, 'program.d.ts'), 'utf8');
  expect(printed).toContain('figures: import("token-sync").Usage;');
  expect(printed).toContain('call: <M extends MethodName>(method: M, params: Params<M>) => Promise<Result<M>>');
  expect(printed, 'no type is spelled out').not.toMatch(/\{\n/);
});

test('the published types of the contract are plain interfaces with their words, without zod', () => {
  const contract = readFileSync(join(types, 'protocol/methods.d.ts'), 'utf8');
  expect(contract).toContain(`export interface Bucket {
    start: string;
    /** Consumption. */
    tokens: number;
    readings: number;`);
  expect(contract).not.toMatch(/zod|\bz\./);
});

test('the published types of the contract are those that its schemas infer', { timeout: 60_000 }, async () => {
  // Our sources use the iterators of Node; the types that are published must do without.
  const own = ['--lib', 'esnext,dom', '--allowImportingTsExtensions', '--skipLibCheck'];
  await compile(COMPARISON, '--noEmit', ...own);
});
