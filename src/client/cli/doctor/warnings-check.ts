import { join } from 'node:path';
import { LOG_FOLDER } from '../../../protocol/addresses.ts';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import { asTyped } from '../own-command.ts';
import { type Finding, type Subject, well, wrong } from './finding.ts';

/** The daemon's warnings, each with the way to end it. */
export function checkWarnings({ daemon }: Subject): Finding[] {
  if (daemon instanceof TokenSyncError) return [];
  if (daemon.warnings.length === 0) return [well('warnings', '守护进程没有警告', 'the daemon warns of nothing')];
  return daemon.warnings.map(({ code, zh, en }) =>
    wrong(`warning:${code}`, asTyped({ zh, en }), REMEDIES[code] ?? inLog(join(daemon.data_dir, LOG_FOLDER))),
  );
}

const CLIPBOARD: Bilingual = {
  zh: '请复制一个数值后再触发一次，或删除 drop/rejected 中的 clipboard 文件',
  en: 'copy a value and trigger again, or delete the file `clipboard` in drop/rejected',
};

const RECOVERY: Bilingual = {
  zh: '需要时请从备份放回，再运行 token-sync restart',
  en: 'put it back from a backup where you need it, then run `token-sync restart`',
};

const ROOM: Bilingual = {
  zh: '请腾出磁盘空间或改正权限；之后的记录会使警告消失',
  en: 'make room on the disk or mend the permissions; the next record ends the warning',
};

const ROOM_FOR_FILE: Bilingual = {
  zh: '请腾出磁盘空间或改正权限；守护进程一秒内会重新写入',
  en: 'make room on the disk or mend the permissions; the daemon writes it again within a second',
};

/** Remedies by the code of a warning; any other warning points to the log. */
const REMEDIES: Readonly<Record<string, Bilingual>> = {
  state_file_invalid: {
    zh: '请从该副本取回需要的内容，然后删除它',
    en: 'take what you need from that copy, then delete it',
  },
  state_file_edit: {
    zh: '请在 architect_monitor.json 中改正它并保存',
    en: 'correct it in architect_monitor.json and save the file',
  },
  state_file_unreadable: {
    zh: '请改正 architect_monitor.json 的权限，之后会自动继续',
    en: 'mend the permissions of architect_monitor.json; the daemon then goes on by itself',
  },
  state_file_behind: ROOM,
  storage_failed: ROOM,
  ledger_segment: ROOM,
  ledger_damaged: {
    zh: '请保留或删除该副本，再运行 token-sync restart',
    en: 'keep or delete that copy, then run `token-sync restart`',
  },
  history_made_anew: {
    zh: '请稍候；记录照常进行',
    en: 'wait for a moment; recording goes on',
  },
  history_damaged: {
    zh: '历史已由账本重建；可删除名称含 history.damaged 的文件',
    en: 'it was made anew from the ledger; the files named history.damaged-… can be deleted',
  },
  history_in_memory: {
    zh: '请按提示腾出空间或关闭那个程序，再运行 token-sync restart',
    en: 'make room, or close that program, as the warning says; then run `token-sync restart`',
  },
  history_lost: RECOVERY,
  ledger_incomplete: RECOVERY,
  ledger_segment_missing: RECOVERY,
  clipboard_refused: CLIPBOARD,
  clipboard_unavailable: CLIPBOARD,
  drop_rejected: {
    zh: '请改正后重新放入，并删除 drop/rejected 中的该文件',
    en: 'mend it and drop it again, then delete it in drop/rejected',
  },
  daemon_file_unwritable: ROOM_FOR_FILE,
  token_was_open: {
    zh: '删除数据文件夹中的 token 文件，再运行 token-sync restart',
    en: 'delete the file token of the data folder, then run `token-sync restart`',
  },
  drop_held: { zh: '请在写入它的程序中关闭该文件', en: 'close the file in the program that writes it' },
  drop_folder_remade: {
    zh: '请把尚未记录的文件重新放入；之后的记录会使警告消失',
    en: 'drop again what was not recorded; the next record from the folder ends the warning',
  },
};

function inLog(folder: string): Bilingual {
  return {
    zh: `请解决上述原因；详情见 ${folder} 中的日志`,
    en: `mend the cause that it names; the log in ${folder} tells more`,
  };
}
