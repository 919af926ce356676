import { sessions } from '../live/state.ts';

const MOST_OFFERED = 20;

/** The conversations that the latest sessions name, the latest first. */
export function lastConversations(): string[] {
  const names = sessions.value.flatMap(({ conversation_id: name }) =>
    typeof name === 'string' && name !== '' ? [name] : [],
  );
  return [...new Set(names)].slice(0, MOST_OFFERED);
}
