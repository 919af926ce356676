/**
 * The steps that made the form of `history.db`, by number: the database's `user_version` is how many of them it has. A new
 * form is a new step at the end; one that cannot be made from what is there begins with `drop table`, and the next start
 * fills it again from the ledger. Every text can be run in `sqlite3`.
 */
export const MIGRATIONS: readonly string[] = [
  `
  -- Up to where the ledger was taken in, and what was known there; one row.
  create table position (
    id integer primary key check (id = 1),
    segment integer not null,          -- number of the ledger's file
    start integer not null,            -- where the last line that was taken in lies in that file
    end integer not null,
    crc text not null,                 -- its checksum, which covers that of the line before it, and so on
    lost integer not null,             -- changes that the ledger is known to lack
    reached integer not null,          -- last revision that it knows of, lost ones too
    total_named integer not null,      -- 1 when somebody has named a budget
    foreign_tokens integer not null,   -- counted by other programs' sessions, for their bound
    counted_tokens real not null,      -- counted by all sessions that stand; exact up to 2^53
    highest_ms integer,                -- latest instant at which the clock said that a change was committed
    set_back integer,                  -- place of the last change that was dated before the one ahead of it
    told_past integer not null         -- 1 when told_ms was decided with the clock past all that it ever said
  ) strict;

  -- The ledger's files as they were when they were taken in.
  create table segment (
    number integer primary key,
    fingerprint text not null,         -- '' for the file in use
    first_place integer not null       -- of the first change in it
  ) strict;

  -- Every change, oldest first.
  create table change (
    place integer primary key,
    revision integer not null,
    kind text not null,                -- reading, import, undo, total, edit
    committed_ms integer not null,     -- as the clock said
    told_ms integer not null,          -- as it is believed to have been
    used integer not null,
    total integer not null,
    before integer not null,           -- used before it
    first_ordinal integer not null,    -- of the sessions that it brought, …
    sessions integer not null,         -- … so many
    segment integer not null,          -- where its line lies in the ledger
    start integer not null,
    bytes integer not null,
    request text,                      -- an undo's own id, as keyText writes it
    undone integer,                    -- the ordinal of what an undo took back
    edit_from integer,                 -- the revision of the mark that an edit's file carried
    nameless integer                   -- 1 for an edit that did something to sessions without ids
  ) strict;
  create index change_request on change (request) where request is not null;
  create index change_undone on change (place, undone) where undone is not null;
  create index change_edit_from on change (edit_from) where edit_from is not null;
  create index change_nameless on change (place) where nameless = 1;
  create index change_committed on change (committed_ms);

  create table conversation (
    number integer primary key,
    name text not null unique          -- as keyText writes it, like every id
  ) strict;

  -- Every session: a reading of ours, or one that another program wrote. What is asked for most stands first, because
  -- SQLite reads a row from its beginning.
  create table session (
    ordinal integer primary key,
    place integer not null,            -- of its change
    order_ms integer not null,         -- its place in the order of time
    told_ms integer not null,          -- its time as far as it is believed
    undone integer not null,
    counted integer not null,          -- what it counts by now
    set_aside integer not null,        -- how far it moved used without being counted
    conversation integer not null,
    kind text not null,                -- manual, auto, estimate, import, correction, live, period, or foreign
    dated integer not null,            -- 1 when the time was named
    searched text,                     -- event as a search compares it (searchText), where that differs
    event text not null,
    id text,                           -- as keyText writes it
    at_ms integer not null,            -- its own time
    began_anew integer not null,
    removed integer not null,          -- an edit took it out of the state file
    away integer not null,             -- … or it was out of it for a while
    -- As it was recorded; null throughout for other programs' sessions.
    value integer,
    unit integer,
    increment integer,
    before integer,
    used integer,
    total integer,
    timestamp text,                    -- local time, as the state file shows it
    at text,                           -- where at_ms does not tell it
    recorded_counted integer,
    recorded_set_aside integer,
    reset integer,
    rounded integer,
    flags text,                        -- JSON
    -- Another program's session as JSON; null for ours, but for one whose texts a column cannot hold as they are.
    json text
  ) strict;
  create index session_anew on session (ordinal) where began_anew = 1;
  create index session_foreign on session (ordinal) where kind = 'foreign';
  create index session_total on session (ordinal) where kind in ('manual', 'correction') and undone = 0;
  create index session_on_top on session (ordinal) where kind <> 'foreign' and dated = 0 and undone = 0 and away = 0;

  -- Amounts that were told later than they were used.
  create table rise (
    number integer primary key,
    from_ms integer not null,
    place integer not null,            -- of the change that told it
    tokens integer not null
  ) strict;
  create index rise_from on rise (from_ms);
  create index rise_place on rise (place);

  -- Where counting began anew, each with the session that it stands or falls with.
  create table count_start (
    number integer primary key,
    first_ordinal integer not null,
    cause integer                      -- ordinal; null where no undo takes it back
  ) strict;

  -- The same once more, 1,024 rows in one, as 64-bit floating-point numbers in columns: a question over everything reads
  -- these 30 times as fast. A block that is missing is read row by row.
  create table change_block (
    number integer primary key,        -- of changes from 1024 × number on
    columns blob not null              -- told_ms, used, total
  ) strict;
  create table session_block (
    number integer primary key,        -- of sessions from 1024 × number on
    least_ms integer,                  -- the earliest and the latest time of those that stand; null where none does
    most_ms integer,
    columns blob not null              -- told_ms (NaN of what was undone), counted, set_aside, conversation × 2 + dated
  ) strict;

  -- Databases that were set aside because they knew more than the ledger.
  create table lost_history (
    name text primary key,
    readings integer not null          -- that only it has
  ) strict;

  -- For people: what was recorded and stands, with times in UTC.
  create view reading as
    select ordinal, datetime(told_ms / 1000, 'unixepoch') as at, counted as tokens, kind, event, name as conversation, used, id
    from session join conversation on conversation.number = session.conversation
    where undone = 0;
`,
  `
  -- Where the budget began anew.
  create index session_period on session (ordinal) where kind = 'period' and undone = 0;
`,
  `
  -- The meter that told it; null of what somebody offered.
  alter table session add column meter text;
  create index session_fed on session (ordinal) where meter is not null;
`,
];

/** Made when a history is filled from nothing only after its sessions are in, which takes a third of the time. */
export const LATE_INDICES = {
  id: 'create index if not exists session_id on session (id) where id is not null',
  time: 'create index if not exists session_time on session (order_ms)',
} as const;

/** The rows that a block holds. */
export const BLOCK_ROWS = 1024;
