"""Publishing: drafts become versions, and what follows for journeys that are live."""

from __future__ import annotations

from collections.abc import Collection

from wayfare.app.book import definitions, journey_problems, named, news
from wayfare.app.desk import Desk
from wayfare.app.drafts import difference, put
from wayfare.app.trials import ready
from wayfare.config.workspace import Config
from wayfare.engine.verbs import Json
from wayfare.ground.errors import Lang, Refused
from wayfare.journey.compiled import Journey, Send


class Publishing(Desk):
    """The verbs that change journeys; each answers once the live store has it."""

    def plan(self) -> Json:
        """What `apply` would change; a draft with errors is told as `invalid` with the first of them."""
        config = self.files()
        found = [self._difference(config, name) for name in config.journeys]
        sound = [one["journey"] for one in found if one["change"] != "invalid"]
        used = {name for one in sound for name in _templates(ready(config, self.writer.book, one))}
        return {**_many(found), "definitions": named(self.writer.book, self._news(config, used))}

    def drafts(self) -> list[str]:
        """The files that `plan` would say something about: they are not in force, or have errors."""
        try:
            found = self.plan()
        except Refused as refused:  # an error in the policy, a channel or a template
            return [refused.where]
        changed = [f"journeys/{one['journey']}" for one in found["journeys"] if one["change"] != "same"]
        return [*changed, *found["definitions"]]

    def apply(self) -> Json:
        """Publish every draft and definition that changed; nothing is published when any has an error."""
        config = self.files()
        journeys = [ready(config, self.writer.book, name) for name in config.journeys]
        changed = self._news(config, {name for one in journeys for name in _templates(one)})
        told = named(self.writer.book, changed)
        if changed:
            self.writer.call("define", changed)
        return {**_many([self._publish(config, one.id) for one in journeys]), "definitions": told}

    def publish(self, journey: str) -> Json:
        """Publish a draft as the next version, with the definitions it goes by; the live version again when only
        those changed, or nothing."""
        return self._publish(self.files(), journey)

    def lifecycle(self, journey: str, verb: str) -> Json:
        """Pause, resume, stop or archive."""
        status = self.status(journey)
        newest = self._newest(journey)
        if newest is None:
            if journey not in self.files().journeys:
                raise self._no_journey(self.files(), journey)
            raise Refused("WF6919", journey, status=status, verb=verb)
        self.writer.call("lifecycle", {"journey": journey, "verb": verb})
        return {"journey": journey, "status": self.status(journey), "version": newest.version, "affected": []}

    def put_draft(self, journey: str, body: bytes, as_json: bool, expected: str | None, lang: Lang) -> Json:
        """Keep a draft; its new ETag and problems."""
        put(self.config, journey, body, as_json, expected)
        return self.draft(journey, lang)

    def _difference(self, config: Config, journey: str) -> Json:
        document = config.journeys.get(journey)
        if document is None:
            raise self._no_journey(config, journey)
        newest = self._newest(journey)
        problems = journey_problems(config, document, "en")
        errors = [one for one in problems if one["severity"] == "error"]
        if errors:
            first = f"{errors[0]['path']}:{errors[0]['line']} {errors[0]['code']}"
            version = newest.version if newest else None
            return {
                "journey": journey,
                "version": version,
                "change": "invalid",
                "diff": [first],
                "affected": [],
            }
        return difference(journey, document.data, newest, self.store.journey_counts(journey))

    def _publish(self, config: Config, journey: str) -> Json:
        draft = ready(config, self.writer.book, journey)
        found = self._difference(config, journey)
        changed = self._news(config, _templates(draft))
        told = named(self.writer.book, changed)
        if found["change"] != "same" or self.status(journey) != "live":
            newest = self._newest(journey)
            found["version"] = newest.version + 1 if newest else 1
            document = config.journeys[journey].data
            data = {"journey": journey, "version": found["version"], "document": document, **changed}
            self.writer.call("publish", data)
        elif changed:
            self.writer.call("define", changed)
        return {**found, "definitions": told}

    def _news(self, config: Config, templates: Collection[str]) -> Json:
        return news(self.writer.book, definitions(config, templates))


def _templates(journey: Journey) -> set[str]:
    """The templates that a journey sends."""
    return {node.does.template for node in journey.nodes.values() if isinstance(node.does, Send)}


def _many(found: list[Json]) -> Json:
    """Several journeys as one answer; that of the only one that changes stands on top."""
    changed = [one for one in found if one["change"] != "same"]
    only = changed[0] if len(changed) == 1 else {"journey": None, "version": None}
    affected = [row for one in found for row in one["affected"]]
    return {"journey": only["journey"], "version": only["version"], "affected": affected, "journeys": found}
