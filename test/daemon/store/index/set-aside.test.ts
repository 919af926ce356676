import { cpSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HISTORY_FILE, STATE_FILE } from '../../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { historyFiles, ledgerFiles, type OpenedStore, openStore, segmentPath } from '../opened-store.ts';
import { caughtUp } from './caught-up.ts';
import { tablesIn } from './tables.ts';

const options = { maxSegmentBytes: 3_000 };
const LOST = /^history\.lost-\d{17}(-\d+)?\.db$/;

/** A closed folder with readings over several segments. */
async function recorded(count: number, prefix = 'r'): Promise<string> {
  const opened = await openStore(temporaryFolder(MEMORY), options);
  for (let at = 0; at < count; at++) await opened.record(10, { id: `${prefix}${at}` });
  await opened.close();
  return opened.folder;
}

async function goOn(folder: string, ids: readonly string[]): Promise<void> {
  const opened = await openStore(folder, options);
  for (const id of ids) await opened.record(10, { id });
  await opened.close();
}

/** A copy with the times of its files, as a backup keeps them. */
function backupOf(folder: string): string {
  const backup = temporaryFolder(MEMORY);
  cpSync(folder, backup, { recursive: true, preserveTimestamps: true });
  return backup;
}

function putLedgerBack(folder: string, backup: string): void {
  rmSync(join(folder, 'ledger'), { recursive: true });
  cpSync(join(backup, 'ledger'), join(folder, 'ledger'), { recursive: true, preserveTimestamps: true });
  // Which brings back what it still shows.
  rmSync(join(folder, STATE_FILE));
}

/** Cuts the last readings off the ledger, and the checkpoint that a stop has put behind them. */
function cutLines(folder: string, count: number): void {
  let path = segmentPath(folder, ledgerFiles(folder).length);
  if (linesIn(path).length === 1) {
    rmSync(path);
    path = segmentPath(folder, ledgerFiles(folder).length);
  }
  writeFileSync(path, `${linesIn(path).slice(0, -count).join('\n')}\n`);
  rmSync(join(folder, STATE_FILE));
}

