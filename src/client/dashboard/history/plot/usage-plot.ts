import uPlot from 'uplot';
import type { Language } from '../../../../protocol/language.ts';
import { compactTokens, tickLabels } from '../figures.ts';
import { LINE, type PlotData } from './plot-data.ts';
import { type TimeWindow, windowBetween } from './time-window.ts';
import type { Point } from './timeline.ts';

/** The content of a plot. */
export interface PlotView {
  readonly data: PlotData;
  readonly window: TimeWindow;
  readonly vertical: readonly [number, number];
  readonly nowMs: number;
  /** Where the figure fell; marked by a line. */
  readonly drops: readonly Point[];
  readonly language: Language;
}

/** A colour of the present theme, by the name of the line drawn in it. */
export type Ink = (name: 'used' | 'budget' | 'forecast' | 'grid' | 'label') => string;

export interface PlotEvents {
  /** A stretch of the time was drawn over. */
  onZoom(window: TimeWindow): void;
  /** The pointer is over an instant, or over none any more. */
  onPointer(atMs: number | undefined): void;
}

/** The canvas: it draws the view it is given and reports what the pointer does. */
export class UsagePlot {
  readonly #plot: uPlot;
  #view: PlotView;

  constructor(host: HTMLElement, view: PlotView, ink: Ink, events: PlotEvents) {
    this.#view = view;
    const options = optionsOf(() => this.#view, ink, events, host);
    this.#plot = new uPlot(options, view.data as unknown as uPlot.AlignedData, host);
  }

  show(view: PlotView): void {
    this.#view = view;
    this.#plot.setData(view.data as unknown as uPlot.AlignedData, true);
  }

  /** Draws again in the colours of the page. */
  repaint(): void {
    this.#plot.redraw(false, true);
  }

  resize(width: number, height: number): void {
    if (width > 0 && height > 0) this.#plot.setSize({ width, height });
  }

  /** Where an instant stands, in pixels from the left of the host; `undefined` when the window does not show it. */
  leftOf(atMs: number): number | undefined {
    const left = this.#plot.valToPos(atMs / 1_000, 'x');
    return left >= 0 && left <= this.#plot.over.clientWidth ? left + this.#plot.over.offsetLeft : undefined;
  }

  /** The instant at a distance in pixels from the left of the host. */
  instantAt(left: number): number {
    return this.#plot.posToVal(left - this.#plot.over.offsetLeft, 'x') * 1_000;
  }

  /** Where an amount stands, in pixels from the top of the host; `undefined` when the axis does not reach so far. */
  topOf(tokens: number): number | undefined {
    const top = this.#plot.valToPos(tokens, 'y');
    return top >= 0 ? top + this.#plot.over.offsetTop : undefined;
  }

  end(): void {
    this.#plot.destroy();
  }
}

function optionsOf(view: () => PlotView, ink: Ink, events: PlotEvents, host: HTMLElement): uPlot.Options {
  const stepped = uPlot.paths.stepped!({ align: 1 });
  const look = getComputedStyle(host);
  // The page is larger on very wide screens, and where the reader wants larger letters.
  const scale = Number.parseFloat(look.fontSize) / 12;
  const axis = {
    stroke: () => ink('label'),
    grid: { stroke: () => ink('grid'), width: 1 },
    ticks: { show: false },
    font: `${12 * scale}px ${look.fontFamily}`,
  };
  const line = { points: { show: false }, spanGaps: false };
  return {
    width: host.clientWidth || 300,
    height: host.clientHeight || 200,
    legend: { show: false },
    padding: [12, 28 * scale, 0, 4],
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: 4 },
    },
    scales: {
      x: { time: true, range: () => [view().window.fromMs / 1_000, view().window.toMs / 1_000] },
      y: { range: () => [...view().vertical] },
    },
    axes: [
      {
        ...axis,
        space: 84 * scale,
        size: 28 * scale,
        // Clear of the lowest amount, which stands beside the first time.
        gap: 10 * scale,
        values: (_plot, splits, _axis, _space, step) =>
          tickLabels(
            splits.map((seconds) => seconds * 1_000),
            step * 1_000,
            view().language,
          ),
      },
      {
        ...axis,
        space: 44 * scale,
        size: 56 * scale,
        values: (_plot, splits) => splits.map((tokens) => compactTokens(tokens, view().language)),
      },
    ],
    series: [
      {},
      {
        ...line,
        stroke: () => ink('used'),
        fill: () => translucent(ink('used'), 0.14),
        width: 2 * scale,
        paths: stepped,
      },
      { ...line, stroke: () => ink('budget'), width: 1.5 * scale, dash: [8, 5], paths: stepped },
      { ...line, stroke: () => translucent(ink('forecast'), 0.5), width: 1 },
      { ...line, stroke: () => ink('forecast'), width: 2 * scale, dash: [2, 4], cap: 'round' },
      { ...line, stroke: () => translucent(ink('forecast'), 0.5), width: 1 },
    ],
    bands: [{ series: [LINE.high, LINE.low], fill: () => translucent(ink('forecast'), 0.18) }],
    hooks: {
      drawAxes: [(plot) => drawMarks(plot, view(), ink)],
      draw: [(plot) => drawLast(plot, view(), ink), (plot) => drawExhaustion(plot, view(), ink)],
      setCursor: [
        (plot) => {
          const { left = -1 } = plot.cursor;
          events.onPointer(left < 0 ? undefined : plot.posToVal(left, 'x') * 1_000);
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (width < 4) return;
          events.onZoom(windowBetween(plot.posToVal(left, 'x') * 1_000, plot.posToVal(left + width, 'x') * 1_000));
        },
      ],
    },
  };
}

