import type { DaemonFile } from '../../protocol/addresses.ts';
import type { Language } from '../../protocol/language.ts';
import { spelled } from '../../shared/command-line.ts';
import { visibleLine } from '../../shared/visible-text.ts';
import type { DataFolder } from './data-folder.ts';
import { ownCommand } from './own-command.ts';

/** The greeting of a person who started the daemon: where everything is and how to stop. */
export function banner(version: string, url: string, folder: DataFolder, language: Language): string {
  const words = wordsOf(language);
  return [
    `token-sync ${version} ${words.runs}`,
    `  ${words.dashboard}${visibleLine(url)}/`,
    `  ${words.stateFile}${visibleLine(folder.stateFile)}`,
    `  ${words.dropFolder}${visibleLine(folder.dropFolder)}`,
    `  ${words.stop}`,
    '',
  ].join('\n');
}

/** A line under the greeting, while the history is made anew and when it is there; `done` is from 0 to 1. */
export function historyLine(done: number, language: Language): string {
  const { history, complete } = WORDS[language];
  return `  ${history}${done < 1 ? `${Math.floor(done * 100)} %` : complete}\n`;
}

/** The greeting of a person who wanted to start a daemon where one runs: where it is, and that its log follows. */
export function runningBanner(running: DaemonFile, folder: DataFolder, language: Language): string {
  const words = wordsOf(language);
  return [
    `token-sync ${visibleLine(running.version)} ${words.runsAlready} (pid ${running.pid})`,
    `  ${words.dashboard}${visibleLine(running.url)}/`,
    `  ${words.dataFolder}${visibleLine(folder.path)}`,
    `  ${words.dropFolder}${visibleLine(folder.dropFolder)}`,
    `  ${words.leave}`,
    '',
  ].join('\n');
}

/** The last words to a person who looked on: the daemon runs on without them. */
export function leftRunning(language: Language): string {
  return `${wordsOf(language).runsOn}\n`;
}

/** The last words to a person who looked on until the daemon ended. */
export function endedMeanwhile(language: Language): string {
  return `${wordsOf(language).ended}\n`;
}

/** With commands as the person at this terminal types them. */
function wordsOf(language: Language): Readonly<Record<string, string>> {
  const { here } = ownCommand();
  return Object.fromEntries(Object.entries(WORDS[language]).map(([name, text]) => [name, spelled(text, here)]));
}

const WORDS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  zh: {
    runs: '已启动',
    dashboard: '仪表盘:     ',
    stateFile: '状态文件:   ',
    dropFolder: '投递文件夹: ',
    stop: '按 Ctrl+C 停止（或运行 token-sync stop）',
    runsAlready: '已在运行',
    dataFolder: '数据文件夹: ',
    leave: '下面是它的日志；按 Ctrl+C 只结束查看，守护进程继续运行（要停止它请运行 token-sync stop）',
    runsOn: '守护进程继续运行；要停止它请运行 token-sync stop',
    ended: '守护进程已结束；要再次启动请运行 npm start',
    history: '由账本重建历史（记录照常进行）: ',
    complete: '完成',
  },
  en: {
    runs: 'is running',
    dashboard: 'Dashboard:   ',
    stateFile: 'State file:  ',
    dropFolder: 'Drop folder: ',
    stop: 'Press Ctrl+C to stop (or run token-sync stop)',
    runsAlready: 'is running already',
    dataFolder: 'Data folder: ',
    leave: 'Its log follows; Ctrl+C ends this view alone, and the daemon runs on (token-sync stop stops it)',
    runsOn: 'The daemon runs on; stop it with token-sync stop',
    ended: 'The daemon has ended; start it again with npm start',
    history: 'History, made anew from the ledger (recording goes on): ',
    complete: 'complete',
  },
};
