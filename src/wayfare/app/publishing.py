"""Publishing: drafts become versions, and what follows for journeys that are live."""

from __future__ import annotations

from wayfare.app.desk import Desk
from wayfare.app.drafts import difference, put
from wayfare.app.trials import ready
from wayfare.config.workspace import Config, load
from wayfare.engine.verbs import Json
from wayfare.ground.errors import Lang, Refused


class Publishing(Desk):
    """The verbs that change journeys; each answers once the live store has it."""

    def plan(self) -> Json:
        """What publishing every draft would change."""
        config = load(self.config.root)
        return _many([self._difference(config, name) for name in config.journeys])

    def apply(self) -> Json:
        """Publish every draft that changed; nothing is published when any has an error."""
        config = load(self.config.root)
        for name in config.journeys:
            ready(config, self.writer.book, name, "en")
        return _many([self._publish(config, name) for name in config.journeys])

    def publish(self, journey: str) -> Json:
        """Publish a draft as the next version; the live version again when nothing changed."""
        return self._publish(load(self.config.root), journey)

    def lifecycle(self, journey: str, verb: str) -> Json:
        """Pause, resume, stop or archive."""
        status = self.status(journey)
        newest = self._newest(journey)
        if newest is None:
            if journey not in load(self.config.root).journeys:
                raise self._no_journey(load(self.config.root), journey)
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
        data = document.data if isinstance(document.data, dict) else {}
        return difference(journey, data, self._newest(journey), self.store.journey_counts(journey))

    def _publish(self, config: Config, journey: str) -> Json:
        ready(config, self.writer.book, journey, "en")
        found = self._difference(config, journey)
        if found["change"] != "same" or self.status(journey) != "live":
            newest = self._newest(journey)
            found["version"] = newest.version + 1 if newest else 1
            data = {
                "journey": journey,
                "version": found["version"],
                "document": config.journeys[journey].data,
            }
            self.writer.call("publish", data)
        return found


def _many(found: list[Json]) -> Json:
    """Several journeys as one answer; that of the only one that changes stands on top."""
    changed = [one for one in found if one["change"] != "same"]
    only = changed[0] if len(changed) == 1 else {"journey": None, "version": None}
    affected = [row for one in found for row in one["affected"]]
    return {"journey": only["journey"], "version": only["version"], "affected": affected, "journeys": found}
