import { useEffect, useRef, useState } from 'preact/hooks';
import type { Bilingual } from '../../../protocol/language.ts';
import { pause } from '../../sdk/connection/backoff.ts';
import { daemon } from '../live/connection.ts';
import { failureText } from '../notices/failure-text.ts';

/** How far the count of a text is. */
export type TokenCount =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'counting' }
  | { readonly kind: 'counted'; readonly tokens: number }
  | { readonly kind: 'failed'; readonly text: Bilingual };

/** The tokens of a text while it is written: the daemon counts one text at a time, and next the latest. */
export function useTokenCount(text: string): TokenCount {
  const [last, setLast] = useState<{ readonly text: string; readonly count: TokenCount }>();
  const wanted = useRef<string>('');
  const isCounting = useRef(false);
  useEffect(() => {
    wanted.current = text;
    if (!isCounting.current) void countWanted();
  }, [text]);
  useEffect(
    () => () => {
      wanted.current = '';
    },
    [],
  );
  if (text === '') return { kind: 'nothing' };
  return last?.text === text ? last.count : { kind: 'counting' };

  async function countWanted(): Promise<void> {
    isCounting.current = true;
    for (let counted = ''; wanted.current !== '' && wanted.current !== counted; ) {
      await pause(SETTLE_MS);
      counted = wanted.current;
      if (counted !== '') setLast({ text: counted, count: await countOf(counted) });
    }
    isCounting.current = false;
  }
}

/** About the time between two keys of somebody who types. */
const SETTLE_MS = 150;

async function countOf(text: string): Promise<TokenCount> {
  try {
    return { kind: 'counted', tokens: await daemon().estimateTokens(text) };
  } catch (error) {
    return { kind: 'failed', text: failureText(error) };
  }
}
