"""The rehearsal: drafts walked over stored history, with the span, the seed and the rows that a command asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wayfare.app.book import make_book
from wayfare.app.trials import ready
from wayfare.config.workspace import Config
from wayfare.engine.dump import write
from wayfare.engine.simulate import Span, feed_names, simulate
from wayfare.engine.verbs import Json, Progress
from wayfare.engine.views import transition_row
from wayfare.facts.event import CONSENT_CHANGED, Event
from wayfare.ground.errors import Malformed
from wayfare.ground.time import DAY, parse_instant
from wayfare.stores.history import HistoryRow

if TYPE_CHECKING:
    from wayfare.engine.asking import Asked

IDENTITY = ("identify", "alias", "group")  # kinds that fold into the person, whatever their name
MOST_DAYS = 36_500
TELL_EVERY = 5_000


def simulate_drafts(
    config: Config,
    history: Asked,
    journeys: Sequence[str],
    options: Mapping[str, Any],
    progress: Progress | None,
) -> Json:
    """The document of contract §6. Options: from, to, days, seed, and `transitions`, a file for the ledger's rows."""
    book = make_book(config)
    drafts = [ready(config, book, name) for name in dict.fromkeys(journeys)]
    zone = config.settings.tz
    if options.get("to"):
        end = parse_instant(str(options["to"]), zone)
    else:
        highest = history.highest_time()
        end = (highest if highest is not None else 0) + 1
    start = parse_instant(str(options["from"]), zone) if options.get("from") else None
    if options.get("days"):
        start = end - min(int(options["days"]), MOST_DAYS) * DAY
    if options.get("to") and start is not None and start >= end:
        raise Malformed("WF5007", "simulate")
    names = feed_names(drafts) | {CONSENT_CHANGED}
    feed = _told(history.scan(names, IDENTITY, end), progress)
    found = simulate(book, drafts, feed, Span(start, end), int(options.get("seed") or 0))
    if options.get("transitions"):
        write("transitions", map(transition_row, found.transitions), Path(options["transitions"]))
    return found.to_dict()


def _told(rows: Iterable[HistoryRow], progress: Progress | None) -> Iterator[Event]:
    for done, row in enumerate(rows, 1):
        if progress is not None and done % TELL_EVERY == 0:
            progress(done, None)
        yield row.event
