import { useSignal } from '@preact/signals';
import type { Bilingual } from '../../../../protocol/language.ts';
import { formatTokens } from '../../../../protocol/token-value.ts';
import { signedTokens } from '../../../../shared/words/figures.ts';
import { language, t } from '../../live/language.ts';
import { AsTable } from '../as-table.tsx';
import { compactTokens, dayText, timeText, weekdayText } from '../figures.ts';
import { readingsText } from '../words.ts';
import type { Bucket } from './buckets.ts';
import { type BucketName, nextStart } from './calendar.ts';
import type { UsageModel } from './usage-model.ts';

/** Usage by hour, day, week or month of the window. */
export function BarsPanel({ model }: { readonly model: UsageModel }) {
  const { name, list } = model.buckets.value;
  const pointed = useSignal<number | undefined>(undefined);
  const bucket = pointed.value === undefined ? undefined : list[pointed.value];
  const sum = list.reduce((tokens, { tokens: more }) => tokens + more, 0);
  const readings = list.reduce((count, { readings: more }) => count + more, 0);
  const used = list.filter(({ readings: count }) => count > 0).length;
  return (
    <section class="card history-card history-by-time" aria-labelledby="history-bars-title">
      <header class="history-head">
        <h2 id="history-bars-title">{t(TITLES[name])}</h2>
        <p class="history-readout">
          {bucket ? bucketText(bucket, name, model.nowMs.value) : readings > 0 && sumText(sum, readings, used, name)}
        </p>
      </header>
      {readings === 0 ? (
        <p class="history-none">
          {model.status.value === 'ready' && t({ zh: '这段时间没有用量', en: 'Nothing was used in this time' })}
        </p>
      ) : (
        <Bars
          list={list}
          label={`${t(TITLES[name])}: ${sumText(sum, readings, used, name)}`}
          name={name}
          pointed={pointed.value}
          zoom={(index) => zoomInto(model, list[index], name)}
          onPoint={(index) => {
            pointed.value = index;
          }}
        />
      )}
      <BarLabels list={list} name={name} nowMs={model.nowMs.value} />
      <BarTable list={list} name={name} nowMs={model.nowMs.value} zoom={(bucket) => zoomInto(model, bucket, name)} />
    </section>
  );
}

/** An hour has no finer bars. */
function zoomInto(model: UsageModel, bucket: Bucket | undefined, name: BucketName): void {
  if (bucket && name !== 'hour') model.showWindow({ fromMs: bucket.startMs, toMs: nextStart(bucket.startMs, name) });
}

const TITLES: Readonly<Record<BucketName, { readonly zh: string; readonly en: string }>> = {
  hour: { zh: '每小时用量', en: 'Per hour' },
  day: { zh: '每日用量', en: 'Per day' },
  week: { zh: '每周用量', en: 'Per week' },
  month: { zh: '每月用量', en: 'Per month' },
};

interface BarsProps {
  readonly list: readonly Bucket[];
  readonly label: string;
  readonly name: BucketName;
  readonly pointed: number | undefined;
  readonly zoom: (index: number) => void;
  readonly onPoint: (index: number | undefined) => void;
}

function Bars({ list, label, name, pointed, zoom, onPoint }: BarsProps) {
  const highest = Math.max(...list.map(({ tokens }) => tokens), 0);
  const lowest = Math.min(...list.map(({ tokens }) => tokens), 0);
  const span = highest - lowest || 1;
  const base = (highest / span) * 100;
  const slot = 100 / list.length;
  const indexAt = (event: MouseEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const index = Math.floor(((event.clientX - box.left) / box.width) * list.length);
    return Math.min(Math.max(index, 0), list.length - 1);
  };
  const point = (event: PointerEvent) => onPoint(indexAt(event));
  const levels = gridLevels(lowest, highest);
  return (
    <div class="history-bars">
      <div class="history-bars-axis" aria-hidden="true">
        {levels.map((tokens) => (
          <span key={tokens} style={{ insetBlockStart: `${base - (tokens / span) * 100}%` }}>
            {compactTokens(tokens, language.value)}
          </span>
        ))}
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the table below has a button for each */}
      <svg
        role="img"
        aria-label={label}
        width="100%"
        height="100%"
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => onPoint(undefined)}
        class={name === 'hour' ? undefined : 'history-zoomable'}
        onClick={(event) => zoom(indexAt(event))}
      >
        {levels.map((tokens) => {
          const y = `${base - (tokens / span) * 100}%`;
          return <line key={tokens} class="history-gridline" x1="0" x2="100%" y1={y} y2={y} />;
        })}
        {list.map(({ startMs, tokens }, index) => {
          const height = (Math.abs(tokens) / span) * 100;
          return (
            <rect
              key={startMs}
              class={index === pointed ? 'history-bar history-bar-pointed' : 'history-bar'}
              x={`${(index + 0.12) * slot}%`}
              width={`${slot * 0.76}%`}
              y={`${tokens < 0 ? base : base - height}%`}
              height={`${height}%`}
            />
          );
        })}
        <line class="history-baseline" x1="0" x2="100%" y1={`${base}%`} y2={`${base}%`} />
      </svg>
    </div>
  );
}

