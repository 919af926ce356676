import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { language, t } from '../../live/language.ts';
import { keyAction } from './chart-keys.ts';
import { chartLabel, readoutLabel } from './chart-label.ts';
import { LINE } from './plot-data.ts';
import { readoutAt } from './readout.ts';
import { drops } from './timeline.ts';
import { Tooltip } from './tooltip.tsx';
import type { UsageModel } from './usage-model.ts';
import { type Ink, UsagePlot } from './usage-plot.ts';

/** The plot of the figure with the budget and the forecast; by pointer and by keyboard it tells each instant and zooms. */
export function Chart({ model }: { readonly model: UsageModel }) {
  const host = useRef<HTMLDivElement>(null);
  const inks = useRef<HTMLUListElement>(null);
  const plot = useRef<UsagePlot>(undefined);
  // Asked of the browser once a theme: each question makes it work out the styles of the page.
  const colors = useRef<Partial<Record<Parameters<Ink>[0], string>>>({}).current;
  const forgetColors = () => {
    for (const name of Object.keys(colors)) delete colors[name as keyof typeof colors];
  };
  const cursor = useSignal<number | undefined>(undefined);
  const size = useSignal(0);

  const view = () => ({
    data: model.data.value,
    window: model.window.value,
    vertical: model.vertical.value,
    nowMs: model.nowMs.value,
    drops: drops(model.points.value),
    language: language.value,
  });

  useEffect(() => {
    const element = host.current!;
    const ink: Ink = (name) => {
      colors[name] ??= inkIn(inks.current, name);
      return colors[name];
    };
    const events = {
      onZoom: model.showWindow,
      onPointer: (atMs: number | undefined) => {
        cursor.value = atMs;
      },
    };
    const made = new UsagePlot(element, view(), ink, events);
    plot.current = made;
    const stopWatchingSize = whenResized(element, () => {
      made.resize(element.clientWidth, element.clientHeight);
      size.value = element.clientWidth;
    });
    const stopWatchingTheme = whenThemeChanges(() => {
      forgetColors();
      made.repaint();
    });
    const zoomByWheel = (event: WheelEvent) => {
      // The wheel alone scrolls the page; a pinch on a touchpad comes with `ctrlKey`.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const left = event.clientX - element.getBoundingClientRect().left;
      model.zoomBy(Math.exp(-event.deltaY / 300), made.instantAt(left));
    };
    element.addEventListener('wheel', zoomByWheel, { passive: false });
    return () => {
      element.removeEventListener('wheel', zoomByWheel);
      stopWatchingSize();
      stopWatchingTheme();
      made.end();
    };
  }, []);

  useSignalEffect(() => plot.current?.show(view()));

  const { fromMs, toMs } = model.window.value;
  const fallen = drops(model.points.value).filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const readout = useComputed(() =>
    cursor.value === undefined ? undefined : readoutAt(model.data.value, cursor.value, model.window.value),
  );
  const [at] = model.data.value;
  const position = at.findLastIndex((seconds) => seconds * 1_000 <= (cursor.value ?? model.nowMs.value));

  const onKeyDown = (event: KeyboardEvent) => {
    const act = keyAction(event, model, cursor.value);
    if (!act) return;
    event.preventDefault();
    cursor.value = act();
  };

  return (
    <figure class="history-chart">
      <div
        class="history-plot"
        data-testid="chart"
        role="slider"
        tabIndex={0}
        aria-label={chartLabel(model, language.value)}
        aria-describedby="history-keys"
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={Math.max(at.length - 1, 0)}
        aria-valuenow={Math.max(position, 0)}
        aria-valuetext={readoutLabel(
          readout.value ?? readoutAt(model.data.value, model.nowMs.value, model.window.value),
          model,
          language.value,
        )}
        onKeyDown={onKeyDown}
        onBlur={() => {
          cursor.value = undefined;
        }}
      >
        <div class="history-canvas" ref={host} />
        <Tooltip readout={readout.value} plot={plot.current} width={size.value} model={model} />
      </div>
      <span id="history-keys" class="for-ears">
        {t({
          zh: '左右箭头逐点查看，加号和减号缩放，Shift 加箭头平移，0 还原。',
          en: 'Arrow keys go from point to point, plus and minus zoom, Shift with an arrow moves along, 0 shows everything again.',
        })}
      </span>
      <figcaption>
        <ul class="history-legend" ref={inks}>
          <li class="history-ink-used">{t({ zh: '已使用', en: 'Used' })}</li>
          <li class="history-ink-budget">{t({ zh: '额度', en: 'Budget' })}</li>
          <li class="history-ink-forecast" hidden={!model.data.value[LINE.likely].some((tokens) => tokens !== null)}>
            {t({ zh: '预测及其范围', en: 'Forecast and its range' })}
          </li>
          <li class="history-ink-drop" hidden={fallen.length === 0}>
            {t({ zh: '重新计数、更正或撤销', en: 'Restart, correction or undo' })}
          </li>
          <li class="history-ink-grid" hidden />
          <li class="history-ink-label" hidden />
        </ul>
        <p class="history-hint wide-only" aria-hidden="true">
          {t({ zh: '拖选一段放大，Ctrl + 滚轮缩放', en: 'Drag over a stretch or turn the wheel with Ctrl to zoom' })}
        </p>
      </figcaption>
    </figure>
  );
}

/** The canvas draws in the colours of the legend, which the style sheet gives. */
function inkIn(legend: HTMLElement | null, name: string): string {
  const entry = legend?.querySelector(`.history-ink-${name}`);
  return entry ? getComputedStyle(entry).color : 'rgb(128, 128, 128)';
}

function whenResized(element: Element, act: () => void): () => void {
  const observer = new ResizeObserver(act);
  observer.observe(element);
  return () => observer.disconnect();
}

/** The page says in an attribute of its root whether it is light or dark. */
function whenThemeChanges(act: () => void): () => void {
  const observer = new MutationObserver(act);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
