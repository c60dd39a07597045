"""The executor: one event or one timer at a time, in one order, live and in history alike."""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec

from wayfare.engine.book import Book
from wayfare.engine.post import Post, message_timers
from wayfare.engine.world import World
from wayfare.experiment.arm import arm
from wayfare.facts.event import CONSENT_CHANGED, PROFILE_MERGED, Event
from wayfare.ground.draw import hashed_id
from wayfare.ground.errors import Broken
from wayfare.ground.time import Instant
from wayfare.journey import effect as effects
from wayfare.journey.admission import PASSED, Admission, Standing, admit, entry_scope, key_of, limit_slot
from wayfare.journey.compiled import Entry, Journey
from wayfare.journey.enrollment import Enrollment
from wayfare.journey.step import step
from wayfare.journey.stimulus import AnyStimulus, Due, Entered, Heard, Merged, Removed, Returned
from wayfare.people.fold import fold, gather
from wayfare.people.identity import ANONYMOUS, USER, Merge, resolve
from wayfare.people.profile import Profile
from wayfare.stores.records import Applied, Dossier, Missed, TaskRow, Timer, Transition

_PASSED: dict[str, dict[str, Any]] = {name: msgspec.to_builtins(gate) for name, gate in PASSED.items()}
DEFECTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, Broken)
LONGEST_CHAIN = 8  # events of ours that cause events of ours: beyond it nobody enters (reason `runaway`)


class Misfired(Broken):
    """A timer fired and something of ours failed: the lot is felt again, and at last the timer given up."""

    def __init__(self, timer: Timer, failure: Exception) -> None:
        super().__init__("WF6414", timer.id, detail=f"{type(failure).__name__}: {failure}")
        self.timer = timer


