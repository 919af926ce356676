import { closeSync, ftruncateSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { hashOf } from '../../../../src/daemon/store/state-file/file-content.ts';
import { LateEdits } from '../../../../src/daemon/store/state-file/late-edits.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { until } from '../../../support/until.ts';

const OURS = '{"used":1}';

/** A file that was replaced, still open for a writer and watched. */
function watched(content = OURS, expected = OURS) {
  const path = join(temporaryFolder(), 'old');
  writeFileSync(path, content);
  const writer = openSync(path, 'r+');
  onTestFinished(() => closeSync(writer));
  const reported: string[] = [];
  const edits = new LateEdits(
    ({ bytes }) => reported.push(bytes.toString('utf8')),
    ({ bytes }) => isJson(bytes.toString('utf8')),
  );
  edits.watch(openSync(path, 'r'), hashOf(expected));
  onTestFinished(() => edits.close());
  return { reported, edits, writer };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

afterEach(() => vi.restoreAllMocks());

describe('what is written into a replaced file', () => {
  test('a write into a replaced file before its first check is reported at once', () => {
    expect(watched('{"used":2}').reported).toEqual(['{"used":2}']);
  });

  test('a later write into a replaced file is reported within moments', async () => {
    const { reported, writer } = watched();
    writeSync(writer, '{"used":2}', 0);

    await until(() => reported.length > 0, 'it was reported');
    expect(reported).toEqual(['{"used":2}']);
  });

  test('a write of the same length in the same tick of the clock is reported at the end at the latest', () => {
    const { reported, edits, writer } = watched();
    writeSync(writer, '{"used":2}', 0);
    edits.close();

    expect(reported).toEqual(['{"used":2}']);
  });

  test('a write into a replaced file is reported when it is whole, not while it is being written', async () => {
    const { reported, writer } = watched();
    ftruncateSync(writer, 0);
    for (const [at, letter] of [...'{"used":234}'].entries()) {
      writeSync(writer, letter, at);
      await new Promise(setImmediate);
    }

    await until(() => reported.length > 0, 'it was reported');
    expect(reported).toEqual(['{"used":234}']);
  });

  test('two writes into a replaced file are reported each', async () => {
    const { reported, writer } = watched();
    writeSync(writer, '{"used":2}', 0);
    await until(() => reported.length === 1, 'the first was reported');
    writeSync(writer, '{"used":30}', 0);

    await until(() => reported.length === 2, 'the second was reported');
    expect(reported).toEqual(['{"used":2}', '{"used":30}']);
  });

  test('a write that never becomes whole is reported in the end, so that a copy can be kept', () => {
    const { reported, edits, writer } = watched();
    writeSync(writer, '{"used":2} {', 0);
    expect(reported).toEqual([]);
    edits.close();

    expect(reported).toEqual(['{"used":2} {']);
  });

  test('a replaced file that was only emptied, or holds our own content, is not reported', () => {
    const emptied = watched();
    ftruncateSync(emptied.writer, 0);
    emptied.edits.close();
    const same = watched();
    writeSync(same.writer, OURS, 0);
    same.edits.close();

    expect([emptied.reported, same.reported]).toEqual([[], []]);
  });
});

test('a replaced file is let go after a bounded time, and of very many the oldest first', async () => {
  const folder = temporaryFolder();
  const before = openFiles();
  const edits = new LateEdits(
    () => undefined,
    () => true,
  );
  onTestFinished(() => edits.close());
  for (let count = 0; count < 800; count++) {
    const path = join(folder, String(count));
    writeFileSync(path, OURS);
    edits.watch(openSync(path, 'r'), hashOf(OURS));
  }
  // Before the time of any of them is over.
  await until(() => openFiles() - before < 600, 'the oldest are closed', 200);

  const later = performance.now() + 60_000;
  vi.spyOn(performance, 'now').mockImplementation(() => later);
  await vi.waitFor(() => expect(openFiles()).toBeLessThanOrEqual(before + 2), 5_000);
});
