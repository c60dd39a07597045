-- profiles: The people of these ids.
select id, body from profile where id in (select value from json_each(?));

-- live_enrollments: Their runs that are not over, in the order of entry.
select body from enrollment
where profile in (select value from json_each(?)) and status = 'live' order by entered_at, id;

-- past_enrollments: When they last left each journey, by key.
select profile, journey, key, max(exited_at) from enrollment
where profile in (select value from json_each(?)) and status <> 'live' group by profile, journey, key;

-- open_messages: Their messages that are not final, or reserve a cap since an instant.
select body from message
where profile in (select value from json_each(?1))
  and (state in ('planned', 'held', 'started') or reserved >= ?2) order by n;

-- owners: Whose these identifiers of one namespace are.
select value, profile, since, shared from identifier
where namespace = ?1 and value in (select value from json_each(?2));

-- enrollments_by_id: Runs by their ids.
select id, body from enrollment where id in (select value from json_each(?));

-- messages_by_id: Messages by their ids.
select id, body from message where id in (select value from json_each(?));

-- tasks_by_id: Tasks by their ids.
select id, body from task where id in (select value from json_each(?));

-- timers_by_id: Timers by their ids.
select id, due_at, kind, profile, enrollment, message, wall, zone from timer
where id in (select value from json_each(?));

-- due: The timers that have come, in the order in which they fire.
select id, due_at, kind, profile, enrollment, message, wall, zone from timer
where due_at <= ?1 order by due_at, id limit ?2;

-- held_for: The messages that wait for a cause, not for an instant.
select body from message where state = 'held' and due is null and reason = ?1 and id > ?2 order by id limit ?3;

-- outbox: The messages of a state, the earliest planned first.
select body from message where state = ?1 order by n limit ?2;

-- limit_use: How many have entered by a limit's slot.
select entered from limit_use where journey = ?1 and slot = ?2;

-- meta: The named values of the store itself.
select name, value from meta;

-- commands: What acted outside the log after a command.
select seq, after, at, kind, data from command where seq > ?1 order by seq limit ?2;