class Executor:
    """Applies events, fires timers and takes answers in a world, by a book; everything it changes is in the world.

    `instant_sends`: a send that passes its gates is sent at that instant (history); live, a dispatcher answers.
    `barrier`: stop firing as soon as a message is planned (the log clock: nothing later before it is sent).
    """

    def __init__(
        self, book: Book, world: World, instant_sends: bool, barrier: bool = False, offset: int = 0
    ) -> None:
        self.world = world
        self.barrier = barrier
        self.instant_sends = instant_sends
        self.post = Post(book, world, self)
        self.use(book)
        self._ours: deque[tuple[str, Event, int]] = deque()
        self.depth = 0  # of the event of ours that is being applied: how many of ours led to it
        self.reached: Instant = 0  # when the timer that fired last was due
        self._backfill = False  # whether a backfill is being applied: what it causes starts nothing either
        self.offset = offset  # of the log row that is being applied, or was last

    def use(self, book: Book) -> None:
        """Go by another book from now on."""
        self.book = book
        self._entering = book.entering
        self._read = frozenset(name for journey in book.versions.values() for name in journey.names)
        self.post.book = book

    def renew(self, offset: int) -> None:
        """Begin the next batch after log row `offset`, once everything so far is committed."""
        self.world.renew()
        self.post.planned.clear()
        self.offset = offset

    # ---- events

    def apply(self, event: Event, offset: int, clock: Instant) -> str:
        """Apply one event of the log at its clock; due timers must have fired. Returns the profile it belongs to."""
        world = self.world
        self.offset = offset
        arrival = world.arrive()
        found = resolve(event, world.owner, world.person, self.book.salt, arrival)
        for identifier, owner in found.links:
            world.link(identifier, owner)
        before = gather(found, event, world.person)
        dossier = world.dossier(found.profile) or world.create(before)
        for union in found.merges:
            self._take_over(dossier, union, before)
        moment = min(event.time, event.received)
        now = (before.seen or moment) if event.backfill else max(moment, before.seen)
        self._backfill = event.backfill
        person = fold(before, event, arrival, now)
        if person is not dossier.profile:
            world.put(dossier, person)
        for union in found.merges:
            self._merged(dossier, union, now)
        bound = self.book.trigger_bound
        late = bound is not None and clock - event.time > bound
        verdict = "backfill" if event.backfill else "late" if late else "applied"
        if world.ledger:
            world.changes.applied.append(Applied(arrival, offset, verdict, found.profile))
        if not event.backfill:
            self._feel(dossier, event, now, late, changed(before, person))
            if found.merges:
                self.post.person_changed(dossier, now)
        self._drain()
        self._backfill = False
        return found.profile

    def _feel(self, dossier: Dossier, event: Event, now: Instant, late: bool, news: frozenset[str]) -> None:
        """Live enrollments in the order (entered at, id), then entries by journey id and place."""
        for enrollment in in_order(dossier.live):
            journey = self.journey(enrollment)
            if event.name in journey.hears or (news and journey.watches):
                self.advance(dossier, enrollment.id, Heard(dossier.profile, event.id, event, late, news), now)
        for journey in self._entering.get(event.name, ()):
            taken: set[str | None] = set()  # keys under which this event has let her in by an earlier place
            missed: Admission | None = None
            for entry in journey.entries:
                if entry.event == event.name:
                    missed = self._enter(dossier, journey, entry, event, now, late, taken) or missed
            if missed is not None and not taken:
                self._miss(dossier.profile.id, journey.id, event.id, now, missed)
        if news:
            self.post.person_changed(dossier, now)

    def _drain(self) -> None:
        """Apply the events that steps wrote, right after their cause and in the order they were written.

        In history what they planned is sent then, one message after the other, as a dispatcher would at that instant.
        """
        while self._ours or (self.instant_sends and self.post.planned):
            if not self._ours:
                self.post.deliver(next(iter(self.post.planned)))
                continue
            profile, event, depth = self._ours.popleft()
            dossier = self.world.dossier(profile)
            if dossier is None:
                continue
            self.depth = depth
            arrival = self.world.arrive()
            if self.world.ledger:
                verdict = "backfill" if event.backfill else "applied"
                self.world.changes.applied.append(
                    Applied(arrival, self.offset, verdict, dossier.profile.id, event=event)
                )
            before = dossier.profile
            person = fold(before, event, arrival, max(before.seen, event.time))
            if person is not before:
                self.world.put(dossier, person)
            if not event.backfill:
                self._feel(dossier, event, event.time, False, changed(before, person))
        self.depth = 0

    # ---- entries

    def _enter(
        self, dossier: Dossier, journey: Journey, entry: Entry, event: Event, now: Instant, late: bool,
        taken: set[str | None],
    ) -> Admission | None:  # fmt: skip
        """Let the person in by one entry, or tell why not."""
        person = dossier.profile
        scope = entry_scope(journey, event, person, now)
        if not self.world.ledger and entry.where is not None and entry.where.test(scope) is not True:
            return None  # nobody will ask why not
        key, _ = key_of(entry, scope)
        if key in taken:
            return None
        slot = limit_slot(entry, self.book.zone, now)
        standing = Standing(
            live=any(one.journey == journey.id and one.key == key for one in dossier.live.values()),
            last_exit=dossier.past.get((journey.id, key)),
            used=self.world.used(journey.id, slot) if entry.limit is not None else 0,
        )
        admission = admit(journey, entry, scope, now, standing, late)
        if admission.enters and self.depth > LONGEST_CHAIN:
            admission = Admission(False, "runaway", key, admission.gates)
        if not admission.enters:
            return admission
        taken.add(key)
        if entry.limit is not None:
            self.world.use(journey.id, slot)
        birth = f"{person.id}\x1f{self.book.seed}" if self.book.seed else person.id
        side = (
            "treated"
            if self.book.all_treated
            else arm(self.book.tenant, journey.id, birth, journey.holdout, self.book.holdout)
        )
        arms = self.book.forced_arms
        forced = {node: choice for node, choice in arms.items() if node in journey.nodes} if arms else {}
        enrollment = Enrollment(
            id=hashed_id("enr", journey.id, person.id, key or "", event.id),
            journey=journey.id,
            version=journey.version,
            profile=person.id,
            birth=birth,
            entered_at=now,
            entry=event,
            key=key,
            arm=side,
            splits=forced,
        )
        dossier.live[enrollment.id] = enrollment
        self.advance(dossier, enrollment.id, Entered(person, event.id), now)
        return None

    def _miss(self, profile: str, journey: str, cause: str, now: Instant, admission: Admission) -> None:
        if self.world.ledger:
            gates = tuple(
                _PASSED[gate.gate] if gate.outcome == "pass" else msgspec.to_builtins(gate)
                for gate in admission.gates
            )
            missed = self.world.changes.missed
            before = missed.get((profile, journey))
            times = before.times + 1 if before is not None else 1
            missed[(profile, journey)] = Missed(profile, journey, now, cause, admission.reason, gates, times)

    # ---- timers

    def fire(self, until: Instant, limit: int = 5_000) -> bool:
        """Fire the timers due up to an instant, in the order (due_at, id); False when it had to stop before the end:
        more must be loaded first, or (with `barrier`) a message was planned that must go before anything later.

        A timer that fires arms others; those due by then fire too, in their order.
        """
        world = self.world
        world.reach(until, limit)
        while (timer := world.due(until)) is not None:
            try:
                self._fire(timer)
            except DEFECTS as failure:
                raise Misfired(timer, failure) from failure
            if self.barrier and self.post.planned:
                return False
        return not world.behind(until)

    def give_up(self, timer: Timer, ends: bool) -> None:
        """A timer that fails every time is taken back; with `ends` its run ends too, reason `defect`."""
        self.world.disarm(timer.id)
        dossier = self.world.dossier(timer.profile)
        if ends and dossier is not None and timer.enrollment in dossier.live:
            stimulus = Removed(dossier.profile, timer.id, "defect")
            self.advance(dossier, timer.enrollment, stimulus, max(timer.due_at, dossier.profile.seen))
            self._drain()

    def _fire(self, timer: Timer) -> None:
        self.reached = timer.due_at
        dossier = self.world.dossier(timer.profile)
        if dossier is None:
            raise Broken("WF6402", timer.id, profile=timer.profile)
        if timer.kind == "message":
            self.post.timer(dossier, timer)
        elif timer.enrollment in dossier.live:
            stimulus = Due(dossier.profile, timer.id, timer.id)
            self.advance(dossier, timer.enrollment, stimulus, max(timer.due_at, 0))
        self._drain()

    # ---- answers from outside

    def returned(
        self, dossier: Dossier, task: TaskRow, outcome: str, properties: dict[str, Any], now: Instant
    ) -> None:
        """A task is done."""
        self.world.open_task(msgspec.structs.replace(task, state="done", outcome=outcome, closed_at=now))
        if task.enrollment in dossier.live:
            back = Returned(dossier.profile, task.id, task.id, outcome, properties)
            self.advance(dossier, task.enrollment, back, now)
        self._drain()

    def settle(self) -> None:
        """Apply what answers wrote."""
        self._drain()

    # ---- the loop around the step

    def journey(self, enrollment: Enrollment) -> Journey:
        """The version that an enrollment is on."""
        found = self.book.versions.get((enrollment.journey, enrollment.version))
        if found is None:
            raise Broken("WF6403", enrollment.id, journey=enrollment.journey, version=enrollment.version)
        return found

    def advance(self, dossier: Dossier, enrollment_id: str, stimulus: AnyStimulus, now: Instant) -> None:
        """Let an enrollment feel a stimulus and everything that follows from it at this instant."""
        if now > dossier.profile.seen:  # rule 0: a person's last `now`, timers and answers included
            self.world.put(dossier, msgspec.structs.replace(dossier.profile, seen=now))
        feel: deque[AnyStimulus] = deque([stimulus])
        while feel:
            enrollment = dossier.live.get(enrollment_id)
            if enrollment is None:
                return
            journey = self.journey(enrollment)
            after, asked = step(journey, enrollment, feel.popleft(), now)
            if after is enrollment and not asked:
                continue
            self.world.keep(dossier, after)
            for one in asked:
                feel.extend(self._answer(dossier, after, one, now))

    def _answer(
        self, dossier: Dossier, enrollment: Enrollment, asked: effects.AnyEffect, now: Instant
    ) -> list[AnyStimulus]:
        match asked:
            case effects.Note():
                self._note(dossier, enrollment, asked)
            case effects.Arm():
                timer = Timer(
                    asked.id,
                    asked.due_at,
                    "node",
                    dossier.profile.id,
                    enrollment.id,
                    "",
                    asked.wall,
                    asked.zone,
                )
                self.world.arm(timer)
            case effects.Disarm():
                self.world.disarm(asked.id)
            case effects.Emit():
                self.write(dossier, asked.id, asked.name, asked.properties, now, enrollment.id)
            case effects.Send():
                return [self.post.plan(dossier, enrollment, asked, now)]
            case effects.Task():
                self._task(dossier, enrollment, asked, now)
            case effects.Finish():
                pass  # the enrollment itself says that it is over
            case effects.Ask() | effects.Choose() | effects.Show() | effects.Launch():
                raise Broken("WF6404", enrollment.id, effect=type(asked).__name__)
        return []

    def _note(self, dossier: Dossier, enrollment: Enrollment, note: effects.Note) -> None:
        self.world.changes.transitions.append(
            Transition(
                enrollment.id,
                dossier.profile.id,
                enrollment.journey,
                enrollment.version,
                enrollment.key,
                note.visit,
                note.node,
                note.at,
                note.stimulus,
                note.outcome,
                note.reason,
                note.cause,
                enrollment.arm,
                note.inputs,
            )
        )
        if note.outcome in ("left", "exited"):
            self.post.left(dossier, enrollment, note)
            self._task_left(enrollment, note)

    def _task(self, dossier: Dossier, enrollment: Enrollment, task: effects.Task, now: Instant) -> None:
        made = TaskRow(
            task.id, enrollment.id, dossier.profile.id, enrollment.journey, task.node, enrollment.visit, task.queue,
            task.title, task.assignee, now, task.due_at, task.outcomes,
        )  # fmt: skip
        self.world.open_task(made)

    def _task_left(self, enrollment: Enrollment, note: effects.Note) -> None:
        """A task whose enrollment went on without an answer is overdue or withdrawn."""
        journey = self.book.versions[(enrollment.journey, enrollment.version)]
        if note.stimulus == "returned" or journey.nodes[note.node].kind != "task":
            return
        name = hashed_id("eff", journey.tenant, enrollment.id, note.node, str(note.visit), "task")
        state = "overdue" if note.reason == "overdue" and note.outcome == "left" else "withdrawn"
        self.world.close_task(name, state, note.at)

    def write(
        self, dossier: Dossier, name: str, event: str, properties: dict[str, Any], now: Instant, origin: str,
        channel: str | None = None,
    ) -> None:  # fmt: skip
        """Write an event of our own; it is applied after its cause, in order.

        A simulation writes only those that one of its journeys reads: nobody else is there to read them.
        """
        if not self.tells(event):
            return
        first = dict(reversed(dossier.profile.identifiers))  # of each namespace
        user = first.get(USER)
        made = Event(
            id=name, source="wayfare", kind="track", name=event, time=now, received=now, user_id=user,
            anonymous_id=first.get(ANONYMOUS) if user is None else None, channel=channel, properties=properties,
            origin=origin, backfill=self._backfill,
        )  # fmt: skip
        self._ours.append((dossier.profile.id, made, self.depth + 1))

    def tells(self, event: str) -> bool:
        """Whether an event of ours of that name is written at all."""
        return self.world.ledger or event in self._read or event == CONSENT_CHANGED

    # ---- merges

    def _take_over(self, dossier: Dossier, union: Merge, person: Profile) -> None:
        """Everything that is live of `union.loser` moves to the dossier of the person it turned out to be."""
        world = self.world
        other = world.dossier(union.loser)
        if other is None:
            raise Broken("WF6402", union.event, profile=union.loser)
        if world.ledger:
            world.changes.merges.append(union)
        timers = world.timers(
            [name for enrollment in other.live.values() for name in enrollment.timers]
            + [name for message in other.messages for name in message_timers(message)]
        )
        self._keep_in_mind(dossier, other)
        self._keep_in_mind(other, dossier)
        world.put(dossier, person)
        world.forget(union.loser, person.id)
        for passage, last in other.past.items():
            dossier.past[passage] = max(dossier.past.get(passage, 0), last)
        for message in world.posted(other):
            moved = msgspec.structs.replace(message, profile=person.id)
            if message.id in other.messages:
                world.post(dossier, moved)
            else:  # over and done with: it only changes its owner
                world.changes.messages[message.id] = moved
        for timer in timers:
            world.arm(msgspec.structs.replace(timer, profile=person.id))
        for enrollment in (*other.live.values(), *world.finished(union.loser)):
            world.keep(dossier, msgspec.structs.replace(enrollment, profile=person.id))

    def _keep_in_mind(self, dossier: Dossier, other: Dossier) -> None:
        """No run of one repeats what the other got of its journey before they were known to be one person."""
        for run in list(dossier.live.values()):
            got = {
                (message.node, message.template)
                for message in other.messages.values()
                if message.journey == run.journey and message.state in ("sent", "started")
            }
            if got:
                self.world.keep(dossier, msgspec.structs.replace(run, got=(*run.got, *sorted(got))))

    def _merged(self, dossier: Dossier, union: Merge, now: Instant) -> None:
        """Of two live enrollments with one journey and key the older stays, the other exits `merged`."""
        oldest: dict[tuple[str, str | None], str] = {}
        for enrollment in in_order(dossier.live):
            run = (enrollment.journey, enrollment.key)
            ends = oldest.setdefault(run, enrollment.id) != enrollment.id
            self.advance(dossier, enrollment.id, Merged(dossier.profile, union.event, ends), now)
        properties = {"merged": union.loser, "into": union.survivor, "cause": union.cause}
        self.write(dossier, hashed_id("mrg", union.event, union.loser), PROFILE_MERGED, properties, now, "")


def in_order(live: dict[str, Enrollment]) -> list[Enrollment]:
    """Live enrollments by (entered at, id)."""
    found = list(live.values())
    if len(found) > 1:
        found.sort(key=lambda one: (one.entered_at, one.id))
    return found


def changed(before: Profile, after: Profile) -> frozenset[str]:
    """The paths of a person that differ: what an `exit: when` is tested for."""
    if before is after:
        return frozenset()
    found = set()
    if before.traits is not after.traits:
        keys = before.traits.keys() | after.traits.keys()
        found |= {
            f"profile.traits.{key}"
            for key in keys
            if key not in before.traits or key not in after.traits or before.traits[key] != after.traits[key]
        }
    if before.consents is not after.consents and before.consent != after.consent:
        found.add("profile.consent")
    if before.tags != after.tags:
        found.add("profile.tags")
    for name in ("timezone", "locale"):
        if getattr(before, name) != getattr(after, name):
            found.add(f"profile.{name}")
    return frozenset(found)
