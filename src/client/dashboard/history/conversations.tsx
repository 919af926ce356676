import { formatTokens } from '../../../protocol/token-value.ts';
import { t } from '../live/language.ts';
import type { UsageModel } from './plot/usage-model.ts';
import { readingsText } from './words.ts';

interface ConversationsProps {
  readonly model: UsageModel;
  /** The conversation that the table is narrowed down to; empty for all. */
  readonly chosen: string;
  readonly onChoose: (conversation: string) => void;
}

/** Usage by conversation, the largest first and readings without a conversation last. A click on one filters the table by it. */
export function ConversationsPanel({ model, chosen, onChoose }: ConversationsProps) {
  const { conversations: sums, others } = model.conversations.value;
  const named = sums.filter(({ conversation_id: id }) => id !== '');
  const nameless = sums.find(({ conversation_id: id }) => id === '');
  const isEmpty = sums.length === 0 && model.status.value === 'ready';
  // Bars are scaled to the named conversations: the sum of the others may be many times as large.
  const most = Math.max(...named.map(({ tokens }) => tokens), 1);
  return (
    <section class="card history-card history-by-conversation" aria-labelledby="history-conversations-title">
      <header class="history-head">
        <h2 id="history-conversations-title">{t({ zh: '各对话用量', en: 'Per conversation' })}</h2>
      </header>
      {isEmpty && <p class="history-none">{t({ zh: '这段时间没有对话', en: 'No conversations in this time' })}</p>}
      <ol class="history-conversations">
        {named.map(({ conversation_id: id, tokens, readings }) => (
          <li key={id}>
            <button
              type="button"
              class="history-sum"
              aria-pressed={chosen === id}
              onClick={() => onChoose(chosen === id ? '' : id)}
            >
              <Sum name={id} tokens={tokens} readings={readings} most={most} />
            </button>
          </li>
        ))}
        {others && (
          <li>
            <div class="history-sum history-muted">
              <Sum
                name={t({
                  zh: `其余 ${formatTokens(others.conversations)} 个对话`,
                  en: `${formatTokens(others.conversations)} others`,
                })}
                tokens={others.tokens}
                readings={others.readings}
                most={most}
              />
            </div>
          </li>
        )}
        {nameless && (
          <li>
            <div class="history-sum history-muted">
              <Sum
                name={t({ zh: '（未指定对话）', en: '(no conversation)' })}
                tokens={nameless.tokens}
                readings={nameless.readings}
                most={most}
              />
            </div>
          </li>
        )}
      </ol>
    </section>
  );
}

interface SumProps {
  readonly name: string;
  readonly tokens: number;
  readonly readings: number;
  readonly most: number;
}

function Sum({ name, tokens, readings, most }: SumProps) {
  const share = Math.min(Math.max(tokens, 0) / most, 1) * 100;
  return (
    <>
      <span class="history-sum-name" title={name}>
        {name}
      </span>
      <span class="history-sum-tokens">{formatTokens(tokens)}</span>
      <svg class="history-sum-bar" width="100%" height="6" aria-hidden="true">
        <rect class="history-sum-track" width="100%" height="6" rx="3" />
        <rect class="history-bar" width={`${share}%`} height="6" rx="3" />
      </svg>
      <span class="history-sum-readings">{t(readingsText(readings))}</span>
    </>
  );
}
