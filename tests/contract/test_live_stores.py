"""The trial of every live store: what each question means."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.contract.made import HOUR, Store, make_event, make_line, make_message, make_run
from wayfare.contact.message import Verdict
from wayfare.people.identity import Merge, Owner
from wayfare.people.profile import Profile
from wayfare.stores.live import LiveStore
from wayfare.stores.memory import MemoryStore
from wayfare.stores.records import (
    Applied,
    Changes,
    Command,
    Missed,
    QuarantineRow,
    TaskRow,
    Timer,
)


@pytest.fixture(params=["live", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = LiveStore.open(tmp_path / "live.db") if request.param == "live" else MemoryStore()
    yield made
    made.close()


def test_an_empty_store_knows_nobody(store: Store) -> None:
    assert store.load(["p1"]) == {} and store.owners([("user_id", "u")]) == {} and store.meta() == {}
    assert store.find("u") is None and store.profile("p1") is None and store.profiles().items == []
    assert store.due(10**15) == [] and store.totals() == {"people": 0}
    assert store.journey_counts("cart").nodes == {}


def test_a_dossier_is_all_that_is_live_of_a_person(store: Store) -> None:
    person = Profile("p1", 1, 9, {"tier": "gold"}, {"tier": (5, 1)}, identifiers=(("user_id", "u1"),))
    live, later = make_run("r2", entered_at=20), make_run("r1", entered_at=30, node="mail", posture="held")
    past = [
        make_run("r3", status="exited", key="c1", exited_at=40, reason="bought"),
        make_run("r4", status="completed", key="c1", exited_at=50, reason="completed"),
        make_run("r5", status="completed", exited_at=45, reason="completed"),
    ]
    messages = [
        make_message("m1"),
        make_message("m2", "sent", reserved=100),
        make_message("m3", "sent", reserved=99),
        make_message("m4", "suppressed"),
        make_message("m5", "held", reason="quiet", due=60, verdicts=(Verdict("quiet", "hold", "night", 60),)),
    ]
    store.commit(
        Changes(
            profiles={"p1": person, "p2": Profile("p2", 2)},
            enrollments={run.id: run for run in (later, live, *past)},
            messages={message.id: message for message in messages},
        )
    )
    dossier = store.load(["p1", "p9"], reserved_since=100)["p1"]
    assert dossier.profile == person
    assert list(dossier.live.items()) == [("r2", live), ("r1", later)]
    assert dossier.past == {("cart", "c1"): 50, ("cart", None): 45}
    assert set(dossier.messages) == {"m1", "m2", "m5"}
    assert dossier.messages["m5"] == messages[4]
    assert set(store.load(["p1"])["p1"].messages) == {"m1", "m2", "m3", "m5"}
    assert store.load(["p1", "p2"])["p2"].live == {}


def test_rows_by_their_ids(store: Store) -> None:
    run, message = make_run("r1"), make_message("m1")
    task = TaskRow(
        "t1", "r1", "p1", "cart", "ring", 3, "advisors", "Call", None, 5, 9, ("reached", "no_answer")
    )
    timer = Timer("w1", 50, "node", "p1", "r1", wall="2026-03-01T10:00", zone="Asia/Shanghai")
    store.commit(
        Changes(enrollments={"r1": run}, messages={"m1": message}, tasks={"t1": task}, armed={"w1": timer})
    )
    assert store.enrollments_by_id(["r1", "x"]) == {"r1": run} and store.enrollment("r1") == run
    assert store.messages_by_id(["m1", "x"]) == {"m1": message}
    assert store.tasks_by_id(["t1", "x"]) == {"t1": task}
    assert store.timers_by_id(["w1", "x"]) == {"w1": timer}


def test_timers_come_in_the_order_in_which_they_fire(store: Store) -> None:
    timers = [
        Timer(name, due, "node", "p", "r") for name, due in (("b", 5), ("a", 5), ("c", 4), ("d", 6), ("e", 7))
    ]
    store.commit(Changes(armed={timer.id: timer for timer in timers}))
    assert [timer.id for timer in store.due(6)] == ["c", "a", "b", "d"]
    assert [timer.id for timer in store.due(6, limit=2)] == ["c", "a"]
    moved = Timer("c", 9, "node", "p", "r")
    store.commit(Changes(disarmed={"a", "never"}, armed={"c": moved}))
    assert [timer.id for timer in store.due(9)] == ["b", "d", "e", "c"]
    store.commit(Changes(disarmed={"b"}, armed={"b": timers[0]}))  # taken back and set anew in one batch
    assert "b" in store.timers_by_id(["b"])


def test_messages_wait_for_an_instant_or_for_a_cause(store: Store) -> None:
    messages = [
        make_message("m3", "held", reason="kill_switch"),
        make_message("m1", "held", reason="kill_switch"),
        make_message("m2", "held", reason="kill_switch", due=80),
        make_message("m4", "held", reason="unknown_outcome"),
        make_message("m5"),
        make_message("m0"),
    ]
    store.commit(Changes(messages={message.id: message for message in messages}))
    assert [message.id for message in store.held_for("kill_switch")] == ["m1", "m3"]
    assert [message.id for message in store.held_for("kill_switch", after="m1")] == ["m3"]
    assert [message.id for message in store.held_for("kill_switch", limit=1)] == ["m1"]
    assert [message.id for message in store.outbox()] == ["m5", "m0"]
    assert [message.id for message in store.outbox(1)] == ["m5"]
    assert [message.id for message in store.outbox(state="held")] == ["m3", "m1", "m2", "m4"]
    store.commit(Changes(messages={"m1": msgspec.structs.replace(messages[1], state="planned", reason="")}))
    assert [message.id for message in store.held_for("kill_switch")] == ["m3"]
    assert store.message_counts() == {"held": 3, "planned": 3}
    assert store.message_counts("cart") == {"held": 3, "planned": 3} and store.message_counts("other") == {}


def test_a_merged_person_is_found_by_every_name_she_ever_had(store: Store) -> None:
    people = {name: Profile(name, 1) for name in ("p1", "p2", "p3")}
    owners = {("user_id", f"u{n}"): Owner(f"p{n}", n, n == 3) for n in (1, 2, 3)}
    store.commit(
        Changes(
            profiles=people,
            identifiers=owners,
            missed={("p3", "cart"): Missed("p3", "cart", 5, "e", "limit")},
        )
    )
    assert store.owners([("user_id", "u3"), ("anonymous_id", "u3")]) == {
        ("user_id", "u3"): Owner("p3", 3, True)
    }
    one = Changes(
        profiles={"p2": Profile("p2", 1, merged=("p3",))},
        gone={"p3": "p2"},
        merges=[Merge("p2", "p3", 7, "alias", "e7", 70)],
        identifiers={("user_id", "u3"): Owner("p2", 3, True)},
    )
    two = Changes(
        profiles={"p1": Profile("p1", 1, merged=("p2", "p3")), "p2": people["p2"]},
        gone={"p2": "p1"},
        merges=[Merge("p1", "p2", 8, "link", "e8", 80)],
        identifiers={("user_id", "u3"): Owner("p1", 3, True), ("user_id", "u2"): Owner("p1", 2)},
    )
    store.commit(one)
    store.commit(two)
    assert [store.find(name) for name in ("p1", "p2", "p3", "u1", "user_id:u2", "u3", "u4")] == ["p1"] * 6 + [
        None
    ]
    assert store.profile("p3") == two.profiles["p1"]
    assert [one.profile for one in store.missed("p1")] == ["p3"]
    assert store.merges_after() == [one.merges[0], two.merges[0]] and store.merges_after(70) == two.merges
    assert store.totals()["people"] == 1
    assert set(store.load(["p1", "p2", "p3"])) == {"p1"}


def test_a_colon_in_a_userid_is_no_namespace(store: Store) -> None:
    store.commit(
        Changes(profiles={"p": Profile("p", 1)}, identifiers={("user_id", "weixin:o1"): Owner("p", 1)})
    )
    assert store.find("weixin:o1") == "p" == store.find("user_id:weixin:o1")


def test_people_are_searched_by_a_part_of_the_name_and_the_beginning_of_an_id(store: Store) -> None:
    people = [
        Profile(f"p{n}", n, traits={"name": name})
        for n, name in enumerate(["Mei Li", "Anna", "美丽", "100%"])
    ]
    store.commit(
        Changes(
            profiles={one.id: one for one in people},
            identifiers={("user_id", "li-9"): Owner("p1", 1), ("anonymous_id", "xli"): Owner("p2", 1)},
        )
    )
    assert [one.id for one in store.profiles("li").items] == ["p1", "p0"]
    assert [one.id for one in store.profiles("美").items] == ["p2"]
    assert [one.id for one in store.profiles("%").items] == ["p3"]
    assert [one.id for one in store.profiles("p1").items] == ["p1"]
    first = store.profiles(limit=3)
    assert [one.id for one in first.items] == ["p3", "p2", "p1"] and first.next_cursor
    last = store.profiles(limit=3, cursor=first.next_cursor)
    assert [one.id for one in last.items] == ["p0"] and last.next_cursor is None


def test_counts_conserve_every_visit(store: Store) -> None:
    waits = make_run("r1", node="pause", visit=1)
    holds = make_run("r2", profile="p2", node="mail", visit=2, posture="held")
    store.commit(
        Changes(
            enrollments={"r1": waits, "r2": holds},
            transitions=[
                make_line("r1", 1, "pause", "waiting"),
                make_line("r2", 1, "pause", "left", "next", profile="p2"),
                make_line("r2", 2, "mail", "waiting", profile="p2"),
                make_line("r2", 2, "mail", "held", "quiet", profile="p2"),
            ],
            messages={"m1": make_message("m1", "held", reason="quiet", enrollment="r2", profile="p2")},
        )
    )
    counts = store.journey_counts("cart")
    assert (counts.entered, counts.treated, counts.control, counts.exits) == (2, 2, 0, {})
    pause, mail = counts.nodes["pause"], counts.nodes["mail"]
    assert (pause.entered, pause.waiting, pause.held, pause.left, pause.edges) == (2, 1, 0, 1, {"next": 1})
    assert (mail.entered, mail.waiting, mail.held, mail.left) == (1, 0, 1, 0)
    assert mail.held_by == {"quiet": 1} and mail.messages == {"held": 1}
    control = make_run(
        "r3", profile="p3", node="done", visit=2, status="completed", arm="control", exited_at=9
    )
    store.commit(
        Changes(
            enrollments={
                "r1": msgspec.structs.replace(waits, status="exited", exited_at=9, reason="bought"),
                "r2": msgspec.structs.replace(holds, posture="waiting"),
                "r3": control,
            },
            transitions=[
                make_line("r1", 1, "pause", "goal", "order"),
                make_line("r1", 1, "pause", "exited", "bought"),
                make_line("r2", 2, "mail", "waiting", profile="p2"),
                make_line("r3", 1, "mail", "withheld", "next", profile="p3", arm="control"),
                make_line("r3", 2, "done", "finished", "completed", profile="p3", arm="control"),
                make_line("r3", 2, "done", "goal", "order", profile="p3", arm="control"),
            ],
            messages={"m1": make_message("m1", "sent", enrollment="r2", profile="p2")},
        )
    )
    counts = store.journey_counts("cart")
    assert (counts.entered, counts.treated, counts.control) == (3, 2, 1)
    assert counts.exits == {"bought": 1, "completed": 1}
    assert counts.goals == {"order": {"treated": 1, "control": 1}}
    mail = counts.nodes["mail"]
    assert (mail.entered, mail.waiting, mail.held, mail.left, mail.withheld) == (2, 1, 0, 1, 1)
    assert mail.held_by == {} and mail.messages == {"sent": 1}
    assert counts.nodes["pause"].edges == {"next": 1, "exit": 1} and counts.nodes["done"].edges == {
        "finish": 1
    }
    for node in counts.nodes.values():
        assert node.entered == node.waiting + node.held + node.left
    assert store.journey_counts("cart", version=2).nodes == {} == store.journey_counts("other").nodes


def test_a_window_counts_what_happened_and_a_cohort_what_befell_it(store: Store) -> None:
    old = make_run("r1", entered_at=HOUR, node="mail", visit=2)
    new = make_run("r2", entered_at=5 * HOUR, node="pause", visit=1)
    store.commit(
        Changes(
            enrollments={"r1": old, "r2": new},
            transitions=[
                make_line("r1", 1, "pause", "waiting", at=HOUR),
                make_line("r1", 1, "pause", "left", "next", at=6 * HOUR),
                make_line("r1", 2, "mail", "waiting", at=6 * HOUR),
                make_line("r2", 1, "pause", "waiting", at=5 * HOUR),
            ],
        )
    )
    window = store.journey_counts("cart", since=4 * HOUR)
    assert window.entered == 1
    assert (window.nodes["pause"].entered, window.nodes["pause"].left, window.nodes["mail"].entered) == (
        1,
        1,
        1,
    )
    cohort = store.journey_counts("cart", since=4 * HOUR, clock="entry")
    assert cohort.entered == 1 and "mail" not in cohort.nodes
    assert (cohort.nodes["pause"].entered, cohort.nodes["pause"].waiting, cohort.nodes["pause"].left) == (
        1,
        1,
        0,
    )


def test_missed_entries_add_up_and_the_latest_is_told(store: Store) -> None:
    first = Missed("p1", "cart", 5, "e1", "limit", ({"gate": "limit", "outcome": "no"},), 2)
    store.commit(Changes(profiles={"p1": Profile("p1", 1)}, missed={("p1", "cart"): first}))
    store.commit(Changes(missed={("p1", "cart"): Missed("p1", "cart", 9, "e2", "where")}))
    assert store.missed("p1") == [Missed("p1", "cart", 9, "e2", "where", (), 3)]


def test_the_ledger_is_read_in_order(store: Store) -> None:
    ours = make_event("ours")
    applied = [
        Applied(1, 1, "applied", "p1"),
        Applied(2, 1, "applied", "p1", event=ours),
        Applied(3, 2, "late", "p2", "old"),
    ]
    rows = [QuarantineRow(n, 7, "web", "no_id", "neither", "/userId", b"{\xff") for n in (4, 5, 6)]
    commands = [Command(n, 2, 9, "publish", {"journey": "cart", "n": [n]}) for n in (1, 2)]
    store.commit(
        Changes(
            applied=applied,
            quarantined=rows,
            commands=commands,
            limits={("cart", "0"): 3},
            meta={"offset": 2, "x": [1, "a"]},
        )
    )
    store.commit(Changes(limits={("cart", "0"): 4}, meta={"offset": 6}))
    assert store.applied_after(0) == applied and store.applied_after(1, 1) == applied[1:2]
    page = store.quarantine(limit=2)
    assert page.items == [rows[2], rows[1]]
    assert store.quarantine(limit=2, cursor=page.next_cursor).items == [rows[0]]
    assert store.commands() == commands and store.commands(1) == commands[1:]
    assert store.limits([("cart", "0"), ("cart", "1")]) == {("cart", "0"): 4}
    assert store.meta() == {"offset": 6, "x": [1, "a"]} == store.standing()
    assert store.totals() == {"people": 0, "applied": 2, "late": 1}


def test_pages_of_runs_lines_messages_and_tasks(store: Store) -> None:
    runs = [make_run(f"r{n}", profile=f"p{n % 2}", node="pause", visit=1, entered_at=n) for n in range(6)]
    gone = make_run("r9", profile="p0", status="exited", node="pause")
    tasks = [
        TaskRow(f"t{n}", "r1", "p1", "cart", "ring", 3, f"q{n % 2}", "Call", None, 5, 9) for n in range(3)
    ]
    lines = [make_line(run.id, 1, "pause", "waiting", profile="older") for run in runs]
    messages = [
        make_message(f"m{n}", "sent" if n % 2 else "planned", profile=f"p{n % 2}", planned_at=9 - n)
        for n in range(4)
    ]
    store.commit(
        Changes(
            profiles={"p0": Profile("p0", 1), "p1": Profile("p1", 1)},
            enrollments={run.id: run for run in (*runs, gone)},
            transitions=lines,
            messages={message.id: message for message in messages},
            tasks={task.id: task for task in tasks},
        )
    )
    page = store.enrollments_at("cart", "pause", limit=4)
    assert [run.id for run in page.items] == ["r5", "r4", "r3", "r2"]
    assert [run.id for run in store.enrollments_at("cart", "pause", cursor=page.next_cursor).items] == [
        "r1",
        "r0",
    ]
    assert store.enrollments_at("cart", "pause", "held").items == []
    assert store.enrollments_at("cart").items[0].id == "r9"
    assert [run.id for run in store.enrollments_of("p0")] == ["r9", "r4", "r2", "r0"]
    assert [line.enrollment for line in store.transitions(profile="p1").items] == ["r5", "r3", "r1"]
    assert store.transitions(enrollment="r2").items == [lines[2]]
    assert store.transitions(journey="cart", limit=2).items == [lines[5], lines[4]]
    assert store.transitions(journey="other").items == []
    assert [one.id for one in store.messages().items] == ["m3", "m2", "m1", "m0"]
    assert [one.id for one in store.messages(state="sent").items] == ["m3", "m1"]
    assert [one.id for one in store.messages(profile="p0", state="sent").items] == []
    assert [one.id for one in store.messages(profile="p0", journey="cart").items] == ["m2", "m0"]
    assert [task.id for task in store.tasks("open", "q0").items] == ["t2", "t0"]
    assert store.tasks("done").items == []


def test_the_state_hash_forgets_attempts_and_the_order_of_keys_and_nothing_else(store: Store) -> None:
    person = Profile("p1", 1, traits={"a": 1, "b": 2}, stamps={"a": (1, 1), "b": (1, 1)})
    message = make_message("m1")
    timer = Timer("w", 5, "node", "p1", "r1")
    store.commit(Changes(profiles={"p1": person}, messages={"m1": message}, armed={"w": timer}))
    before = store.state_hash()
    swapped = msgspec.structs.replace(person, traits={"b": 2, "a": 1})
    store.commit(
        Changes(profiles={"p1": swapped}, messages={"m1": msgspec.structs.replace(message, attempts=3)})
    )
    assert store.state_hash() == before
    for change in (
        Changes(profiles={"p1": msgspec.structs.replace(person, seen=2)}),
        Changes(messages={"m1": msgspec.structs.replace(message, state="sent")}),
        Changes(armed={"w": Timer("w", 6, "node", "p1", "r1")}),
        Changes(enrollments={"r1": make_run("r1")}),
    ):
        store.commit(change)
        after = store.state_hash()
        assert after != before
        before = after