interface LabelProps {
  readonly list: readonly Bucket[];
  readonly name: BucketName;
  readonly nowMs: number;
}

/** Two or three round amounts that the axis names, besides 0. */
function gridLevels(lowest: number, highest: number): number[] {
  const most = Math.max(highest, -lowest);
  if (most <= 0) return [];
  const tens = 10 ** Math.floor(Math.log10(most));
  const step =
    ([0.25, 0.5, 1, 2, 2.5, 5] as const).map((part) => part * tens).find((size) => most / size < 3.5) ?? most;
  const levels: number[] = [];
  for (let level = Math.ceil(lowest / step) * step; level <= highest; level += step)
    if (level !== 0) levels.push(level);
  return levels;
}

/** The first, the middle and the last bar's time. */
function BarLabels({ list, name, nowMs }: LabelProps) {
  const ends = [...new Set([0, Math.floor((list.length - 1) / 2), list.length - 1])];
  return (
    <p class="history-bar-labels" aria-hidden="true">
      {ends.map((index) => list[index] && <span key={index}>{startText(list[index], name, nowMs)}</span>)}
    </p>
  );
}

function BarTable({ list, name, nowMs, zoom }: LabelProps & { readonly zoom: (bucket: Bucket) => void }) {
  return (
    <AsTable
      rows={() => (
        <table class="history-table" aria-label={`${t(TITLES[name])}${t({ zh: '，表格', en: ', table' })}`}>
          <thead>
            <tr>
              <th scope="col">{t({ zh: '时间', en: 'Time' })}</th>
              <th scope="col" class="history-number">
                tokens
              </th>
              <th scope="col" class="history-number">
                {t({ zh: '记录数', en: 'Readings' })}
              </th>
            </tr>
          </thead>
          <tbody>
            {list.toReversed().map((bucket) => {
              const { startMs, tokens, readings } = bucket;
              const start = startText(bucket, name, nowMs);
              return (
                <tr key={startMs}>
                  <td>
                    {name === 'hour' ? (
                      start
                    ) : (
                      <button type="button" class="history-more" onClick={() => zoom(bucket)}>
                        <span class="for-ears">{t({ zh: '放大 ', en: 'Zoom to ' })}</span>
                        {start}
                      </button>
                    )}
                  </td>
                  <td class="history-number">{formatTokens(tokens)}</td>
                  <td class="history-number">{formatTokens(readings)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    />
  );
}

function startText({ startMs }: Pick<Bucket, 'startMs'>, name: BucketName, nowMs: number): string {
  if (name === 'hour') return timeText(startMs, language.value, nowMs);
  const day = dayText(startMs, language.value, nowMs);
  return name === 'day' ? `${day} ${weekdayText(startMs, language.value)}` : day;
}

function bucketText(bucket: Bucket, name: BucketName, nowMs: number): string {
  const start = startText(bucket, name, nowMs);
  const tokens = formatTokens(bucket.tokens);
  const [readings, aside] = [readingsText(bucket.readings), asideText(bucket.setAside)];
  return t({
    zh: `${start}：${tokens}（${readings.zh}${aside.zh}）`,
    en: `${start}: ${tokens} (${readings.en}${aside.en})`,
  });
}

/** Tokens that moved the figure without being used in that time: a first figure, or a correction. */
function asideText(tokens: number): Bilingual {
  if (tokens === 0) return { zh: '', en: '' };
  const figure = signedTokens(tokens);
  return { zh: `；另有 ${figure} 不算用量`, en: `; ${figure} set aside, not usage` };
}

function sumText(sum: number, readings: number, buckets: number, name: BucketName): string {
  const tokens = formatTokens(sum);
  const mean = buckets > 1 ? compactTokens(Math.round(sum / buckets), language.value) : undefined;
  return t({
    zh: `共 ${tokens}，${readingsText(readings).zh}${mean ? `，活跃${UNITS[name]}均 ${mean}` : ''}`,
    en: `${tokens} in ${readingsText(readings).en}${mean ? `, ${mean} an active ${name}` : ''}`,
  });
}

const UNITS: Readonly<Record<BucketName, string>> = { hour: '时', day: '日', week: '周', month: '月' };
