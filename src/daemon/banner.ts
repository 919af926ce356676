import type { Language } from '../protocol/language.ts';
import type { DataFolder } from './data-folder.ts';

/** What a person who started the daemon sees: where everything is and how to stop. */
export function banner(version: string, url: string, folder: DataFolder, language: Language): string {
  const words = WORDS[language];
  return [
    `token-sync ${version} ${words.runs}`,
    `  ${words.dashboard}${url}/`,
    `  ${words.stateFile}${folder.stateFile}`,
    `  ${words.dropFolder}${folder.dropFolder}`,
    `  ${words.stop}`,
    '',
  ].join('\n');
}

const WORDS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  zh: {
    runs: '已启动',
    dashboard: '仪表盘:     ',
    stateFile: '状态文件:   ',
    dropFolder: '投递文件夹: ',
    stop: '按 Ctrl+C 停止（或运行 token-sync stop）',
  },
  en: {
    runs: 'is running',
    dashboard: 'Dashboard:   ',
    stateFile: 'State file:  ',
    dropFolder: 'Drop folder: ',
    stop: 'Press Ctrl+C to stop (or run token-sync stop)',
  },
};
