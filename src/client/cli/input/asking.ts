import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual, Language } from '../../../protocol/language.ts';
import type { Params, Receipt } from '../../../protocol/methods.ts';
import { visibleLine } from '../../../shared/visible-text.ts';
import { type Doubt, recordingDoubt, withDoubtHint } from '../calls/unanswered.ts';
import type { Input } from '../command.ts';
import { isPersonThere, openPrompts } from './prompts.ts';

/**
 * Records a reading; where the daemon finds it odd, only after the yes of the person at the terminal. Throws the refusal where nobody
 * is there, or the answer is no; where no answer came in time, with the doubt.
 */
export async function recordAfterAsking(
  reading: Params<'usage.record'> & { readonly id: string },
  { daemon, language }: Pick<Input, 'daemon' | 'language'>,
  doubt: Doubt,
): Promise<Receipt> {
  const record = (offered: Params<'usage.record'>) =>
    withDoubtHint(
      daemon((call) => call('usage.record', offered)),
      doubt,
    );
  try {
    return await record({ ...reading, ask: true });
  } catch (error) {
    if (!(error instanceof TokenSyncError) || !error.question || !isPersonThere()) throw error;
    if (!(await isConfirmed(error.question, language))) throw declined();
    return await record(reading);
  }
}

/** Records what was entered: with a person there after asking about what is odd, otherwise as it is, since a program means what it says. */
export function recordEntered(
  reading: Params<'usage.record'> & { readonly id: string },
  context: Pick<Input, 'daemon' | 'language'>,
): Promise<Receipt> {
  const doubt = recordingDoubt(reading.id);
  if (isPersonThere()) return recordAfterAsking(reading, context, doubt);
  return withDoubtHint(
    context.daemon((call) => call('usage.record', reading)),
    doubt,
  );
}

/** Whether the person says yes; anything else, and leaving, is a no. */
async function isConfirmed(question: Bilingual, language: Language): Promise<boolean> {
  using prompts = openPrompts();
  const answer = await prompts.ask(`⚠️ ${visibleLine(question[language])}\n   ${ANYWAY[language]}`);
  return answer !== undefined && YES.test(answer.trim().normalize('NFKC'));
}

const YES = /^(?:y|yes|是|是的|好)$/i;

function declined(): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    { zh: '什么都没有记录', en: 'nothing was recorded' },
    { field: 'tokens', hint: { zh: '请检查数值后再试', en: 'check the value and try again' } },
  );
}

const ANYWAY = { zh: '仍要记录吗？y=是，回车=否: ', en: 'Record it all the same? y for yes, Enter for no: ' };
