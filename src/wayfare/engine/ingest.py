"""The ingest: a row of the log becomes an event, or a quarantined item with its reason."""

from __future__ import annotations

import msgspec

from wayfare.facts.decode import decode, head_of
from wayfare.facts.event import Event, Quarantined
from wayfare.stores.log import Row

_EVENT = msgspec.msgpack.Decoder(Event)


def read_row(row: Row, zone: str) -> Event | Quarantined:
    """What a log row tells, decoded once and always to the same value; `zone` is the workspace's."""
    match row.form:
        case "segment" | "refused":
            return decode(row.body, head_of(row.head), row.receipt, zone)
        case "import":
            try:
                event = _EVENT.decode(row.body)
            except msgspec.MsgspecError as wrong:
                return Quarantined("import_unreadable", str(wrong))
            return msgspec.structs.replace(event, received=row.receipt, backfill=True)
        case _:
            return Quarantined("form_unknown", row.form)
