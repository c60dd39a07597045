"""The laws of the step: total, bounded, deterministic; ids stable; every visit balances."""

from __future__ import annotations

from collections import Counter

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.journey.worlds import DAY, START, born, journeys, people, stimuli
from wayfare.journey.effect import AnyEffect, Arm, Disarm, Finish, Note, Send
from wayfare.journey.step import step
from wayfare.journey.stimulus import Due, Entered, Failed, Gated, Returned, Sent
from wayfare.journey.walk import RUNAWAY

LEAVING = ("left", "withheld", "exited", "finished")


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_any_walk_is_total_bounded_deterministic_and_balanced(data: st.DataObject) -> None:
    journey = data.draw(journeys())
    person = data.draw(people)
    arm = data.draw(st.sampled_from(("treated", "control")))
    enrollment = born(person, arm)
    now = START
    notes: list[Note] = []
    armed: set[str] = set()
    stimulus = Entered(person, "e0")
    for _ in range(data.draw(st.integers(1, 25))):
        before = msgspec.msgpack.encode(enrollment)
        after, effects = step(journey, enrollment, stimulus, now)
        again, same = step(journey, enrollment, stimulus, now)
        assert (after, effects) == (again, same)  # deterministic
        assert msgspec.msgpack.encode(enrollment) == before  # and pure
        arrivals = after.visit - enrollment.visit
        assert arrivals <= RUNAWAY + 1
        new = [effect for effect in effects if isinstance(effect, Note)]
        assert arm == "treated" or not any(isinstance(effect, Send) for effect in effects)
        notes += new
        if isinstance(stimulus, Due) and enrollment.status == "live":
            armed.discard(stimulus.timer)
        _timers(effects, armed)
        assert armed == set(after.timers)  # what is armed is what the enrollment knows
        _balance(notes, after.visit, after.status == "live", after.posture)
        if after.status != "live":
            assert not armed
            assert any(isinstance(effect, Finish) for effect in effects) or enrollment.status != "live"
        enrollment = after
        now += data.draw(st.integers(0, DAY))
        stimulus = data.draw(stimuli(enrollment))
        if isinstance(stimulus, Gated | Sent | Failed | Returned) and data.draw(st.booleans()):
            stimulus = _aimed(stimulus, effects)


def _aimed(
    stimulus: Gated | Sent | Failed | Returned, effects: tuple[AnyEffect, ...]
) -> Gated | Sent | Failed | Returned:
    asked = [effect.id for effect in effects if type(effect).__name__ in ("Send", "Task")]
    if not asked:
        return stimulus
    key = "effect" if isinstance(stimulus, Returned) else "message"
    return msgspec.structs.replace(stimulus, **{key: asked[-1]})


def _timers(effects: tuple[AnyEffect, ...], armed: set[str]) -> None:
    for effect in effects:
        if isinstance(effect, Arm):
            assert effect.id not in armed
            armed.add(effect.id)
        elif isinstance(effect, Disarm):
            armed.discard(effect.id)


def _balance(notes: list[Note], visits: int, live: bool, posture: str) -> None:
    """Every visit was entered once; every visit but the present one of a live run was left exactly once."""
    left = Counter(note.visit for note in notes if note.outcome in LEAVING)
    assert all(count == 1 for count in left.values()), left
    standing = set(range(1, visits + 1)) - set(left)
    assert standing == ({visits} if live and visits else set()) or (not live and not standing)
    last = [note for note in notes if note.outcome in ("waiting", "held")]
    if live and last:
        assert last[-1].visit == visits
        assert last[-1].outcome == posture


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_timer_that_fires_is_gone_and_a_stranger_timer_changes_nothing(data: st.DataObject) -> None:
    journey = data.draw(journeys())
    person = data.draw(people)
    enrollment, _ = step(journey, born(person), Entered(person, "e0"), START)
    same, effects = step(journey, enrollment, Due(person, "c", "stranger"), START + DAY)
    assert effects == ()
    assert msgspec.structs.replace(same, steps=0, steps_day=0) == msgspec.structs.replace(
        enrollment, steps=0, steps_day=0
    )
    if enrollment.status == "live" and enrollment.timers:
        after, _ = step(journey, enrollment, Due(person, "c", enrollment.timers[0]), START + 4 * DAY)
        assert enrollment.timers[0] not in after.timers
