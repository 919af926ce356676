import { figureText, signedTokens } from '../../protocol/figures.ts';
import { daemon } from './connection.ts';
import { failureText } from './failure-text.ts';
import { notify, sessions, usage } from './state.ts';

/** Takes the last reading back and says what came of it. */
export async function undoLast(): Promise<void> {
  try {
    const { total_used, increment } = await daemon().undo();
    const figure = figureText({ used: total_used, total: usage.value?.total ?? 0 });
    notify({
      tone: 'good',
      text: { zh: `已撤销上一条记录: ${figure}`, en: `Undone: ${figure}` },
      detail: { zh: `${signedTokens(increment)} tokens`, en: `${signedTokens(increment)} tokens` },
    });
  } catch (error) {
    notify({ tone: 'bad', text: { zh: '没有撤销', en: 'Nothing was undone' }, detail: failureText(error) });
  }
}

/** Takes a reading back, unless another has come after it: the daemon would take that one. */
export async function undoReading(id: string): Promise<void> {
  if (sessions.value[0]?.id === id) return await undoLast();
  notify({
    tone: 'bad',
    text: { zh: '没有撤销', en: 'Nothing was undone' },
    detail: {
      zh: '其后又有了新的记录；页首的“撤销”会撤销最近的一条',
      en: 'another reading has come since; Undo at the top takes back the latest',
    },
  });
}
