import type { Bilingual } from '../../../protocol/language.ts';
import type { Tool } from '../../../protocol/meters.ts';
import type { Trouble } from './tool-reader.ts';

/** What a line of a tool's log must tell to be counted. */
const NEEDED: Partial<Readonly<Record<Tool, string>>> = {
  claude: 'message.usage (input_tokens, output_tokens)',
  codex: 'token_count: info.last_token_usage, info.total_token_usage',
};

/** The tool writes figures in a form that is not known. */
export function misreadTrouble(tool: Tool, path: string): Trouble {
  const needed = NEEDED[tool] ?? 'tokens';
  return {
    text: {
      zh: `${path} 的格式不认识：最近的记录中没有 ${needed}；已统计的数字保留`,
      en: `the form of ${path} is not known: its latest lines lack ${needed}; what was counted stands`,
    },
    hint: {
      zh: '该工具可能已更改日志格式：请更新 token-sync；若仍如此，请报告此问题',
      en: 'the tool may write its logs in a new form: update token-sync, and report it if that does not help',
    },
  };
}

/** A file or folder of a tool cannot be read; `code` is the system's, or `TOO_MANY` of folders. */
export function unreadableTrouble(path: string, code: string): Trouble {
  if (code === 'TOO_MANY') {
    return {
      text: {
        zh: `${path} 下的文件夹太多，其余未读取`,
        en: `there are too many folders below ${path}; the rest is not read`,
      },
      hint: { zh: '请移走不属于该工具的文件夹', en: 'move folders away that are not the tool’s own' },
    };
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return {
      text: { zh: `没有读取 ${path} 的权限 (${code})`, en: `there is no permission to read ${path} (${code})` },
      hint: { zh: '请允许运行 token-sync 的用户读取它', en: 'allow the user that runs token-sync to read it' },
    };
  }
  return {
    text: { zh: `无法读取 ${path} (${code})`, en: `${path} cannot be read (${code})` },
    hint: {
      zh: '请检查该文件和所在的磁盘；可读后会自动继续',
      en: 'check the file and its disk; reading goes on by itself',
    },
  };
}

/** A compressed log that ends in the middle, or is broken. */
export function damagedLog(path: string, code: string): Bilingual {
  return {
    zh: `${path} 已损坏 (${code})，只统计了损坏之前的部分`,
    en: `${path} is damaged (${code}); only what lies before the damage is counted`,
  };
}

export function skippedLines(count: number): Bilingual {
  return {
    zh: `工具日志中有 ${count} 行超过 16 MiB，已跳过且未统计`,
    en: `${count} ${count === 1 ? 'line' : 'lines'} of the tools’ logs were longer than 16 MiB; they were passed over and not counted`,
  };
}

export function refusedFigures(count: number): Bilingual {
  return {
    zh: `工具日志中有 ${count} 个数字超出可精确计算的范围 (2^53−1)，未统计`,
    en: `${count} ${count === 1 ? 'figure' : 'figures'} of the tools’ logs were beyond what can be counted exactly (2^53−1), and were left out`,
  };
}
