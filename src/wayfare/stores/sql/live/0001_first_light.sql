-- The live store as it began: people, their runs, what is to be sent, and the ledger of why.
-- Values are kept whole as MessagePack in `body`; the columns beside it are what readers ask by.

create table profile (
  n     integer primary key,          -- order of appearance: pages list the newest first
  id    text not null unique,
  label text not null,                -- what people search by: name, email, phone, in lower case
  body  blob not null
);

create table identifier (
  value     text not null,
  namespace text not null,
  profile   text not null,
  since     integer not null,
  shared    integer not null,
  primary key (value, namespace)
) without rowid;

create table merge (
  loser    text primary key,
  survivor text not null,
  at       integer not null,
  cause    text not null,
  event    text not null,
  arrival  integer not null
) without rowid;

create table enrollment (
  n          integer primary key,
  id         text not null unique,
  journey    text not null,
  version    integer not null,
  profile    text not null,
  key        text,
  arm        text not null,
  status     text not null,
  node       text not null,
  visit      integer not null,
  posture    text not null,
  entered_at integer not null,
  exited_at  integer,
  reason     text not null,
  body       blob not null
);
create index enrollment_of_profile on enrollment (profile, status);
create index enrollment_at_node on enrollment (journey, node, posture) where status = 'live';
create index enrollment_by_entry on enrollment (journey, entered_at);

create table timer (
  id         text primary key,
  due_at     integer not null,
  kind       text not null,
  profile    text not null,
  enrollment text not null,
  message    text not null,
  wall       text,
  zone       text
) without rowid;
create index timer_due on timer (due_at, id);

create table transition (
  n          integer primary key,     -- order of the ledger
  enrollment text not null,
  profile    text not null,
  journey    text not null,
  version    integer not null,
  key        text,
  visit      integer not null,
  node       text not null,
  at         integer not null,
  stimulus   text not null,
  outcome    text not null,
  reason     text not null,
  cause      text not null,
  arm        text not null,
  inputs     blob
);
create index transition_of_enrollment on transition (enrollment);

create table message (
  n          integer primary key,
  id         text not null unique,
  enrollment text not null,
  profile    text not null,
  journey    text not null,
  version    integer not null,
  node       text not null,
  channel    text not null,
  state      text not null,
  reason     text not null,
  due        integer,
  planned_at integer not null,
  reserved   integer,
  body       blob not null
);
create index message_of_profile on message (profile);
create index message_by_state on message (state);
create index message_held_for on message (reason, id) where state = 'held' and due is null;

create table task (
  n       integer primary key,
  id      text not null unique,
  profile text not null,
  queue   text not null,
  state   text not null,
  body    blob not null
);
create index task_by_state on task (state, queue);

create table applied (
  seq     integer primary key,
  off     integer not null,
  verdict text not null,
  profile text not null,
  reason  text not null,
  event   blob                        -- the event itself when it is one of our own
);

create table quarantine (
  n        integer primary key,
  off      integer not null,
  received integer not null,
  source   text not null,
  reason   text not null,
  detail   text not null,
  pointer  text not null,
  raw      blob not null
);

create table missed (
  profile text not null,
  journey text not null,
  at      integer not null,
  event   text not null,
  reason  text not null,
  gates   blob not null,
  times   integer not null,
  primary key (profile, journey)
) without rowid;

create table limit_use (
  journey text not null,
  slot    text not null,
  entered integer not null,
  primary key (journey, slot)
) without rowid;

create table command (
  seq   integer primary key,
  after integer not null,
  at    integer not null,
  kind  text not null,
  data  blob not null
);

create table meta (
  name  text primary key,
  value blob not null
) without rowid;

-- What pages count, kept with every commit so that no page ever scans the ledger.

create table tally (                  -- outcomes of visits; `entered` is a visit's beginning, `enrolled` a run's
  journey text not null,
  version integer not null,
  node    text not null,
  hour    integer not null,
  outcome text not null,
  reason  text not null,
  arm     text not null,
  count   integer not null,
  primary key (journey, version, node, hour, outcome, reason, arm)
) without rowid;

create table presence (               -- who stands where now
  journey text not null,
  version integer not null,
  node    text not null,
  posture text not null,
  count   integer not null,
  primary key (journey, version, node, posture)
) without rowid;

create table message_tally (
  journey text not null,
  version integer not null,
  node    text not null,
  state   text not null,
  reason  text not null,
  count   integer not null,
  primary key (journey, version, node, state, reason)
) without rowid;

create table total (                  -- events by verdict
  name  text primary key,
  count integer not null
) without rowid;
