"""Every class of malformed input goes its named way, and never costs its neighbours."""

from __future__ import annotations

import pytest

from tests.facts import malformed
from wayfare.facts.decode import Head, decode
from wayfare.facts.envelope import split
from wayfare.facts.event import Event, Quarantined
from wayfare.facts.reason import CODES
from wayfare.ground.errors import WayfareError
from wayfare.ground.words import WORDS

SEEDS = range(8)
ZONE = "Asia/Shanghai"


def read(case: malformed.Case) -> list[Event | Quarantined]:
    """What the pure rooms make of a request."""
    kind = case.path.rsplit("/", 1)[-1]
    single = kind not in ("batch", "b", "import")
    batch = split(case.body, single)
    head = Head("s", batch.sent_at, batch.context, kind if single else None)  # type: ignore[arg-type]
    return [decode(item, head, malformed.RECEIPT, ZONE) for item in batch.items]


@pytest.mark.parametrize("name", malformed.CLASSES)
def test_class_goes_its_way(name: str) -> None:
    for seed in SEEDS:
        case = malformed.make(name, seed)
        if case.route == "R":
            with pytest.raises(WayfareError) as caught:
                read(case)
            assert (caught.value.status, caught.value.values["reason"]) == (case.status, name), seed
            assert caught.value.code == CODES[name]
            continue
        found = read(case)
        bad = [one for one in found if isinstance(one, Quarantined)]
        good = [one.id for one in found if isinstance(one, Event)]
        assert [one.reason for one in bad] == [case.reason] * case.bad, (seed, case.body[:300])
        assert set(case.good) <= set(good), seed
        if case.route == "A" and case.name != "batch_empty":
            assert len(good) > len(case.good) or case.name in malformed.WHOLE_APPLIED, seed


def test_every_reason_has_words() -> None:
    for code in CODES.values():
        assert f"{code}.what" in WORDS and f"{code}.mend" in WORDS
