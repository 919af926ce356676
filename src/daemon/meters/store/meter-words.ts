import type { Bilingual } from '../../../protocol/language.ts';

interface Words {
  readonly text: Bilingual;
  readonly hint: Bilingual;
}

/** The word that a database was set aside. */
export function damagedMeters(error: unknown): Bilingual {
  const { message } = error as Error;
  return {
    zh: `实时用量数据库有问题 (${message})，已原样保存为 meters.damaged-*.db，并由各工具尚存的日志重新统计；更早的用量只在那个文件中。额度不受影响`,
    en: `the database of the live meters had a fault (${message}); it was set aside as meters.damaged-*.db and is counted anew from the logs that the tools still have. What is older is in that file alone. The budget is as it was`,
  };
}

/** Why the live meters stand still, and what to do. */
export function refusedMeters(refusal: keyof typeof REFUSED): Words {
  return REFUSED[refusal];
}

const REFUSED = {
  busy: {
    text: {
      zh: '另一个程序锁定了 meters.db，实时用量暂停',
      en: 'another program keeps meters.db locked; the live meters stand still',
    },
    hint: { zh: '请在那个程序中结束写入或关闭它', en: 'end the writing in that program, or close it' },
  },
  room: {
    text: {
      zh: '磁盘已满，实时用量暂停；没有丢失',
      en: 'the disk is full; the live meters stand still, and nothing of them is lost',
    },
    hint: { zh: '请腾出空间，之后会自动继续', en: 'free some space; they go on by themselves' },
  },
  later: {
    text: {
      zh: 'meters.db 由更新版本的 token-sync 建立，本版本不读取也不更改它',
      en: 'meters.db was made by a newer version of token-sync; this one neither reads nor changes it',
    },
    hint: { zh: '请更新 token-sync', en: 'update token-sync' },
  },
  denied: {
    text: { zh: 'meters.db 不可写，实时用量暂停', en: 'meters.db cannot be written; the live meters stand still' },
    hint: { zh: '请检查数据文件夹及该文件的权限', en: 'check the permissions of the data folder and of that file' },
  },
  disk: {
    text: {
      zh: '读写 meters.db 失败，实时用量暂停',
      en: 'meters.db could not be read or written; the live meters stand still',
    },
    hint: { zh: '请运行 token-sync doctor 查看原因', en: 'run token-sync doctor to see why' },
  },
  damaged: {
    text: { zh: 'meters.db 已损坏', en: 'meters.db is damaged' },
    hint: {
      zh: '请运行 token-sync restart，重启会保存并重建它',
      en: 'run `token-sync restart`, which sets it aside and counts anew',
    },
  },
} as const satisfies Readonly<Record<string, Words>>;