function linesIn(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

const lostIn = (folder: string) => historyFiles(folder).filter((name) => LOST.test(name));

/** Closes the store and expects its history to hold what the ledger says, and nothing else. */
async function expectOfLedger(opened: OpenedStore): Promise<void> {
  await opened.close();
  expect(tablesIn(opened.folder)).toEqual(await caughtUp(opened.folder, Date.now()));
}

/** Each leaves a history that is not of its ledger, and tells how many of its readings the ledger lacks. */
const FOREIGN: Readonly<Record<string, () => Promise<{ readonly folder: string; readonly lost: number }>>> = {
  'is that of another folder': async () => {
    const folder = await recorded(30);
    const other = await recorded(25, 'other');
    cpSync(join(other, HISTORY_FILE), join(folder, HISTORY_FILE));
    return { folder, lost: 25 };
  },
  'knows more than the ledger, of which an older copy was put back': async () => {
    const folder = await recorded(30);
    const backup = backupOf(folder);
    await goOn(folder, ['n1', 'n2']);
    putLedgerBack(folder, backup);
    return { folder, lost: 2 };
  },
  'knows more than the ledger, of which an older copy was put back and has gone on': async () => {
    const folder = await recorded(30);
    const backup = backupOf(folder);
    await goOn(folder, ['n1', 'n2', 'n3']);
    putLedgerBack(folder, backup);
    const history = readFileSync(join(folder, HISTORY_FILE));
    await goOn(folder, ['m1', 'm2', 'm3', 'n3']);
    for (const name of historyFiles(folder)) rmSync(join(folder, name));
    writeFileSync(join(folder, HISTORY_FILE), history);
    return { folder, lost: 2 };
  },
  'knows lines at the end that the ledger has lost': async () => {
    const folder = await recorded(31);
    cutLines(folder, 2);
    return { folder, lost: 2 };
  },
  'knows a segment in the middle that the ledger has lost': async () => {
    const folder = await recorded(30);
    const lost = readFileSync(segmentPath(folder, 2), 'utf8').match(/"kind":"reading"/g)!.length;
    rmSync(segmentPath(folder, 2));
    rmSync(join(folder, STATE_FILE));
    return { folder, lost };
  },
  'knows a ledger of which nothing is left': async () => {
    const folder = await recorded(30);
    rmSync(join(folder, 'ledger'), { recursive: true });
    rmSync(join(folder, STATE_FILE));
    return { folder, lost: 30 };
  },
};

test.each(Object.keys(FOREIGN))(
  'a history that %s is set aside and made anew, and a warning says how many readings only it has',
  async (name) => {
    const { folder, lost } = await FOREIGN[name]!();
    const opened = await openStore(folder, options);

    expect(lostIn(folder)).toHaveLength(1);
    const [aside] = lostIn(folder);
    expect(opened.warnings.list()).toContainEqual({
      code: 'history_lost',
      en: expect.stringMatching(new RegExp(`lacks ${lost} readings .* only ${aside} holds`)),
      zh: expect.stringMatching(new RegExp(` ${lost} .*${aside}`)),
    });
    await opened.record(10, { id: 'after' });
    expect((await opened.historyIds())[0]).toBe('after');
    await expectOfLedger(opened);
  },
);

/** Each leaves a history that the next start needs neither to set aside nor to speak of. */
const OWN: Readonly<Record<string, (folder: string) => Promise<void> | void>> = {
  'is gone': (folder) => rmSync(join(folder, HISTORY_FILE)),
  'is an older one, as from a backup': async (folder) => {
    const older = readFileSync(join(folder, HISTORY_FILE));
    await goOn(folder, ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8']);
    writeFileSync(join(folder, HISTORY_FILE), older);
  },
  'was copied along with the ledger, whose files have other times since': (folder) => {
    for (const name of ledgerFiles(folder)) utimesSync(join(folder, 'ledger', name), 1, 1);
  },
  'is as old as a ledger with a torn last line': (folder) => {
    const path = segmentPath(folder, ledgerFiles(folder).length);
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"crc":"0000`);
  },
};

test.each(Object.keys(OWN))(
  'a history that %s holds after the next start what the ledger says, without a word',
  async (name) => {
    const folder = await recorded(30);
    await OWN[name]!(folder);
    const opened = await openStore(folder, options);

    expect(opened.warningCodes()).toEqual([]);
    expect(lostIn(folder)).toEqual([]);
    await expectOfLedger(opened);
  },
);

test('the readings of every history that was set aside are told together until somebody removes its file, and none is looked through twice', async () => {
  const folder = await recorded(30);
  cutLines(folder, 1);
  await goOn(folder, ['n1', 'n2']);
  cutLines(folder, 2);
  const told = async () => {
    const opened = await openStore(folder, options);
    const list = opened.warnings.list().filter(({ code }) => code === 'history_lost');
    await opened.close();
    return list.map(({ en }) => /lacks (\d+) readings/.exec(en)?.[1]);
  };

  expect(await told()).toEqual(['3']);
  expect(await told()).toEqual(['3']);
  const [first, second] = lostIn(folder);
  rmSync(join(folder, first!));
  expect(['1', '2']).toContain((await told())[0]);
  rmSync(join(folder, second!));
  expect(await told()).toEqual([]);
});

test('the warning of lost readings ends when the file is removed under the running daemon', async () => {
  const folder = await recorded(30);
  cutLines(folder, 1);
  const opened = await openStore(folder, options);
  expect(opened.warningCodes()).toContain('history_lost');

  for (const name of lostIn(folder)) rmSync(join(folder, name));

  expect(opened.warningCodes()).not.toContain('history_lost');
});
