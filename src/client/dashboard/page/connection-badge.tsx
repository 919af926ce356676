import { ageText } from '../../../shared/words/age-text.ts';
import { nowMs } from '../live/clock.ts';
import { t } from '../live/language.ts';
import { type Link, link } from '../live/state.ts';

/** Whether the figures are live, and how old they are when not. */
export function ConnectionBadge() {
  const { state, isOutdated } = link.value;
  return (
    <p class="connection" data-testid="connection" data-state={state}>
      <span class="connection-dot" aria-hidden="true" />
      <span class="connection-text">{isOutdated ? <Outdated /> : textOf(link.value)}</span>
    </p>
  );
}

function Outdated() {
  return (
    <>
      {t(OUTDATED)}{' '}
      <button type="button" class="button small" onClick={() => location.reload()}>
        {t(RELOAD)}
      </button>
    </>
  );
}

function textOf({ state, sinceMs }: Link): string {
  if (state === 'live') return t(LIVE);
  if (state === 'connecting') return t(CONNECTING);
  const age = ageText(nowMs.value - sinceMs);
  return t({
    zh: `连接已断开，数据是 ${age.zh}前的，正在重连…`,
    en: `Connection lost, figures ${age.en} old, reconnecting …`,
  });
}

const LIVE = { zh: '已连接', en: 'Live' };
const CONNECTING = { zh: '正在连接…', en: 'Connecting …' };
const OUTDATED = { zh: '守护进程已换成另一个版本', en: 'The daemon has become another version' };
const RELOAD = { zh: '刷新页面', en: 'Reload' };
