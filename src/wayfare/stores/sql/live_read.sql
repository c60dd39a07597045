-- canonical: The profile that a profile id stands for after every merge.
with recursive chain (id) as (
  values (?1) union select survivor from merge join chain on loser = chain.id
)
select id from chain where id in (select id from profile);

-- owner: Whose an identifier is.
select profile from identifier where namespace = ?1 and value = ?2;

-- profile: A person.
select body from profile where id = ?1;

-- profiles: People, the newest first.
select n, body from profile where n < :before order by n desc limit :limit;

-- profiles_like: People by a part of name, email or phone, or by the beginning of an identifier, the newest first.
select n, body from profile
where n < :before
  and (instr(label, :text) > 0 or id = :exact
       or id in (select profile from identifier where value >= :exact and value < :above))
order by n desc limit :limit;

-- enrollment: A run.
select body from enrollment where id = ?1;

-- enrollments_of: Every run of a person, the latest entry first.
select body from enrollment where profile = ?1 order by entered_at desc, id;

-- dues: When these timers come.
select id, due_at from timer where id in (select value from json_each(?1));

-- enrollments: Runs of a journey, the newest first.
select n, body from enrollment
where journey = :journey and n < :before order by n desc limit :limit;

-- enrollments_live: Runs that stand at a node of a journey, the newest first.
select n, body from enrollment
where status = 'live' and journey = :journey and node = :node and (:posture = '' or posture = :posture)
  and n < :before order by n desc limit :limit;

-- tally: What happened at the nodes of a journey since an hour.
select node, outcome, reason, arm, sum(count) from tally
where journey = :journey and (:version is null or version = :version) and hour >= :hour
group by node, outcome, reason, arm;

-- presence: Who stands at the nodes of a journey.
select node, posture, sum(count) from presence
where journey = :journey and (:version is null or version = :version)
group by node, posture having sum(count) > 0;

-- message_tally: The messages of the nodes of a journey by state and reason.
select node, state, reason, sum(count) from message_tally
where journey = :journey and (:version is null or version = :version)
group by node, state, reason having sum(count) > 0;

-- message_counts: Messages by state, of one journey or of all.
select state, sum(count) from message_tally where :journey = '' or journey = :journey
group by state having sum(count) > 0;

-- cohort_lines: What happened at the nodes to the runs that entered since an instant.
select t.node, t.outcome, t.reason, t.arm, count(*) from enrollment e join transition t on t.enrollment = e.id
where e.journey = :journey and e.entered_at >= :since and (:version is null or t.version = :version)
group by t.node, t.outcome, t.reason, t.arm;

-- cohort_visits: Which nodes those runs visited; the first line of a visit tells its node.
select t.node, case when t.visit = 1 then 1 else 0 end, t.arm, count(*)
from enrollment e join transition t on t.enrollment = e.id
where e.journey = :journey and e.entered_at >= :since and t.visit > 0 and (:version is null or t.version = :version)
  and t.n = (select min(s.n) from transition s where s.enrollment = t.enrollment and s.visit = t.visit)
group by 1, 2, 3;

-- cohort_presence: Where those runs stand.
select node, posture, count(*) from enrollment
where journey = :journey and entered_at >= :since and status = 'live' and (:version is null or version = :version)
group by node, posture;

-- cohort_messages: The messages of those runs.
select m.node, m.state, m.reason, count(*) from enrollment e
join message m on m.profile = e.profile and m.enrollment = e.id
where e.journey = :journey and e.entered_at >= :since and (:version is null or m.version = :version)
group by m.node, m.state, m.reason;

-- messages: Messages, the newest first.
select n, body from message
where n < :before and (:journey = '' or journey = :journey) order by n desc limit :limit;

-- messages_in_state: Messages in a state, the newest first.
select n, body from message
where state = :state and n < :before and (:journey = '' or journey = :journey) order by n desc limit :limit;

-- messages_of_profile: Messages of a person, the newest first.
select n, body from message
where profile = :profile and n < :before
  and (:journey = '' or journey = :journey) and (:state = '' or state = :state) order by n desc limit :limit;

-- transitions_of_enrollment: Lines of the ledger about one run, the newest first.
select n, enrollment, profile, journey, version, key, visit, node, at, stimulus, outcome, reason, cause, arm, inputs
from transition where enrollment = :enrollment and n < :before order by n desc limit :limit;

-- transitions_of_profile: Lines about one person, the newest first; a merged person's runs are hers.
select n, enrollment, profile, journey, version, key, visit, node, at, stimulus, outcome, reason, cause, arm, inputs
from transition
where enrollment in (select id from enrollment where profile = :profile and (:journey = '' or journey = :journey))
  and n < :before order by n desc limit :limit;

-- transitions: Lines of one journey or of all, the newest first.
select n, enrollment, profile, journey, version, key, visit, node, at, stimulus, outcome, reason, cause, arm, inputs
from transition where n < :before and (:journey = '' or journey = :journey) order by n desc limit :limit;

-- tasks: Tasks, the newest first.
select n, body from task
where n < :before and (:state = '' or state = :state) and (:queue = '' or queue = :queue) order by n desc limit :limit;

-- missed: Where a person, or one who became part of her, was not let in.
select profile, journey, at, event, reason, gates, times from missed
where profile in (select value from json_each(?1)) order by at desc, journey, profile;

-- applied_after: What was decided of the events after an arrival.
select seq, off, verdict, profile, reason, event from applied where seq > ?1 order by seq limit ?2;

-- merges: The identity ledger after an arrival, in order.
select survivor, loser, at, cause, event, arrival from merge where arrival > ?1 order by arrival, loser;

-- quarantine: Log rows that are no events, the newest first.
select n, off, received, source, reason, detail, pointer, raw from quarantine
where n < :before order by n desc limit :limit;

-- totals: People, and events by verdict.
select 'people', (select count(*) from profile) union all select name, count from total;

-- meta: The named values of the store itself.
select name, value from meta;

-- all_profiles: Every person by id.
select body from profile order by id;

-- all_enrollments: Every run by id.
select body from enrollment order by id;

-- all_timers: Every timer by id.
select id, due_at, kind, profile, enrollment, message, wall, zone from timer order by id;

-- all_messages: Every message by id.
select body from message order by id;
