"""The post: messages from the plan through the gates to their one final state, and the events that tell of it."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from wayfare.channels import channel as channels
from wayfare.channels import template as templates
from wayfare.contact.gate import Ruling, Standing, Use, judge, recheck
from wayfare.contact.message import FINAL, Message
from wayfare.engine.book import Book
from wayfare.engine.world import World
from wayfare.ground.draw import hashed_id
from wayfare.ground.rule import Scope
from wayfare.ground.time import Instant
from wayfare.journey import effect as effects
from wayfare.journey.enrollment import Enrollment
from wayfare.journey.stimulus import AnyStimulus, Failed, Gated, Sent
from wayfare.stores.records import Dossier, Timer

TITLES = {
    "planned": "Message Planned",
    "held": "Message Held",
    "suppressed": "Message Suppressed",
    "expired": "Message Expired",
    "sent": "Message Sent",
    "failed": "Message Failed",
}
UNKNOWN_OUTCOME = "unknown_outcome"
RETRY = "provider_busy"


class Walker(Protocol):
    """What the post asks of the executor: to let an enrollment feel, and to write an event of ours."""

    depth: int  # how many events of ours, each caused by the last, led to what happens now

    def advance(self, dossier: Dossier, enrollment_id: str, stimulus: AnyStimulus, now: Instant) -> None: ...

    def tells(self, event: str) -> bool: ...

    def write(
        self, dossier: Dossier, name: str, event: str, properties: dict[str, Any], now: Instant, origin: str,
        channel: str | None = None,
    ) -> None: ...  # fmt: skip


class Post:
    """Plans, gates, holds, starts and closes the messages of a world; every change of state is an event of ours."""

    def __init__(self, book: Book, world: World, walker: Walker) -> None:
        self.book = book
        self.world = world
        self.walker = walker
        self.planned: dict[str, None] = {}  # messages planned in this world and not started, in order

    # ---- planning

    def plan(self, dossier: Dossier, enrollment: Enrollment, send: effects.Send, now: Instant) -> Gated:
        """Plan the message of a send and ask every gate; the answer that the enrollment feels."""
        draft = Message(
            id=send.id, enrollment=enrollment.id, profile=dossier.profile.id, journey=enrollment.journey,
            version=enrollment.version, node=send.node, visit=send.visit, channel=send.channel,
            template=send.template, klass=send.klass, state="planned", planned_at=now, at=now,
            expires_at=send.expires_at, arm=enrollment.arm, chain=self.walker.depth,
        )  # fmt: skip
        self.tell(dossier, draft, "planned", now)
        if draft.expires_at is not None:
            self.world.arm(_timer(draft, "ttl", draft.expires_at))
        message, ruling = self._judged(dossier, enrollment, draft, now)
        self._ruled(dossier, message, ruling, now)
        return Gated(dossier.profile, send.id, send.id, ruling.outcome, ruling.reason, ruling.verdicts)

    def _judged(
        self, dossier: Dossier, enrollment: Enrollment | None, message: Message, now: Instant
    ) -> tuple[Message, Ruling]:
        """The message with its content as of now, and what all gates together say of it."""
        found = self._content(dossier, enrollment, message, now)
        lacking, content = (found, {}) if isinstance(found, templates.Lacking) else (None, found)
        standing = self._standing(dossier, message, lacking, now)
        ruling = judge(self.book.policy, message, dossier.profile, uses(dossier), standing, now)
        if (
            message.attempts
        ):  # the bytes are frozen at the first start: the same key never carries another body
            return message, ruling
        return msgspec.structs.replace(message, address=standing.address or "", content=content), ruling

    def _standing(
        self, dossier: Dossier, message: Message, lacking: templates.Lacking | None, now: Instant
    ) -> Standing:
        person = dossier.profile
        zone = person.timezone or self.book.zone
        return Standing(
            kill_switch=self.world.kill_switch,
            suppressed=False,  # the suppression list arrives with its import; an empty list suppresses nobody
            address=channels.address(self.book.channel(message.channel), person, now, zone),
            zone=self.book.zone,
            lacking=lacking,
            repeated=self._repeated(dossier, message),
            consent_default=self.book.consent_default,
        )

    def _content(
        self, dossier: Dossier, enrollment: Enrollment | None, message: Message, now: Instant
    ) -> dict[str, str] | templates.Lacking:
        template = self.book.templates.get(message.template)
        if template is None:
            return templates.absent(message.template)
        person = dossier.profile
        scope = Scope(
            profile=person,
            entry=enrollment.entry if enrollment else None,
            event=enrollment.entry if enrollment else None,
            context=enrollment.context if enrollment else {},
            now=now,
            zone=person.timezone or self.book.zone,
        )
        journey = {"id": message.journey, "version": message.version}
        return templates.render(template, scope, message, journey, person.locale or "")

    def _repeated(self, dossier: Dossier, message: Message) -> bool:
        """Whether the other side of a merge had got this node's message in a run of its own."""
        run = dossier.live.get(message.enrollment)
        return run is not None and (message.node, message.template) in run.got

    def _ruled(self, dossier: Dossier, message: Message, ruling: Ruling, now: Instant) -> None:
        """Keep the message as its ruling leaves it, with its timers and the event that tells of it."""
        reserved = None
        if ruling.outcome in ("planned", "held"):
            reserved = now if ruling.reserves else message.reserved
        after = msgspec.structs.replace(
            message, state=ruling.outcome, reason=ruling.reason, at=now, reserved=reserved,
            due=ruling.until if ruling.outcome == "held" else None, verdicts=ruling.verdicts,
        )  # fmt: skip
        self._keep(dossier, after)
        if ruling.outcome != "planned":
            self.tell(dossier, after, ruling.outcome, now)

    def _keep(self, dossier: Dossier, message: Message) -> None:
        self.world.post(dossier, message)
        self.planned.pop(message.id, None)
        if message.state == "planned":
            self.planned[message.id] = None
        self.world.disarm(_timer_id(message.id, "retry"))
        if message.state == "held" and message.due is not None:
            self.world.arm(_timer(message, "retry", message.due))
        if message.state in FINAL and message.expires_at is not None:
            self.world.disarm(_timer_id(message.id, "ttl"))

    def tell(self, dossier: Dossier, message: Message, state: str, now: Instant) -> None:
        """Write the event of a change of state; its id is a hash of effect, state and, for a hold, the instant."""
        if not self.walker.tells(TITLES[state]):
            return
        properties: dict[str, Any] = {
            "journey": message.journey, "version": message.version, "enrollment": message.enrollment,
            "node": message.node, "arm": message.arm, "channel": message.channel, "class": message.klass,
            "template": message.template, "message": message.id,
        }  # fmt: skip
        if message.reason:
            properties["reason"] = message.reason
        moment = str(now) if state == "held" else ""
        name = hashed_id("eff", message.id, state, moment)
        self.walker.write(dossier, name, TITLES[state], properties, now, message.enrollment, message.channel)

    # ---- later

    def regate(self, dossier: Dossier, message: Message, now: Instant) -> None:
        """A message that waited passes every gate again, its own reservation taken out first."""
        enrollment = dossier.live.get(message.enrollment)
        before = msgspec.structs.replace(message, reserved=None)
        judged, ruling = self._judged(dossier, enrollment, before, now)
        if ruling.outcome == "held" and message.state == "held":
            same = (ruling.reason, ruling.until) == (message.reason, message.due)
            if same:
                return
        self._ruled(dossier, judged, ruling, now)
        self.walker.advance(dossier, message.enrollment, Gated(
            dossier.profile, message.id, message.id, ruling.outcome, ruling.reason, ruling.verdicts
        ), now)  # fmt: skip

    def deliver(self, name: str) -> None:
        """In history a message that may go is sent at the instant at which it passed its gates."""
        found = self.world.message(name)
        assert found is not None  # it was planned in this world
        dossier, message = found
        self.answer(dossier, message, "sent", "", message.at)

    def timer(self, dossier: Dossier, timer: Timer) -> None:
        """A message's timer has come: its retry instant, or its end."""
        message = dossier.messages.get(timer.message)
        if message is None or message.state not in ("planned", "held"):
            return
        now = timer.due_at
        if message.reason == UNKNOWN_OUTCOME:
            return  # it may have gone out: nothing but an answer closes it
        if timer.id == _timer_id(message.id, "ttl"):
            self.close(dossier, message, "expired", "ttl", now)
            stimulus = Gated(dossier.profile, timer.id, message.id, "expired", "ttl")
            self.walker.advance(dossier, message.enrollment, stimulus, now)
        elif message.state == "held":
            self.regate(dossier, message, now)

    def person_changed(self, dossier: Dossier, now: Instant) -> None:
        """A condition of the person changed: what a pause holds, without an instant of its own, is asked again."""
        waiting = [m for m in dossier.messages.values() if m.state == "held" and m.due is None]
        for message in sorted(waiting, key=lambda one: one.id):
            if message.reason not in ("kill_switch", UNKNOWN_OUTCOME):
                self.regate(dossier, message, now)

    def left(self, dossier: Dossier, enrollment: Enrollment, note: effects.Note) -> None:
        """An enrollment left a send by exit, merge or move: what is not started yet ends suppressed, `left`."""
        if note.outcome != "exited":
            return
        for message in list(dossier.messages.values()):
            if message.enrollment == enrollment.id and message.state in ("planned", "held"):
                if message.reason == UNKNOWN_OUTCOME:
                    continue  # a started one runs to its end and moves nobody
                self.close(dossier, message, "suppressed", "left", note.at)

    def close(self, dossier: Dossier, message: Message, state: str, reason: str, now: Instant) -> Message:
        """Bring a message to a final state; a reservation of one that did not go is released."""
        after = msgspec.structs.replace(
            message, state=state, reason=reason, at=now, due=None,
            reserved=message.reserved if state == "sent" else None,
        )  # fmt: skip
        self._keep(dossier, after)
        self.tell(dossier, after, state, now)
        return after

    # ---- the dispatcher's side

    def start(self, dossier: Dossier, message: Message, now: Instant, waited: bool) -> Message | None:
        """The last gate before the provider call; the started message, or None when it may not go now.

        A fresh one has consent, suppression, kill switch, quiet hours and ttl read again; one that waited passes all.
        """
        enrollment = dossier.live.get(message.enrollment)
        if waited:
            before = msgspec.structs.replace(message, reserved=None)
            judged, ruling = self._judged(dossier, enrollment, before, now)
        else:
            standing = self._standing(dossier, message, None, now)
            judged, ruling = message, recheck(self.book.policy, message, dossier.profile, standing, now)
        if ruling.outcome != "planned":
            self._ruled(dossier, judged, ruling, now)
            self.walker.advance(
                dossier, message.enrollment,
                Gated(dossier.profile, message.id, message.id, ruling.outcome, ruling.reason, ruling.verdicts), now,
            )  # fmt: skip
            return None
        reserved = now if waited else message.reserved  # what waited takes its place under the caps anew
        started = msgspec.structs.replace(
            judged, state="started", attempts=message.attempts + 1, reserved=reserved
        )
        self._keep(dossier, started)
        return started

    def start_again(self, dossier: Dossier, message: Message, now: Instant) -> Message | None:
        """A started message whose outcome is unknown may be tried again with the same key and bytes, if the last gate
        still says yes; when it says no nothing more can be said of it: held, unknown_outcome."""
        standing = self._standing(dossier, message, None, now)
        if recheck(self.book.policy, message, dossier.profile, standing, now).outcome != "planned":
            self.answer(dossier, message, "unknown", "", now)
            return None
        again = msgspec.structs.replace(message, attempts=message.attempts + 1)
        self.world.post(dossier, again)
        return again

    def answer(
        self,
        dossier: Dossier,
        message: Message,
        outcome: str,
        reason: str,
        now: Instant,
        due: Instant | None = None,
    ) -> None:
        """What the provider said of a message: sent, failed, later (retry, at `due`) or unknown to anybody."""
        if message.state in FINAL:
            return
        self.walker.depth = message.chain
        if outcome == "retry" and message.enrollment not in dossier.live:
            # its run has left meanwhile: nothing is begun anew
            self.close(dossier, message, "suppressed", "left", now)
            return
        stimulus: AnyStimulus
        match outcome:
            case "sent":
                self.close(dossier, message, "sent", "", now)
                stimulus = Sent(dossier.profile, message.id, message.id)
            case "failed":
                self.close(dossier, message, "failed", reason, now)
                stimulus = Failed(dossier.profile, message.id, message.id, reason)
            case _:  # retry: the provider surely did not take it; unknown: nobody can tell
                why = RETRY if outcome == "retry" else UNKNOWN_OUTCOME
                held = msgspec.structs.replace(message, state="held", reason=why, at=now, due=due)
                self._keep(dossier, held)
                self.tell(dossier, held, "held", now)
                stimulus = Gated(dossier.profile, message.id, message.id, "held", why)
        self.walker.advance(dossier, message.enrollment, stimulus, now)


def uses(dossier: Dossier) -> list[Use]:
    """The reservations of one person, those of every merged id together."""
    return [
        Use(message.id, message.reserved, message.channel, message.klass)
        for message in dossier.messages.values()
        if message.reserved is not None
    ]


def message_timers(message: str) -> tuple[str, str]:
    """The names of the timers that a message may have."""
    return _timer_id(message, "retry"), _timer_id(message, "ttl")


def _timer_id(message: str, what: str) -> str:
    return f"{message}:{what}"


def _timer(message: Message, what: str, due: Instant) -> Timer:
    return Timer(_timer_id(message.id, what), due, "message", message.profile, message.enrollment, message.id)
