import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, STATE_FILE } from '../../../protocol/addresses.ts';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import { readRegularText } from '../../../shared/node/regular-file.ts';
import { NOT_A_FILE } from '../../../shared/words/not-a-file.ts';
import { isForbidden, unusableFolder } from '../../../shared/words/unusable-folder.ts';
import { type Finding, permit, type Subject, well, wrong } from './finding.ts';

/** Whether the data folder is there and can be written. */
export function checkFolder({ settings: { dataDir } }: Subject): Finding[] {
  try {
    const stat = statSync(dataDir, { throwIfNoEntry: false });
    if (!stat) return [missingFolder(dataDir)];
    if (!stat.isDirectory()) return [notAFolder(dataDir)];
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { text, hint } = unusableFolder('unauthorized', dataDir, error as NodeJS.ErrnoException);
    return [wrong('folder', text, isForbidden(error) && isOwn(dataDir) ? permit(dataDir) : hint)];
  }
  return [well('folder', `数据文件夹可写：${dataDir}`, `the data folder can be written: ${dataDir}`)];
}

/** Whether nothing can be told of what is in the data folder, because the system does not let this user look. */
export function isClosed({ next }: Subject): boolean {
  return next instanceof TokenSyncError && next.kind === 'unauthorized';
}

function missingFolder(dataDir: string): Finding {
  return wrong(
    'folder',
    { zh: `数据文件夹不存在：${dataDir}`, en: `the data folder does not exist: ${dataDir}` },
    { zh: '运行 token-sync start 会创建它', en: '`token-sync start` makes it' },
  );
}

function notAFolder(dataDir: string): Finding {
  return wrong(
    'folder',
    { zh: `${dataDir} 不是文件夹`, en: `${dataDir} is not a folder` },
    { zh: '请用 --data 指定另一个文件夹', en: 'name another folder with --data' },
  );
}

/** Only the owner of a folder can change who may use it. */
function isOwn(folder: string): boolean {
  try {
    return process.getuid === undefined || statSync(folder).uid === process.getuid();
  } catch {
    return false;
  }
}

/** Whether a daemon would start with the settings of `config.json` and of the environment. */
export function checkConfig({ settings: { dataDir }, next }: Subject): Finding[] {
  if (!(next instanceof TokenSyncError)) return [well('config', '设置有效', 'the settings are right')];
  const isUnreadable = next.cause !== undefined && isForbidden(next.cause);
  return [wrong('config', next.text, isUnreadable ? permit(join(dataDir, CONFIG_FILE)) : thenRestart(next.hint))];
}

function thenRestart(hint: Bilingual | undefined): Bilingual {
  return {
    zh: `${hint ? `${hint.zh}；` : ''}然后运行 token-sync restart`,
    en: `${hint ? `${hint.en}; ` : ''}then run \`token-sync restart\``,
  };
}

/** Whether the state file can be read by everybody. */
export function checkStateFile({ settings: { dataDir } }: Subject): Finding[] {
  const path = join(dataDir, STATE_FILE);
  try {
    const value: unknown = JSON.parse(readRegularText(path).replace(/^\uFEFF/, ''));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return [well('state_file', `${STATE_FILE} 可以读取`, `${STATE_FILE} can be read`)];
    }
    return [brokenStateFile({ zh: '不是一个 JSON 对象', en: 'is not a JSON object' })];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    if (code === NOT_A_FILE) return [notAFile()];
    if (error instanceof SyntaxError) return [brokenStateFile({ zh: '不是有效的 JSON', en: 'is not valid JSON' })];
    return [
      wrong(
        'state_file',
        { zh: `${STATE_FILE} 无法读取 (${code})`, en: `${STATE_FILE} cannot be read (${code})` },
        permit(path),
      ),
    ];
  }
}

function notAFile(): Finding {
  return wrong(
    'state_file',
    { zh: `${STATE_FILE} 不是文件，无法使用`, en: `${STATE_FILE} is not a file, so it cannot be used` },
    {
      zh: `请移走 ${STATE_FILE}，再运行 token-sync restart`,
      en: `move ${STATE_FILE} away, then run \`token-sync restart\``,
    },
  );
}

function brokenStateFile({ zh, en }: Bilingual): Finding {
  return wrong(
    'state_file',
    { zh: `${STATE_FILE} ${zh}`, en: `${STATE_FILE} ${en}` },
    {
      zh: '运行 token-sync start：守护进程会留一份副本并恢复数据',
      en: 'run `token-sync start`: the daemon keeps a copy of it and restores the figures',
    },
  );
}
