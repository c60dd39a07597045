"""The trial of stories: a long random life gives the same answers in every live store."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.made import HOUR, Store, make_line, make_message, make_run
from wayfare.contact.message import Message
from wayfare.journey.enrollment import Enrollment
from wayfare.people.identity import Merge, Owner
from wayfare.people.profile import Profile
from wayfare.stores.live import LiveStore
from wayfare.stores.memory import MemoryStore
from wayfare.stores.records import (
    Changes,
    Timer,
)


def walk_on(chance: random.Random, run: Enrollment, at: int, changes: Changes) -> Enrollment:
    """One run goes on by one to three lines."""
    lines = chance.randrange(1, 4)
    for _ in range(lines):
        if run.status != "live":
            break
        if chance.random() < 0.6:
            run = msgspec.structs.replace(
                run, visit=run.visit + 1, node=chance.choice("abc"), posture="waiting"
            )
        posture = chance.choice(["waiting", "held"])
        outcome = chance.choice([posture, "left", "withheld", "goal", "exited"]) if run.visit else "unknown"
        if outcome == posture:
            run = msgspec.structs.replace(run, posture=posture)  # type: ignore[arg-type]
        if outcome == "exited":
            run = msgspec.structs.replace(run, status="exited", exited_at=at)
        changes.transitions.append(
            make_line(run.id, run.visit, run.node, outcome, chance.choice("xy"), profile=run.profile,
                      journey=run.journey, at=at, arm=chance.choice(["treated", "control"]))
        )  # fmt: skip
    return run


def make_story(chance: random.Random, length: int) -> list[Changes]:
    """Batches that move a few people's runs, messages, timers and identities about at random."""
    people = {f"p{n}": Profile(f"p{n}", n, traits={"name": f"N{n}"}) for n in range(5)}
    runs: dict[str, Enrollment] = {}
    messages: dict[str, Message] = {}
    batches = [
        Changes(profiles=dict(people), identifiers={("user_id", name): Owner(name, 1) for name in people})
    ]
    for batch in range(length):
        changes = Changes(meta={"offset": batch})
        for step in range(chance.randrange(4)):
            name = f"r{chance.randrange(8)}"
            run = runs.get(name) or make_run(
                name, chance.choice(list(people)), journey=chance.choice(["cart", "care"])
            )
            run = walk_on(chance, run, (batch * 4 + step) * HOUR // 3, changes)
            runs[name] = changes.enrollments[name] = run
            mail = f"m{chance.randrange(6)}"
            message = messages.get(mail) or make_message(
                mail, enrollment=name, profile=run.profile, journey=run.journey
            )
            state = chance.choice(["planned", "held", "sent", "failed"])
            due = chance.choice([None, 5])
            message = msgspec.structs.replace(
                message, state=state, reason=chance.choice("qr"), due=due, reserved=chance.choice([None, 3])
            )
            messages[mail] = changes.messages[mail] = message
            changes.armed[f"t{chance.randrange(5)}"] = Timer(
                f"t{chance.randrange(5)}", chance.randrange(9), "node", "p", "r"
            )
            changes.disarmed.add(f"t{chance.randrange(5)}")
        changes.armed = {timer.id: timer for timer in changes.armed.values()}
        if len(people) > 2 and chance.random() < 0.2:
            winner, loser = chance.sample(sorted(people), 2)
            del people[loser]
            changes.gone[loser] = winner
            changes.merges.append(Merge(winner, loser, batch, "alias", "e", batch))
            people[winner] = changes.profiles[winner] = msgspec.structs.replace(
                people[winner], merged=(*people[winner].merged, loser)
            )
            for name, run in runs.items():
                if run.profile == loser:
                    runs[name] = changes.enrollments[name] = msgspec.structs.replace(run, profile=winner)
            for name, message in messages.items():
                if message.profile == loser:
                    messages[name] = changes.messages[name] = msgspec.structs.replace(message, profile=winner)
        batches.append(changes)
    return batches


def answers(store: Store) -> Iterator[Any]:
    """Everything that can be asked of the small world of a story."""
    people = [f"p{n}" for n in range(5)]
    for name, dossier in sorted(store.load(people, 2).items()):
        yield (
            name,
            dossier.profile,
            list(dossier.live.items()),
            sorted(dossier.past.items(), key=repr),
            dossier.messages,
        )
    for name in people:
        yield (
            store.find(name),
            store.profile(name),
            store.enrollments_of(name),
            store.transitions(profile=name, limit=7),
        )
    for journey in ("cart", "care"):
        for since in (None, 3 * HOUR):
            for clock in ("event", "entry"):
                yield journey, since, clock, store.journey_counts(journey, None, since, clock)
        yield (
            store.message_counts(journey),
            store.messages(journey=journey),
            store.transitions(journey=journey),
        )
        yield store.enrollments_at(journey, "a"), store.enrollments_at(journey, "b", "held")
    yield (
        store.due(5),
        store.due(9, 2),
        store.held_for("q"),
        store.outbox(),
        store.totals(),
        store.state_hash(),
        store.meta(),
    )
    yield store.merges_after(), store.message_counts(), store.messages(state="held").items


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9))
def test_a_random_story_gives_the_same_answers_in_both(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path / f"{seed}.db"
    for old in tmp_path.glob(f"{seed}.db*"):
        old.unlink()
    live, memory = LiveStore.open(path), MemoryStore()
    try:
        for changes in make_story(chance, 12):
            live.commit(changes)
            memory.commit(changes)
            if chance.random() < 0.1:
                live.close()
                live = LiveStore.open(path)
        for found, meant in zip(answers(live), answers(memory), strict=True):
            assert found == meant
    finally:
        live.close()
