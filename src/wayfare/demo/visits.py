"""The visits of the demo: what one guest does on one visit, stage by stage, as calls of the Segment family."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wayfare.demo.guests import GUESTS, Guest, chance, guest, pick
from wayfare.ground.time import DAY, HOUR, MINUTE, Instant, format_instant, start_of_day

ZONE = "Asia/Shanghai"
ITEMS = ("beef noodles", "dumplings", "wonton soup", "cold noodles", "pork bun", "osmanthus cake")


@dataclass(frozen=True, slots=True)
class Call:
    """One call at one instant."""

    at: Instant
    item: dict[str, Any]


def introduction(one: Guest, at: Instant) -> list[Call]:
    """Who the guest is, and what they allow."""
    calls = [_call(one, at, "intro", {"type": "identify", "traits": one.traits, "channel": "app"})]
    for place, (channel, state) in enumerate(one.consents.items(), 1):
        properties = {
            "purpose": "marketing",
            "channel": channel,
            "state": state,
            "basis": "membership sign-up",
        }
        if state == "withdrawn":
            properties["basis"] = "reply R"
            refused = {
                "purpose": "transactional",
                "channel": channel,
                "state": "withdrawn",
                "basis": "reply R",
            }
            calls.append(_track(one, at + place, f"consent-t-{channel}", "Consent Changed", "app", refused))
        calls.append(_track(one, at + place, f"consent-{channel}", "Consent Changed", "app", properties))
    return calls


def history(today: Instant, days: int) -> Iterator[Call]:
    """Everything from `days` days before today up to today, guest by guest."""
    first = start_of_day(today, ZONE) - days * DAY
    for number in range(GUESTS):
        one = guest(number)
        yield from introduction(one, first + int(chance(number, "joined") * HOUR))
        visits = 0
        for day in range(days):
            if chance(number, "visit", day) < one.persona.visits_a_month / 30:
                visits += 1
                hour = pick(one.persona.hours, number, "hour", day)
                at = first + day * DAY + hour * HOUR + int(chance(number, "minute", day) * HOUR)
                yield from visit(one, at, f"{number}-h{day}", visits)


def arrival(minute: int, now: Instant) -> list[Call]:
    """The live visit that begins in a minute of the demo's day; somebody new arrives every minute."""
    number = int(chance("live", minute) * GUESTS)
    return visit(guest(number), now, f"{number}-m{minute}", 3 + minute % 4)


def visit(one: Guest, at: Instant, key: str, nth: int) -> list[Call]:
    """One visit from the door to the last word: arrive, order and pay, wait, dine, feedback."""
    order = f"A{abs(hash_of(key)) % 1_000_000:06d}"
    spend = int(one.persona.spend_minor * (0.7 + 0.6 * chance(key, "spend")) / 100) * 100
    wait = _wait(key)
    base: dict[str, Any] = {"order_id": order, "store": one.store[1], "store_id": one.store[0]}
    door = pick(("app", "mini-program", "store", "store"), key, "door")
    calls = []
    if door != "store":
        calls.append(_track(one, at, key + "-open", "Menu Viewed", door, {"store": one.store[1]}))
    at += int(chance(key, "browse") * 2 * MINUTE)
    calls.append(
        _track(
            one,
            at,
            key + "-queue",
            "Queue Joined",
            door,
            {**base, "party": 1 + int(chance(key, "party") * 5)},
        )
    )
    at += int((0.5 + 2 * chance(key, "seat")) * MINUTE)
    item = pick(ITEMS, key, "dish")
    calls.append(_track(one, at, key + "-order", "Order Placed", door, {**base, "item": item}))
    at += int((0.3 + chance(key, "pay")) * MINUTE)
    calls.append(
        _track(
            one,
            at,
            key + "-paid",
            "Order Paid",
            door,
            {**base, "total": spend, "currency": "CNY", "item": item, "visit": nth},
        )
    )
    if chance(key, "cancel") < 0.02:
        calls.append(
            _track(
                one,
                at + 5 * MINUTE,
                key + "-cancel",
                "Order Cancelled",
                "store",
                {**base, "reason": "no time"},
            )
        )
        return calls
    at += wait
    calls.append(
        _track(one, at, key + "-served", "Food Served", "store", {**base, "wait_minutes": wait // MINUTE})
    )
    at += int((18 + 30 * chance(key, "dine")) * MINUTE)
    calls.append(_track(one, at, key + "-finished", "Meal Finished", "store", {**base, "visit": nth}))
    return calls + _afterwards(one, at, key, base, wait)


def _afterwards(one: Guest, at: Instant, key: str, base: dict[str, Any], wait: int) -> list[Call]:
    """Some say how it was, a few call to complain."""
    mood = 9.5 - max(0, wait / MINUTE - 15) * (0.28 - 0.2 * one.persona.patience) - 2.5 * chance(key, "mood")
    score = max(0, min(10, round(mood)))
    if chance(key, "answers") < (0.75 if score <= 6 else 0.5):
        later = at + int((15 + 60 * chance(key, "later")) * MINUTE)
        said = [_track(one, later, key + "-feedback", "Feedback Given", "wecom", {**base, "score": score})]
        if score <= 3 and chance(key, "call") < 0.5:
            case = {**base, "case_id": "C" + base["order_id"], "topic": "waiting time"}
            said.append(_track(one, later + 20 * MINUTE, key + "-case", "Case Opened", "call", case))
            said.append(_track(one, later + 3 * HOUR, key + "-closed", "Case Closed", "call", case))
        return said
    return []


def _wait(key: str) -> int:
    """How long the kitchen takes: mostly a quarter of an hour, sometimes far too long."""
    luck = chance(key, "kitchen")
    minutes = 6 + 12 * chance(key, "pace") if luck < 0.62 else 20 + 26 * chance(key, "jam")
    return int(minutes * MINUTE)


def hash_of(key: str) -> int:
    """A whole number of a key, the same in every process."""
    return int(chance(key, "number") * (1 << 40))


def _track(one: Guest, at: Instant, key: str, event: str, channel: str, properties: dict[str, Any]) -> Call:
    return _call(
        one, at, key, {"type": "track", "event": event, "properties": properties, "channel": channel}
    )


def _call(one: Guest, at: Instant, key: str, item: dict[str, Any]) -> Call:
    context = {"timezone": ZONE, "locale": one.locale}
    return Call(
        at,
        {
            **item,
            "messageId": f"demo-{one.user_id}-{key}",
            "userId": one.user_id,
            "timestamp": format_instant(at),
            "context": context,
        },
    )
