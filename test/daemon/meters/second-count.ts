import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import {
  addTo,
  comparePlaces,
  type Gauge,
  type GroupBy,
  isFurther,
  type Place,
  sumOf,
  type Tally,
  type Tokens,
  type UsageWindow,
} from '../../../bench/meters/truth.ts';
import { loadSqlite } from '../../../src/daemon/disk/quiet-sqlite.ts';
import { count, increment, vectorOf } from './second-increment.ts';

interface Cell {
  readonly meter: string;
  readonly model?: string | undefined;
  readonly tokens: Tokens;
  readonly place: Place;
}

// biome-ignore lint/suspicious/noExplicitAny: lines of others have any shape.
type Any = any;

/**
 * Tokens counted a second time: whole files, read plainly by the rules of the sources, with nothing of the daemon.
 * Cells stay over several readings, as a home changes. `order` says in which order files are read.
 */
export class SecondCount {
  readonly gauges = new Map<string, Gauge>();
  readonly windows = new Map<string, UsageWindow>();
  readonly #cells = new Map<string, Cell>();
  readonly #parents = new Map<string, string>();
  readonly #order: (files: string[]) => string[];

  constructor(order = (files: string[]) => files) {
    this.#order = order;
  }

  readHome(root: string): void {
    const files = this.#order(filesBelow(root).filter((file) => /\.jsonl(?:\.zst)?$/.test(file)));
    const rollouts = files.filter((file) => file.includes('/.codex/')).map(readObjects);
    for (const file of files.filter((path) => /\/projects\//.test(path))) this.#claude(file);
    for (const lines of rollouts) this.#links(lines);
    for (const lines of rollouts) this.#codex(lines);
  }

  /** The contexts that the newest rows of a Cursor's database tell. */
  readCursor(path: string, newest = -1): void {
    const database = new (loadSqlite().DatabaseSync)(path, { readOnly: true });
    const rows = database.prepare('SELECT key, value FROM cursorDiskKV ORDER BY rowid DESC LIMIT ?').all(newest);
    database.close();
    for (const { key, value } of rows as Any[]) {
      const [, conversation] = /^composerData:([^\n]+)$/.exec(key) ?? [];
      const state = conversation === undefined || value === null ? undefined : parsed(Buffer.from(value).toString());
      const used = count(state?.promptTokenBreakdown?.totalUsedTokens) || count(state?.contextTokensUsed);
      if (!used) continue;
      const name = state.modelConfig?.modelName;
      const model = name === 'default' ? undefined : name;
      const gauge = { used, limit: state.contextTokenLimit, model, atMs: state.lastUpdatedAt };
      this.gauges.set(`cursor.context ${conversation}`, gauge);
    }
  }

  by(group: GroupBy): Map<string, Tally> {
    const sums = new Map<string, Tally>();
    for (const { meter, model, place, tokens } of this.#cells.values()) {
      const { folder, atMs, conversation } = place;
      const project = folder?.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '');
      const hour = `${new Date(atMs).toISOString().slice(0, 13)}:00:00.000Z`;
      const name = {
        meter: [],
        model: [model ?? null],
        project: [project ?? null],
        hour: [hour],
        conversation: [conversation],
      };
      addTo(sums, JSON.stringify([meter, ...name[group]]), tokens);
    }
    return sums;
  }

  #cell(key: string, cell: Cell): void {
    const old = this.#cells.get(key);
    const growth = sumOf(cell.tokens) - (old ? sumOf(old.tokens) : -1);
    if (growth > 0 || (growth === 0 && comparePlaces(cell.place, old!.place) < 0)) this.#cells.set(key, cell);
  }

