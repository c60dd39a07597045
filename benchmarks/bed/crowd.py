"""The crowd: people of a shop and what they do, the same for the same seed, as items of the Segment family."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from random import Random

# what happens, per thousand
HABITS = {
    "Product Viewed": 500,
    "Product Searched": 150,
    "App Opened": 120,
    "Product Added": 100,
    "Checkout Started": 40,
    "Order Completed": 40,
    "Coupon Claimed": 20,
    "Review Left": 8,
    "Signed Up": 8,
    "Support Opened": 4,
    "": 10,  # identify
}
_NAMES = list(HABITS)
_UPTO = list(accumulate(HABITS.values()))


class Crowd:
    """An endless stream of things that `people` people do; ids never repeat within a seed."""

    def __init__(self, people: int, seed: int = 1) -> None:
        self.people = people
        self.seed = seed
        self._random = Random(seed)
        self._number = 0

    def items(self, count: int) -> Iterator[bytes]:
        """The next things that happen, each as the JSON of one item."""
        random = self._random
        names = random.choices(_NAMES, cum_weights=_UPTO, k=count)
        for name in names:
            self._number += 1
            who = int(random.random() * self.people)
            head = f'{{"messageId":"m{self.seed}-{self._number}","userId":"u{who}"'
            if name:
                luck = int(random.random() * 1000)
                text = (
                    f'{head},"type":"track","event":"{name}","properties":'
                    f'{{"n":{self._number},"price":{luck},"sku":"sku-{luck % 97}","results":{luck % 20}}}}}'
                )
            else:
                text = f'{head},"type":"identify","traits":{self.traits(who)}}}'
            yield text.encode()

    def known(self) -> Iterator[bytes]:
        """One identify call for each of the people, in order."""
        for who in range(self.people):
            yield (
                f'{{"messageId":"k{self.seed}-{who}","userId":"u{who}","type":"identify",'
                f'"traits":{self.traits(who)}}}'
            ).encode()

    @staticmethod
    def traits(who: int) -> str:
        """What is known of a person."""
        name, level = f"Guest {who}", who % 5
        return f'{{"email":"u{who}@example.org","phone":"+86139{who:08d}","first_name":"{name}","level":{level}}}'


def batch(items: list[bytes]) -> bytes:
    """The body of one request."""
    return b'{"batch":[' + b",".join(items) + b"]}"