/** The instant that is now, and every fall of the figure. */
function drawMarks(plot: uPlot, { nowMs, drops, window, data }: PlotView, ink: Ink): void {
  if (data[0].length === 0) return;
  const { ctx, bbox } = plot;
  const stroke = (atMs: number, dash: number[]) => {
    if (atMs < window.fromMs || atMs > window.toMs) return;
    const left = Math.round(plot.valToPos(atMs / 1_000, 'x', true)) + 0.5;
    ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
  };
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.strokeStyle = ink('label');
  ctx.globalAlpha = 0.55;
  stroke(nowMs, [1, 3]);
  ctx.globalAlpha = 0.8;
  for (const { atMs } of drops.slice(-MOST_MARKS)) stroke(atMs, [3, 3]);
  ctx.restore();
}

/** The figure as it stands; of a first reading there is no line yet. */
function drawLast(plot: uPlot, view: PlotView, ink: Ink): void {
  const last = view.data[LINE.used].findLastIndex((tokens) => tokens !== null);
  if (last !== -1) drawDot(plot, view, last, LINE.used, ink('used'));
}

/** Where the forecast meets the budget. */
function drawExhaustion(plot: uPlot, view: PlotView, ink: Ink): void {
  const { data } = view;
  const last = data[LINE.likely].findLastIndex((tokens) => tokens !== null);
  const tokens = data[LINE.likely][last];
  if (tokens === null || tokens === undefined || tokens < (data[LINE.budget][last] ?? Number.POSITIVE_INFINITY)) return;
  drawDot(plot, view, last, LINE.likely, ink('budget'));
}

/** Only inside the window: the canvas is wider than the plot. */
function drawDot(plot: uPlot, { data, window }: PlotView, index: number, line: 1 | 4, color: string): void {
  const seconds = data[0][index]!;
  if (seconds * 1_000 < window.fromMs || seconds * 1_000 > window.toMs) return;
  const { ctx } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.arc(plot.valToPos(seconds, 'x', true), plot.valToPos(data[line][index]!, 'y', true), 4 * devicePixelRatio, 0, 7);
  ctx.fillStyle = color;
  ctx.fill();
  ctx.restore();
}

/** More marks than this are a hatching. */
const MOST_MARKS = 40;

/** A colour as `rgb(…)` with a share of its opacity. */
function translucent(color: string, opacity: number): string {
  const parts = /^rgba?\(([^)]*)\)$/
    .exec(color)?.[1]
    ?.split(/[,/\s]+/)
    .filter((part) => part !== '');
  return parts ? `rgba(${parts.slice(0, 3).join(',')},${opacity})` : color;
}
