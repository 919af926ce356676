import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, STATE_FILE } from '../../../protocol/addresses.ts';
import { type Finding, permit, type Subject, well, wrong } from './finding.ts';

/** Whether the data folder is there and can be written. */
export function checkFolder({ settings: { dataDir } }: Subject): Finding[] {
  const stat = statSync(dataDir, { throwIfNoEntry: false });
  if (!stat) {
    return [
      wrong(
        'folder',
        { zh: `数据文件夹不存在：${dataDir}`, en: `the data folder does not exist: ${dataDir}` },
        { zh: '运行 token-sync start 会创建它', en: '`token-sync start` makes it' },
      ),
    ];
  }
  if (!stat.isDirectory()) {
    return [
      wrong(
        'folder',
        { zh: `${dataDir} 不是文件夹`, en: `${dataDir} is not a folder` },
        { zh: '请用 --data 指定另一个文件夹', en: 'name another folder with --data' },
      ),
    ];
  }
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [
      wrong(
        'folder',
        { zh: `数据文件夹无法写入：${dataDir}`, en: `the data folder cannot be written: ${dataDir}` },
        permit(dataDir),
      ),
    ];
  }
  return [well('folder', `数据文件夹可写：${dataDir}`, `the data folder can be written: ${dataDir}`)];
}

/** Whether the settings are JSON; which of them are right, the daemon says. */
export function checkConfig({ settings: { dataDir } }: Subject): Finding[] {
  return checkJson('config', join(dataDir, CONFIG_FILE), CONFIG_FILE, {
    zh: '请改正或删除它，再运行 token-sync restart',
    en: 'mend or delete it, then run `token-sync restart`',
  });
}

/** Whether the state file can be read by everybody. */
export function checkStateFile({ settings: { dataDir } }: Subject): Finding[] {
  return checkJson('state_file', join(dataDir, STATE_FILE), STATE_FILE, {
    zh: '运行 token-sync start：守护进程会留一份副本并恢复数据',
    en: 'run `token-sync start`: the daemon keeps a copy of it and restores the figures',
  });
}

function checkJson(name: string, path: string, shown: string, hint: { zh: string; en: string }): Finding[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return [well(name, `${shown} 可以读取`, `${shown} can be read`)];
    }
    return [wrong(name, { zh: `${shown} 不是一个 JSON 对象`, en: `${shown} is not a JSON object` }, hint)];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    if (error instanceof SyntaxError) {
      return [wrong(name, { zh: `${shown} 不是有效的 JSON`, en: `${shown} is not valid JSON` }, hint)];
    }
    return [wrong(name, { zh: `${shown} 无法读取 (${code})`, en: `${shown} cannot be read (${code})` }, permit(path))];
  }
}
