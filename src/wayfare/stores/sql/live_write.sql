-- put_profile: A person as she is now.
insert into profile (id, label, body) values (?, ?, ?)
on conflict (id) do update set label = excluded.label, body = excluded.body;

-- drop_profile: A person who became part of another.
delete from profile where id = ?;

-- put_identifier: Whose an identifier is now.
insert into identifier (namespace, value, profile, since, shared) values (?, ?, ?, ?, ?)
on conflict (value, namespace) do update set profile = excluded.profile, since = excluded.since, shared = excluded.shared;

-- put_merge: A merge of the identity ledger; the latest one of a profile counts.
insert into merge (survivor, loser, at, cause, event, arrival) values (?, ?, ?, ?, ?, ?)
on conflict (loser) do update set survivor = excluded.survivor, at = excluded.at, cause = excluded.cause,
  event = excluded.event, arrival = excluded.arrival;

-- put_enrollment: A run as it is now.
insert into enrollment (id, journey, version, profile, key, arm, status, node, visit, posture, entered_at, exited_at, reason, body)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (id) do update set version = excluded.version, profile = excluded.profile, status = excluded.status,
  node = excluded.node, visit = excluded.visit, posture = excluded.posture, exited_at = excluded.exited_at,
  reason = excluded.reason, body = excluded.body;

-- drop_timer: A timer that fired or was taken back.
delete from timer where id = ?;

-- put_timer: A timer as it is now.
insert into timer (id, due_at, kind, profile, enrollment, message, wall, zone) values (?, ?, ?, ?, ?, ?, ?, ?)
on conflict (id) do update set due_at = excluded.due_at, kind = excluded.kind, profile = excluded.profile,
  enrollment = excluded.enrollment, message = excluded.message, wall = excluded.wall, zone = excluded.zone;

-- add_transition: A line of the ledger.
insert into transition (enrollment, profile, journey, version, key, visit, node, at, stimulus, outcome, reason, cause, arm, inputs)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- put_message: A message as it is now.
insert into message (id, enrollment, profile, journey, version, node, channel, state, reason, due, planned_at, reserved, body)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (id) do update set profile = excluded.profile, state = excluded.state, reason = excluded.reason,
  due = excluded.due, reserved = excluded.reserved, body = excluded.body;

-- put_task: A task as it is now.
insert into task (id, profile, queue, state, body) values (?, ?, ?, ?, ?)
on conflict (id) do update set profile = excluded.profile, queue = excluded.queue, state = excluded.state, body = excluded.body;

-- add_applied: What was decided of an event.
insert into applied (seq, off, verdict, profile, reason, event) values (?, ?, ?, ?, ?, ?);

-- add_quarantined: A log row that is no event.
insert into quarantine (off, received, source, reason, detail, pointer, raw) values (?, ?, ?, ?, ?, ?, ?);

-- put_missed: The latest time that somebody did not enter, and how often that was.
insert into missed (profile, journey, at, event, reason, gates, times) values (?, ?, ?, ?, ?, ?, ?)
on conflict (profile, journey) do update set at = excluded.at, event = excluded.event, reason = excluded.reason,
  gates = excluded.gates, times = times + excluded.times;

-- put_limit: How many have entered by a limit's slot.
insert into limit_use (journey, slot, entered) values (?, ?, ?)
on conflict (journey, slot) do update set entered = excluded.entered;

-- add_command: Something that acted outside the log.
insert into command (seq, after, at, kind, data) values (?, ?, ?, ?, ?);

-- put_meta: A named value of the store itself.
insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value;

-- add_tally: More outcomes of visits in an hour.
insert into tally (journey, version, node, hour, outcome, reason, arm, count) values (?, ?, ?, ?, ?, ?, ?, ?)
on conflict (journey, version, node, hour, outcome, reason, arm) do update set count = count + excluded.count;

-- add_presence: More, or fewer, who stand at a node.
insert into presence (journey, version, node, posture, count) values (?, ?, ?, ?, ?)
on conflict (journey, version, node, posture) do update set count = count + excluded.count;

-- add_message_tally: More, or fewer, messages in a state.
insert into message_tally (journey, version, node, state, reason, count) values (?, ?, ?, ?, ?, ?)
on conflict (journey, version, node, state, reason) do update set count = count + excluded.count;

-- add_total: More events of a verdict.
insert into total (name, count) values (?, ?) on conflict (name) do update set count = count + excluded.count;

-- standing: Where these runs stood before.
select id, journey, version, node, visit, posture, status from enrollment where id in (select value from json_each(?));

-- message_states: In which state these messages were before.
select id, journey, version, node, state, reason from message where id in (select value from json_each(?));
