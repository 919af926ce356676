import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Warnings } from '../../../../src/daemon/process/warnings.ts';
import { DropFolder } from '../../../../src/daemon/sources/drop-folder/drop-folder.ts';
import { freshFolder } from '../../../support/folders.ts';

/** How often V8 has called functions of the sources by now, since the last call of `counts`. */
async function callCounter() {
  const session = new Session();
  session.connect();
  onTestFinished(() => session.disconnect());
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return async (names: readonly string[]): Promise<Record<string, number>> => {
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const functions = result.filter(({ url }) => url.includes('/src/')).flatMap((script) => script.functions);
    const countOf = (name: string) =>
      functions.reduce((sum, called) => sum + (called.functionName === name ? called.ranges[0]!.count : 0), 0);
    return Object.fromEntries(names.map((name) => [name, countOf(name)]));
  };
}

const STEPS = ['decodeText', 'splitDropText', 'toReading', 'parseTokenValue'];

test.each([
  ['a line', '350000 done\n', 1],
  ['a line that may go on', '350000', 1],
  ['two lines', '350000 done\n360000 more\n', 2],
  ['JSON', '{"tokens":"350K"}', 1],
])('%s dropped as a file is decoded once, and each of its values is parsed once', async (_, text, values) => {
  const path = freshFolder();
  const recorded = Promise.withResolvers<void>();
  let left = values;
  const submit = () => {
    if (--left === 0) recorded.resolve();
    return Promise.resolve();
  };
  const drop = new DropFolder({
    path,
    // biome-ignore lint/suspicious/noExplicitAny: the readings are counted and not recorded
    monitor: { submit } as any,
    warnings: new Warnings(),
    syncClipboard: () => Promise.reject(new Error('no trigger was dropped')),
    command: 'token-sync',
    onFailure: recorded.reject,
  });
  onTestFinished(() => drop.close());
  await drop.ready;
  const countsOf = await callCounter();
  writeFileSync(join(path, 'token.txt'), text);

  await recorded.promise;

  expect(await countsOf(STEPS)).toEqual({
    decodeText: 1,
    splitDropText: 1,
    toReading: values,
    parseTokenValue: values,
  });
});
