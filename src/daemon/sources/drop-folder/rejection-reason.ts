import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import { spelled } from '../../../shared/command-line.ts';
import { visibleLine } from '../../../shared/visible-text.ts';

/** Why a file cannot be taken, in one sentence. */
export function textOf(error: unknown): Bilingual {
  if (error instanceof TokenSyncError) return error.text;
  const { code = 'error' } = error as NodeJS.ErrnoException;
  return { zh: code, en: code };
}

/** The text beside a rejected file, fit to be looked at in a terminal; `command` calls the command line. */
export function reasonText(error: unknown, refusedItems: readonly number[], command: string): string {
  const { zh, en } = error instanceof TokenSyncError ? error.text : unreadable(textOf(error));
  const hint = error instanceof TokenSyncError ? error.hint : undefined;
  const numbers = refusedItems.map((at) => at + 1).join(', ');
  const rest =
    numbers === ''
      ? undefined
      : {
          zh: `其余已记录，只有第 ${numbers} 条未记录。`,
          en: `The others are recorded; only number ${numbers} is not.`,
        };
  const reason = [zh, hint?.zh, rest?.zh, '', en, hint?.en, rest?.en, '']
    .filter((line) => line !== undefined)
    .filter((line, at, lines) => line !== '' || lines[at - 1] !== '')
    .map(visibleLine)
    .join('\n');
  return spelled(reason, command);
}

/** The refusal of a trigger that lay in the folder for too long. */
export function staleSignal(): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    {
      zh: '触发文件放入已超过一分钟，剪贴板的内容可能已经改变',
      en: 'the trigger is more than a minute old, and the clipboard may hold something else by now',
    },
    { hint: { zh: '请再触发一次', en: 'trigger it again' } },
  );
}

function unreadable({ zh, en }: Bilingual): Bilingual {
  return { zh: `文件无法读取（${zh}）`, en: `the file cannot be read (${en})` };
}
