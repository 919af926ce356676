import type { Bilingual } from '../../../protocol/language.ts';

/** The texts of everything that can be wrong with the drop folder and its files. */
export const DROP_WARNINGS = {
  /** The folder was deleted, moved away or replaced, and a new one stands in its place. */
  drop_folder_remade: () => ({
    zh: 'drop 文件夹曾被删除或移走，已重新建立；移走的文件夹里尚未记录的文件没有被记录',
    en: 'the drop folder was deleted or moved away and has been made anew; files that went with it were not recorded',
  }),
  drop_folder_unusable: (reason: string) => ({
    zh: `drop 文件夹无法使用（${reason}），放入的文件暂不会被记录；恢复后会自动继续`,
    en: `the drop folder cannot be used (${reason}): files in it are not recorded until it can be again`,
  }),
  drop_rejected: (name: string) => ({
    zh: `放入的文件 ${name} 无法记录，原因见 drop/rejected/${name}.error.txt；处理后请删除它`,
    en: `the dropped file ${name} was not recorded; the reason is in drop/rejected/${name}.error.txt; delete it when dealt with`,
  }),
  drop_held: (name: string) => ({
    zh: `放入的文件 ${name} 仍被某个程序打开写入，关闭后才会记录`,
    en: `the dropped file ${name} is still held open by a program that writes it, and is recorded when that closes it`,
  }),
  drop_waiting: ({ zh, en }: Bilingual) => ({
    zh: `放入的文件暂时无法记录，将自动重试：${zh}`,
    en: `dropped files cannot be recorded for now and are tried again: ${en}`,
  }),
} as const;
