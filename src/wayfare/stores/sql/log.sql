-- schema: One received day: packed rows by their first offset, the keys of them, and where the day's offsets begin.
create table if not exists origin (first integer not null);
create table if not exists segment (
  first   integer primary key,
  last    integer not null,
  receipt integer not null,
  packed  blob not null
);
create table if not exists key_block (first integer primary key, keys blob not null);
create table if not exists permanent_block (first integer primary key, keys blob not null);

-- imports_schema: The keys of everything that was ever imported.
create table if not exists key_block (first integer primary key, keys blob not null);

-- put_origin: Where the day's offsets begin.
insert into origin (first) values (?);

-- origin: Where the day's offsets begin.
select first from origin;

-- newest: The day's last offset and the receipt of its rows.
select last, receipt from segment order by first desc limit 1;

-- put_segment: Some rows.
insert into segment (first, last, receipt, packed) values (?, ?, ?, ?);

-- put_keys: The keys of some rows, kept for as long as a day counts.
insert into key_block (first, keys) values (?, ?);

-- put_permanent: The keys of some rows, kept for ever.
insert into permanent_block (first, keys) values (?, ?);

-- copy_keys: Keys that the permanent file may have already.
insert or ignore into key_block (first, keys) values (?, ?);

-- keys_through: The offset of the last block of keys.
select max(first) from key_block;

-- keys_after: The blocks of keys after an offset.
select first, keys from key_block where first > ? order by first;

-- permanent_after: The blocks of permanent keys after an offset.
select first, keys from permanent_block where first > ? order by first;

-- rows_from: The segments from the one that holds an offset on.
select first, receipt, packed from segment
where first >= coalesce((select max(first) from segment where first <= ?1), 0) order by first;
