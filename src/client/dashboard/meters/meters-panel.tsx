import './meters.css';
import { useRef } from 'preact/hooks';
import type { Bilingual } from '../../../protocol/language.ts';
import type { MeterSource } from '../../../protocol/methods.ts';
import { spelled } from '../../../shared/command-line.ts';
import { toolName, toolOf } from '../../../shared/words/meter-text.ts';
import { isFound, OFFER, offersOf, SWITCH_OFF, stateText } from '../../../shared/words/source-text.ts';
import { nowMs } from '../live/clock.ts';
import { t } from '../live/language.ts';
import { keyOf, type LiveMeters, liveMeters } from '../live/meters.ts';
import { asTyped, ownCommand } from '../own-command.ts';
import { MeterRow } from './meter-row.tsx';
import { shownRows } from './shown-rows.ts';

/** The live meters, a row each; nothing on a machine without a tool that has any. */
export function MetersPanel() {
  const told = liveMeters.value;
  if (!told) return null;
  const sources = told.sources.filter((source) => isFound(source) || source.reason);
  if (told.meters.length === 0 && sources.length === 0) return null;
  return (
    <section class="card history-card meters" data-testid="meters" aria-labelledby="meters-title">
      <header class="history-head">
        <h2 id="meters-title">{t(TITLE)}</h2>
      </header>
      <Faults sources={sources} />
      <Rows told={told} />
      <Offers told={told} />
      <Places sources={sources} />
    </section>
  );
}

function Rows({ told }: { readonly told: LiveMeters }) {
  const before = useRef<readonly string[]>([]);
  const { rows, hidden } = shownRows(told.meters, before.current);
  before.current = rows.map(keyOf);
  if (rows.length === 0) return <p class="history-muted">{t(NONE)}</p>;
  return (
    <>
      <ul class="meters-rows">
        {rows.map((meter) => (
          <MeterRow key={keyOf(meter)} meter={meter} source={told.sources.find(({ name }) => name === toolOf(meter))} />
        ))}
      </ul>
      {hidden > 0 && <p class="history-muted">{t(olderText(hidden))}</p>}
    </>
  );
}

/** Sources that are not understood, each with the reason and the way out; told to a screen reader when one comes. */
function Faults({ sources }: { readonly sources: readonly MeterSource[] }) {
  const faults = sources.filter(({ state }) => state === 'degraded');
  return (
    <div role="status" aria-live="polite">
      {faults.map((source) => (
        <p key={source.name} class="meters-fault" data-testid="meter-fault">
          <strong>
            {toolName(source.name)}: {t(stateText(source, nowMs.value))}
          </strong>
          {source.reason && <> · {t(asTyped(source.reason))}</>}
          {source.hint && <span class="meters-hint">→ {t(asTyped(source.hint))}</span>}
        </p>
      ))}
    </div>
  );
}

/** What could feed the budget, and the commands that switch it on; the page switches nothing on by itself. */
function Offers({ told }: { readonly told: LiveMeters }) {
  const offers = offersOf(told);
  if (offers.length === 0) return null;
  return (
    <details class="meters-more" data-testid="meters-offer">
      <summary>{t(OFFER_TITLE)}</summary>
      <p>{t(OFFER)}</p>
      <ul>
        {offers.map(({ commands, effect }) => (
          <li key={commands[0]}>
            {commands.map((command) => (
              <code key={command} class="meters-place" translate={false}>
                {spelled(command, ownCommand.value)}
              </code>
            ))}
            {t(effect)}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What is read from where, what is kept of it, and how to end that. */
function Places({ sources }: { readonly sources: readonly MeterSource[] }) {
  return (
    <details class="meters-more" data-testid="meters-places">
      <summary>{t(PLACES_TITLE)}</summary>
      <ul>
        {sources.map((source) => (
          <li key={source.name}>
            {toolName(source.name)}: {t(stateText(source, nowMs.value))}
            {(source.places ?? []).map((place) => (
              <code key={place} class="meters-place" translate={false}>
                {place}
              </code>
            ))}
          </li>
        ))}
      </ul>
      <p>{t(KEPT)}</p>
      <p>{t(asTyped(SWITCH_OFF))}</p>
    </details>
  );
}

function olderText(count: number): Bilingual {
  return { zh: `另有 ${count} 个较早的对话`, en: `${count} older conversations` };
}

const TITLE = { zh: '实时用量', en: 'Live meters' };
const NONE = { zh: '还没有读到用量', en: 'No figure has been read yet' };
const OFFER_TITLE = {
  zh: '目前没有工具自动更新额度；一条命令即可开启',
  en: 'No tool feeds the budget; one command lets it',
};
const PLACES_TITLE = { zh: '读取了什么，如何关闭', en: 'What is read, and how to switch it off' };
const KEPT = {
  zh: '只读取，不写入。只保留编号、数字、模型、项目文件夹名和时间，从不保留对话内容。',
  en: 'Read only. Kept are ids, counts, model, the project folder’s name and times, and never what was said.',
};
