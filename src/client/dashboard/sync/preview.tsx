import { formatTokens } from '../../../protocol/token-value.ts';
import { t } from '../live/language.ts';
import type { Understanding } from './understanding.ts';

/** How the value is understood, or why not, while it is typed. */
export function Preview({ id, understanding }: { id: string; understanding: Understanding }) {
  return (
    <p
      id={id}
      class="preview"
      data-testid="sync-preview"
      data-ok={understanding.kind !== 'refused'}
      role="status"
      aria-live="polite"
    >
      {contentOf(understanding)}
    </p>
  );
}

function contentOf(understanding: Understanding) {
  if (understanding.kind === 'nothing') return <span class="muted">{t(FORMS)}</span>;
  if (understanding.kind === 'refused') return <>{t(understanding.text)}</>;
  const { tokens, increment, isRounded } = understanding;
  return (
    <>
      <strong class="figure">= {formatTokens(tokens)}</strong>{' '}
      {increment !== undefined && (
        <span class="figure preview-increment" data-sign={Math.sign(increment)}>
          {incrementText(increment)}
        </span>
      )}
      {isRounded && <span class="muted"> {t(ROUNDED)}</span>}
    </>
  );
}

/** `+15,000`, `+0`, `−5,000`. */
function incrementText(increment: number): string {
  return `${increment < 0 ? '−' : '+'}${formatTokens(Math.abs(increment))}`;
}

const FORMS = { zh: '可写 350000、350,000、350K、35万…', en: '350000, 350,000, 350K, 1.2M …' };
const ROUNDED = { zh: '是当前数值的约数', en: 'the present figure, rounded' };
