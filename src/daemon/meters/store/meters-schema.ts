import { statSync } from 'node:fs';
import type { DatabaseForm } from '../../disk/database-file.ts';

/**
 * The form of `meters.db`, in numbered steps: `user_version` is how many of them a database has. It cannot be made anew from
 * what the tools keep, who delete their logs, so a step changes what is there and never drops it. Ids of names are 0 where
 * there is none; times are milliseconds since 1970; a slot is a quarter of an hour of UTC, on which every zone's hours and days begin.
 */
const MIGRATIONS: readonly string[] = [
  `
  create table life (
    id integer primary key check (id = 1),
    epoch text not null,               -- whose numbers seq are
    file text not null,                -- the inode it was written in: a copy has another epoch
    writer text not null,              -- whoever opened it last: all others write no more
    seq integer not null,              -- of the last change that is shown
    outbox_seq integer not null,       -- the last that an outbox row was given, whether it is still there or not,
    cell_id integer not null           -- … and a cell
  ) strict;
  insert into life values (1, '', '', '', 0, 0, 0);

  -- Models, projects and conversations.
  create table name (
    id integer primary key,
    text text not null unique
  ) strict;

  -- Every file that is read, how far, and what its parser knows there; both JSON.
  create table file (
    id integer primary key,
    path text not null unique,
    source text not null,
    place text not null,
    parser text
  ) strict;

  -- Which conversation another was forked from, or started by; kept longer than the files that told it.
  create table link (
    child text primary key,
    parent text not null
  ) strict, without rowid;

  -- Of a source how many lines came one after another that should have counted and were not understood.
  create table misread (
    source text primary key,
    lines integer not null,
    path text not null,                -- of the last of them
    since_ms integer not null
  ) strict, without rowid;

  -- Counters: the sums of their cells.
  create table counter (
    id integer primary key,
    meter text not null unique,
    input integer not null,
    cache_read integer not null,
    cache_write integer not null,
    output integer not null,
    reasoning integer not null,        -- within output
    calls integer not null,
    estimated integer not null,        -- so many of the calls
    at_ms integer,                     -- of the latest one
    seq integer not null               -- at which it changed
  ) strict;

  -- Every counted thing, with the largest value that was seen.
  create table cell (
    id integer primary key,
    counter integer not null,
    key text not null,
    at_ms integer not null,
    model integer not null,
    project integer not null,
    conversation integer not null,
    estimated integer not null,
    input integer not null,
    cache_read integer not null,
    cache_write integer not null,
    output integer not null,
    reasoning integer not null,
    most_fresh integer not null,       -- the most that input + cache_write + output ever were
    fed integer not null               -- what of it the budget was told
  ) strict;
  create unique index cell_key on cell (counter, key);

  -- In which files a cell was seen.
  create table holding (
    file integer not null,
    cell integer not null,
    primary key (file, cell)
  ) strict, without rowid;

  -- Sums of cells.
  create table rollup (
    slot integer not null,
    counter integer not null,
    model integer not null,
    project integer not null,
    estimated integer not null,
    input integer not null,
    cache_read integer not null,
    cache_write integer not null,
    output integer not null,
    reasoning integer not null,
    calls integer not null,
    primary key (slot, counter, model, project, estimated)
  ) strict, without rowid;

  -- The latest of every conversation, kept for ever: its figure is the base of the next rise.
  create table gauge (
    meter text not null,
    conversation integer not null,
    used integer not null,
    most integer,
    model integer not null,
    project integer not null,
    estimated integer not null,
    at_ms integer not null,
    seq integer not null,
    primary key (meter, conversation)
  ) strict, without rowid;
  create index gauge_time on gauge (meter, at_ms);

  create table window (
    meter text primary key,
    used_percent real not null,
    resets_ms integer not null,
    minutes integer not null,
    estimated integer not null,
    at_ms integer not null,
    seq integer not null
  ) strict, without rowid;

  -- Since when a source is looked for, and since when a meter feeds the budget.
  create table followed (source text primary key, since_ms integer not null) strict, without rowid;
  create table feeding (meter text primary key, since_ms integer not null) strict, without rowid;

  -- Growth that the ledger is not yet known to hold.
  create table outbox (
    seq integer primary key,
    meter text not null,
    conversation integer not null,
    project integer not null,
    slot integer not null,
    tokens integer not null,
    used integer,                      -- the value of a gauge; null for a counter
    at_ms integer not null,            -- of its latest part
    handed integer not null            -- 1 once it was handed out, and stays as it is
  ) strict;
  create unique index outbox_open on outbox (meter, conversation, slot) where handed = 0;

  -- What the budget was told of cells that were withdrawn since; file is 0 once that file was read again to its end.
  create table credit (
    file integer not null,
    meter text not null,
    tokens integer not null,
    primary key (file, meter)
  ) strict, without rowid;
`,
];

/** Each batch is on the disk before it is answered, so that no power cut takes an offset or a cell back. */
export const METERS_FORM: DatabaseForm = {
  migrations: MIGRATIONS,
  pragmas: 'pragma synchronous = full; pragma cache_size = -8192',
  busyMs: 1_000,
};

/** A quarter of an hour. */
export const SLOT_MS = 900_000;

/** The file at a path, as `life.file` has it; empty where there is none. */
export function inodeOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : '';
}
