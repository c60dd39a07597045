"""The guests of the demo: two thousand people of six personas, the same ones for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wayfare.ground.draw import draw

SEED = "noodle-lane"
GUESTS = 2_000


@dataclass(frozen=True, slots=True)
class Persona:
    """A kind of guest: how often they come, what they spend, how patient they are."""

    id: str
    share: float
    visits_a_month: float
    spend_minor: int
    patience: float  # 0 (everything annoys) … 1 (nothing does)
    hours: tuple[int, ...]  # when they come, local


PERSONAS = (
    Persona("office-lunch", 0.28, 2.4, 4_200, 0.45, (11, 12, 12, 13)),
    Persona("weekend-family", 0.20, 1.1, 23_800, 0.60, (11, 12, 17, 18, 18)),
    Persona("student", 0.18, 1.5, 3_600, 0.80, (12, 17, 19, 20)),
    Persona("night-owl", 0.12, 1.2, 6_800, 0.70, (20, 21, 22)),
    Persona("business-host", 0.12, 0.9, 48_000, 0.30, (12, 18, 19)),
    Persona("traveller", 0.10, 0.4, 9_500, 0.65, (10, 12, 15, 18)),
)
FAMILY = tuple("王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗")
GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "磊",
    "洋",
    "艳",
    "勇",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "霞",
    "平",
    "欣怡",
    "子涵",
    "雨桐",
    "浩然",
)
FIRST = (
    "Emma",
    "Liam",
    "Olivia",
    "Noah",
    "Ava",
    "James",
    "Mia",
    "Lucas",
    "Amelia",
    "Ethan",
    "Grace",
    "Henry",
)
LAST = ("Smith", "Brown", "Taylor", "Wilson", "Martin", "Clark", "Walker", "Young")
STORES = (
    ("SH-01", "静安店"),
    ("SH-02", "徐汇店"),
    ("SH-03", "浦东店"),
    ("HZ-01", "西湖店"),
    ("BJ-01", "三里屯店"),
)
TIERS = (("gold", 0.12), ("silver", 0.33), ("member", 1.0))


@dataclass(frozen=True, slots=True)
class Guest:
    """One guest, with everything that is drawn once."""

    number: int
    persona: Persona
    locale: str
    traits: dict[str, Any]
    consents: dict[str, str]  # channel → state of marketing consent
    store: tuple[str, str]

    @property
    def user_id(self) -> str:
        """The id that every channel knows the guest by."""
        return f"guest-{self.number:04d}"


def chance(*key: object) -> float:
    """A draw of the demo in [0, 1)."""
    return draw(SEED, *map(str, key))


def pick(options: tuple[Any, ...], *key: object) -> Any:
    """One of some options, drawn by a key."""
    return options[int(chance(*key) * len(options))]


def guest(number: int) -> Guest:
    """The guest of a number from 0 to GUESTS - 1."""
    persona = _persona(chance(number, "persona"))
    chinese = chance(number, "locale") < 0.86
    traits = _named(number, chinese)
    tier = next(name for name, upto in TIERS if chance(number, "tier") < upto)
    phone = f"+86139{int(chance(number, 'phone') * 10**8):08d}"
    traits.update(persona=persona.id, tier=tier, openid=f"o-{number:04d}", phone=phone)
    traits["store"] = pick(STORES, number, "store")[0]
    if chance(number, "email") < 0.6:
        traits["email"] = f"guest{number:04d}@example.com"
    if chance(number, "wecom") < 0.7:
        traits["wecom"] = f"w-{number:04d}"
    consents = {}
    for channel, share in (("sms", 0.55), ("wecom", 0.7), ("mini-program", 0.8)):
        luck = chance(number, "consent", channel)
        consents[channel] = "granted" if luck < share else "withdrawn" if luck > 0.9 else "denied"
    locale = "zh-CN" if chinese else "en"
    return Guest(number, persona, locale, traits, consents, pick(STORES, number, "store"))


def _persona(luck: float) -> Persona:
    for persona in PERSONAS:
        if luck < persona.share:
            return persona
        luck -= persona.share
    return PERSONAS[-1]


def _named(number: int, chinese: bool) -> dict[str, Any]:
    if chinese:
        family, given = pick(FAMILY, number, "family"), pick(GIVEN, number, "given")
        return {"name": family + given, "first_name": given}
    first, last = pick(FIRST, number, "first"), pick(LAST, number, "last")
    return {"name": f"{first} {last}", "first_name": first}
