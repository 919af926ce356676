import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type FileContent, hashOf } from '../../../../src/daemon/store/state-file/file-content.ts';
import { StateFile } from '../../../../src/daemon/store/state-file/state-file.ts';
import { temporaryFolder } from '../../../support/folders.ts';

const NAME = 'architect_monitor.json';

function stateFile(folder = temporaryFolder()) {
  const late: string[] = [];
  const path = join(folder, NAME);
  const file = new StateFile(path);
  file.onLateEdit = ({ bytes }) => late.push(bytes.toString('utf8'));
  onTestFinished(() => file.endLateEdits());
  const replace = async (text: string, expected?: string) =>
    (await file.prepare(text, expected === undefined ? undefined : hashOf(expected))).publish();
  return { folder, path, file, late, replace };
}

describe('a new file', () => {
  test('a new state file is its owner’s alone', async () => {
    const { path, file, replace } = stateFile();
    expect(file.read()).toBeUndefined();
    await replace('{}');

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(file.read()?.bytes.toString()).toBe('{}');
  });
});

describe('an existing file', () => {
  test.each([0o644, 0o664, 0o600, 0o640])('an existing state file keeps its mode %o', async (mode) => {
    const { path, replace } = stateFile();
    writeFileSync(path, '{}');
    chmodSync(path, mode);
    await replace('{"a":1}', '{}');

    expect(statSync(path).mode & 0o777).toBe(mode);
  });

  test('a state file behind a symbolic link is replaced where it lies', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'elsewhere'));
    const real = join(folder, 'elsewhere', 'real.json');
    writeFileSync(real, '{}');
    symlinkSync(real, join(folder, NAME));
    const { path, replace } = stateFile(folder);
    await replace('{"a":1}', '{}');

    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, 'utf8')).toBe('{"a":1}');
    expect(readdirSync(folder).sort()).toEqual([NAME, 'elsewhere']);
  });

  test('a folder in the place of the state file is refused with a word on what to do', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, NAME));

    expect(() => stateFile(folder)).toThrow(expect.objectContaining({ kind: 'storage_failed' }));
  });
});

describe('somebody else’s write in the very moment', () => {
  test('a write in place just before the file is replaced is reported', async () => {
    const { path, file, late } = stateFile();
    writeFileSync(path, '{"a":1}');
    const prepared = await file.prepare('{"a":2}', hashOf('{"a":1}'));
    writeFileSync(path, '{"a":1,"edited":true}');
    await prepared.publish();

    expect(late).toEqual(['{"a":1,"edited":true}']);
    expect(readFileSync(path, 'utf8')).toBe('{"a":2}');
  });

  test('a write by rename just before the file is replaced is reported', async () => {
    const { path, file, late } = stateFile();
    writeFileSync(path, '{"a":1}');
    const prepared = await file.prepare('{"a":2}', hashOf('{"a":1}'));
    writeFileSync(`${path}.tmp`, '{"a":1,"edited":true}');
    renameSync(`${path}.tmp`, path);
    await prepared.publish();

    expect(late).toEqual(['{"a":1,"edited":true}']);
  });

  test('no late write is reported when nobody wrote, or the file was deleted', async () => {
    const { path, file, late } = stateFile();
    writeFileSync(path, '{"a":1}');
    await (await file.prepare('{"a":2}', hashOf('{"a":1}'))).publish();
    const prepared = await file.prepare('{"a":3}', hashOf('{"a":2}'));
    rmSync(path);
    await prepared.publish();
    file.endLateEdits();

    expect(late).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('{"a":3}');
  });
});

describe('an invalid content', () => {
  const content = (text: string): FileContent => ({ bytes: Buffer.from(text), hash: hashOf(text) });

  test('an invalid content is kept byte for byte under a name that tells when and why, and none is written over', () => {
    const { folder, file } = stateFile();
    const nowMs = new Date(2025, 10, 18, 20, 30, 5).getTime();
    const names = ['{ a', '\ufeff\0', ''].map((text) => file.copies.keep(content(text), nowMs, 'invalid', text).name);

    expect(names).toEqual([
      'architect_monitor.invalid-20251118-203005.json',
      'architect_monitor.invalid-20251118-203005-2.json',
      'architect_monitor.invalid-20251118-203005-3.json',
    ]);
    expect(names.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['{ a', '\ufeff\0', '']);
    expect(statSync(join(folder, names[0]!)).mode & 0o777).toBe(0o600);
  });
});

test('contents that lose the same share one copy, and a new one is made when that is gone', () => {
  const { folder, file } = stateFile();
  const setAside = (text: string, lost: string) =>
    file.copies.keep({ bytes: Buffer.from(text), hash: hashOf(text) }, 0, 'invalid', lost).name;
  const first = setAside('{"used":"1","x":1}', '"1"');

  expect(setAside('{"used":"1","x":2}', '"1"')).toBe(first);
  expect(setAside('{"used":"2","x":2}', '"2"')).not.toBe(first);
  const last = setAside('{"used":"1","x":3}', '"1"');
  rmSync(join(folder, last));
  expect(readFileSync(join(folder, setAside('{"used":"1","x":4}', '"1"')), 'utf8')).toBe('{"used":"1","x":4}');
});

describe('reading', () => {
  test('reading the state file waits for a writer in the middle of its work', async () => {
    const { path, file } = stateFile();
    writeFileSync(path, '{"a":');
    const content = file.readSettled(() => false);
    writeFileSync(path, '{"a":1}');

    expect(await content).toMatchObject({ bytes: Buffer.from('{"a":1}') });
  });

  test('reading the state file waits a bounded time for a writer that never ends', async () => {
    const { path, file } = stateFile();
    writeFileSync(path, '{"a":');
    const startedMs = performance.now();

    expect(await file.readSettled(() => false)).toMatchObject({ bytes: Buffer.from('{"a":') });
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  test('another write changes the fingerprint of the state file', () => {
    const { path, file } = stateFile();
    const seen = new Set([file.fingerprint()]);
    for (const text of ['{}', '{"a":1}', '{"a":10}']) {
      writeFileSync(path, text);
      seen.add(file.fingerprint());
    }
    writeFileSync(`${path}.tmp`, '{"a":10}');
    renameSync(`${path}.tmp`, path);
    seen.add(file.fingerprint());

    expect(seen.size).toBe(5);
  });
});
