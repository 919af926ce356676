import type { Bilingual } from '../../protocol/language.ts';

/** A flag of a command, as it is understood and as `--help` tells of it. */
export interface Flag {
  /** The name of its value, such as `TIME`; absent for a flag that is only there or not. */
  readonly value?: string;
  /** A letter that stands for it. */
  readonly short?: string;
  /** Absent for a flag that programs alone give. */
  readonly meaning?: Bilingual;
}

/** Flags by name, without their dashes. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** The values given for the flags of a table. */
export type FlagValues<F extends FlagTable> = {
  readonly [Name in keyof F]?: F[Name] extends { readonly value: string } ? string : true;
};

/** The flags of every command. */
export const GLOBAL_FLAGS = {
  json: { meaning: { zh: '以一个 JSON 对象输出', en: 'one JSON object as the result' } },
  lang: { value: 'zh|en', meaning: { zh: '语言', en: 'the language' } },
  data: { value: 'DIR', meaning: { zh: '数据文件夹', en: 'the data folder' } },
  port: { value: 'N', meaning: { zh: '守护进程的端口', en: "the daemon's port" } },
  'no-spawn': { meaning: { zh: '不自动启动守护进程', en: 'never start the daemon' } },
  pause: {
    meaning: {
      zh: '结束后等待按键（供双击的脚本使用）',
      en: 'wait for a key at the end, for scripts to double-click',
    },
  },
  help: { short: 'h', meaning: { zh: '查看帮助', en: 'show help' } },
  version: { short: 'V', meaning: { zh: '查看版本', en: 'show the version' } },
} as const satisfies FlagTable;

export type GlobalFlags = FlagValues<typeof GLOBAL_FLAGS>;
