/** One line of the table. `floor` is what no program can do without; `peer` another program that does the same. */
export interface Row {
  readonly what: string;
  readonly ours: number;
  readonly unit: string;
  readonly floorName?: string;
  readonly floor?: number;
  readonly peerName?: string;
  readonly peer?: number;
  readonly bar?: Bar;
}

/** The bar: at most a multiple of the floor or an amount over it, at least a multiple of the peer, or a figure of its own. */
export type Bar =
  | { readonly timesFloor: number }
  | { readonly overFloor: number }
  | { readonly timesPeer: number }
  | { readonly atMost: number };

/** A row as machines read it: absent members are `null`. */
export interface Judged {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  readonly floor: string | null;
  readonly floor_value: number | null;
  readonly floor_ratio: number | null;
  readonly peer: string | null;
  readonly peer_value: number | null;
  readonly peer_ratio: number | null;
  readonly bar: string | null;
  readonly holds: boolean | null;
}

/** Rows with their ratios and whether they hold, furthest from its bar first; those without a bar after them. */
export function judge(rows: readonly Row[]): Judged[] {
  return rows
    .map((row) => ({ row, used: shareOfBar(row) ?? 0 }))
    .toSorted((a, b) => b.used - a.used)
    .map(({ row: { what, unit, ours, floorName, floor, peerName, peer, bar }, used }) => ({
      what,
      unit,
      ours,
      floor: floorName ?? null,
      floor_value: floor ?? null,
      floor_ratio: floor === undefined ? null : ours / floor,
      peer: peerName ?? null,
      peer_value: peer ?? null,
      peer_ratio: peer === undefined ? null : ours / peer,
      bar: bar ? barText(bar, unit) : null,
      holds: bar ? used <= 1 : null,
    }));
}

/** The table as Markdown, which is read in a terminal as well. */
export function table(rows: readonly Judged[]): string {
  const head = ['what', 'ours', 'floor', 'ratio', 'peer', 'ratio', 'bar', 'holds'];
  const lines = rows.map((row) => [
    row.what,
    `${figure(row.ours)} ${row.unit}`,
    row.floor === null ? '–' : `${row.floor}: ${figure(row.floor_value!)}`,
    row.floor_ratio === null ? '–' : `${row.floor_ratio.toFixed(2)} ×`,
    row.peer === null ? '–' : `${row.peer}: ${figure(row.peer_value!)}`,
    row.peer_ratio === null ? '–' : `${row.peer_ratio.toFixed(2)} ×`,
    row.bar ?? '–',
    row.holds === null ? '–' : row.holds ? 'yes' : 'NO',
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The share of the bar that is used; above 1 it does not hold. */
function shareOfBar({ ours, floor = Number.NaN, peer = Number.NaN, bar }: Row): number | undefined {
  if (!bar) return undefined;
  if ('timesFloor' in bar) return ours / floor / bar.timesFloor;
  if ('overFloor' in bar) return (ours - floor) / bar.overFloor;
  if ('timesPeer' in bar) return (bar.timesPeer * peer) / ours;
  return bar.atMost === 0 ? (ours === 0 ? 0 : Number.POSITIVE_INFINITY) : ours / bar.atMost;
}

function barText(bar: Bar, unit: string): string {
  if ('timesFloor' in bar) return `≤ ${bar.timesFloor} × floor`;
  if ('overFloor' in bar) return `≤ floor + ${bar.overFloor} ${unit}`;
  if ('timesPeer' in bar) return `≥ ${bar.timesPeer} × peer`;
  return `≤ ${bar.atMost} ${unit}`;
}

function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}
