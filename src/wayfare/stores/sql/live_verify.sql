-- visits: How many visits the ledger tells of.
select count(*) from (select distinct enrollment, visit from transition where visit > 0);

-- unbalanced_visits: Nodes at which entered = waiting + held + left does not hold, counted from the ledger's lines alone.
with begun as (
  select journey, version, node, count(*) as entered
  from (select distinct enrollment, visit, journey, version, node from transition where visit > 0) group by 1, 2, 3
), ended as (
  select journey, version, node, count(*) as left_ from transition
  where outcome in ('left', 'withheld', 'exited', 'finished') and visit > 0 group by 1, 2, 3
), here as (
  select journey, version, node, sum(posture = 'waiting') as waiting, sum(posture = 'held') as held
  from enrollment where status = 'live' group by 1, 2, 3
)
select b.journey, b.version, b.node, b.entered, coalesce(h.waiting, 0) as waiting, coalesce(h.held, 0) as held,
       coalesce(e.left_, 0) as "left"
from begun b left join ended e using (journey, version, node) left join here h using (journey, version, node)
where b.entered <> coalesce(h.waiting, 0) + coalesce(h.held, 0) + coalesce(e.left_, 0)
union all
select h.journey, h.version, h.node, 0, h.waiting, h.held, 0 from here h left join begun b using (journey, version, node)
where b.node is null
limit :limit;

-- twice_left: Visits that were left more than once.
select enrollment, visit, journey, node, count(*) as times from transition
where outcome in ('left', 'withheld', 'exited', 'finished') and visit > 0
group by enrollment, visit having count(*) > 1 limit :limit;

-- runs: How many runs there are.
select count(*) from enrollment;

-- twice_live: People with two live runs of one journey and key.
select journey, profile, key, count(*) as runs from enrollment where status = 'live'
group by journey, profile, key having count(*) > 1 limit :limit;

-- lost_runs: Runs without a line of the ledger, or whose end the ledger does not tell.
select e.id as enrollment, e.journey, e.status from enrollment e
where not exists (select 1 from transition t where t.enrollment = e.id)
   or (e.status <> 'live' and not exists (
     select 1 from transition t where t.enrollment = e.id and t.outcome in ('exited', 'finished')))
limit :limit;

-- messages: How many messages were planned.
select count(*) from message;

-- stray_messages: Messages in no state of the contract, final ones with a retry, or of a run that is not there.
select m.id as message, m.journey, m.node, m.state from message m left join enrollment e on e.id = m.enrollment
where m.state not in ('planned', 'held', 'started', 'sent', 'suppressed', 'expired', 'failed') or e.id is null
limit :limit;

-- untold_messages: Message counts of nodes that differ from the messages themselves.
with counted as (
  select journey, version, node, state, sum(count) as told from message_tally group by 1, 2, 3, 4 having told <> 0
), there as (
  select journey, version, node, state, count(*) as real from message group by 1, 2, 3, 4
)
select journey, version, node, state, coalesce(real, 0) as messages, coalesce(told, 0) as told
from there full join counted using (journey, version, node, state) where real is not told limit :limit;

-- untold_visits: Counts that pages show and that differ from a count of the ledger.
with counted as (
  select journey, version, node, outcome, sum(count) as told from tally
  where outcome not in ('entered', 'enrolled') group by 1, 2, 3, 4
), there as (
  select journey, version, node, outcome, count(*) as real from transition group by 1, 2, 3, 4
)
select journey, version, node, outcome, coalesce(real, 0) as lines, coalesce(told, 0) as told
from there full join counted using (journey, version, node, outcome) where real is not told limit :limit;

-- timers: How many timers are set.
select count(*) from timer;

-- orphan_timers: Timers of runs that are over, or of people who are not there.
select t.id as timer, t.kind, t.enrollment, t.due_at from timer t
left join enrollment e on e.id = t.enrollment left join profile p on p.id = t.profile
where p.id is null or (t.kind <> 'message' and (e.id is null or e.status <> 'live')) limit :limit;

-- applied: How many log rows were applied.
select count(*) from applied where event is null;

-- lost_offsets: Gaps in the log offsets that were applied.
select before + 1 as first, off - 1 as last from (
  select off, lag(off, 1, 0) over (order by off) as before from (select distinct off from applied where event is null)
) where off - before > 1 limit :limit;

-- doubled_offsets: Log offsets that were applied more than once.
select off, count(*) as times from applied where event is null group by off having count(*) > 1 limit :limit;

-- highest_applied: The highest log offset that was applied.
select coalesce(max(off), 0) from applied;

-- lost_people: Identifiers and runs of people who are not there, and who are part of nobody.
select i.namespace || ':' || i.value as thing, i.profile from identifier i
where not exists (select 1 from profile where id = i.profile) and not exists (select 1 from merge where loser = i.profile)
union all
select e.id, e.profile from enrollment e where not exists (select 1 from profile where id = e.profile)
limit :limit;

-- people: How many people there are.
select count(*) from profile;

-- offset: The log offset up to which the store says that everything is applied.
select value from meta where name = 'offset';

-- history: How many events history must have up to an arrival.
select count(*) from applied where verdict in ('applied', 'late', 'backfill') and seq <= :covered;