  #claude(file: string): void {
    const bytes = readFileSync(file);
    const head = hash(bytes.subarray(0, 256));
    for (const { offset, line } of objectsOf(bytes)) {
      const inner = line?.message?.usage ? line : line?.data?.message;
      const { id, usage, model } = inner?.message ?? {};
      if (!usage || model === '<synthetic>') continue;
      const parts: Any[] = Array.isArray(usage.iterations) ? usage.iterations : [];
      const most = (of: (usage: Any) => number) => Math.max(of(usage), sum(parts.map(of)));
      const tokens = {
        input: most((part) => count(part?.input_tokens)),
        cache_read: most((part) => count(part?.cache_read_input_tokens)),
        cache_write: most((part) => {
          const told = part?.cache_creation ?? {};
          const written = count(told.ephemeral_5m_input_tokens) + count(told.ephemeral_1h_input_tokens);
          return Math.max(count(part?.cache_creation_input_tokens), written);
        }),
        output: most((part) => count(part?.output_tokens)),
        reasoning: 0,
      };
      if (sumOf(tokens) === 0) continue;
      const place = { conversation: line.sessionId, folder: line.cwd, atMs: Date.parse(line.timestamp) };
      this.#cell(`claude ${id ?? inner.uuid ?? `${head} ${offset}`}`, { meter: 'claude', model, tokens, place });
    }
  }

  #links(lines: readonly Any[]): void {
    for (const { type, payload } of lines) {
      if (isCount({ type, payload })) return;
      const parent = payload?.forked_from_id ?? payload?.source?.subagent?.thread_spawn?.parent_thread_id;
      if (type === 'session_meta' && parent) this.#parents.set(payload.id, parent);
    }
  }

  #root(id: string): string {
    const seen = new Set([id]);
    let root = id;
    for (let up = this.#parents.get(root); up !== undefined && !seen.has(up); up = this.#parents.get(root)) {
      seen.add(up);
      root = up;
    }
    return root;
  }

  #codex(lines: readonly Any[]): void {
    const own = lines[0].payload;
    let chain = this.#root(own.id);
    let model: string | undefined;
    let before: string | undefined;
    let heads: Tokens[] = [];
    for (const { timestamp, type, payload } of lines) {
      if (type === 'turn_context') model = payload.model;
      if (type !== 'event_msg' || payload?.type !== 'token_count') continue;
      const atMs = Date.parse(timestamp);
      const place = { conversation: own.id, folder: own.cwd, atMs };
      this.#limits(payload.rate_limits, atMs);
      if (!isCount({ type, payload })) continue;
      const last = vectorOf(payload.info.last_token_usage);
      const total = vectorOf(payload.info.total_token_usage);
      const tokens = increment(heads, last, total, before === JSON.stringify(last));
      heads = tokens.heads;
      before = JSON.stringify(last);
      chain = hash(`${chain} ${JSON.stringify([last, total])}`);
      this.#cell(`codex ${chain}`, { meter: 'codex', model, tokens: tokens.used, place });
      const used = count(payload.info.last_token_usage?.total_tokens);
      const isLater = (this.gauges.get(`codex.context ${own.id}`)?.atMs ?? 0) <= atMs;
      const gauge = { used, limit: payload.info.model_context_window, model, atMs };
      if (last && isLater) this.gauges.set(`codex.context ${own.id}`, gauge);
    }
  }

  #limits(limits: Any, atMs: number): void {
    for (const slot of [limits?.primary, limits?.secondary]) {
      const minutes = slot?.window_minutes;
      if (minutes === undefined) continue;
      const name = minutes >= 1440 ? `codex.${minutes / 1440}d` : `codex.${minutes / 60}h`;
      const window = {
        usedPercent: slot.used_percent,
        resetsAtMs: slot.resets_at * 1000,
        windowMinutes: minutes,
        atMs,
      };
      const known = this.windows.get(name);
      if (!known || isFurther(window, known)) this.windows.set(name, window);
    }
  }
}

function isCount({ type, payload }: Any): boolean {
  const info = type === 'event_msg' && payload?.type === 'token_count' && payload.info;
  return Boolean(info && (info.last_token_usage || info.total_token_usage));
}

function readObjects(file: string): Any[] {
  const bytes = readFileSync(file);
  return [...objectsOf(file.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes)].map(({ line }) => line);
}

/** The ended lines of a file that are objects, and where they begin. */
function* objectsOf(bytes: Buffer): Generator<{ offset: number; line: Any }> {
  let offset = 0;
  for (let end = bytes.indexOf(10); end >= 0; offset = end + 1, end = bytes.indexOf(10, offset)) {
    if (end - offset > 16 * 1024 * 1024) continue;
    const line = parsed(bytes.toString('utf8', offset, end));
    if (typeof line === 'object' && line !== null) yield { offset, line };
  }
}

function parsed(text: string): Any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function hash(of: string | Buffer): string {
  return createHash('sha256').update(of).digest('base64');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => one + other, 0);
}
