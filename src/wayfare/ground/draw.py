"""Chance without a generator: every draw and every id is a hash of what it is for."""

from __future__ import annotations

import hashlib
import hmac

BUCKETS = 10_000
_SEPARATOR = "\x1f"


def digest(*parts: str) -> bytes:
    """16 bytes that depend on every part and on where one part ends and the next begins."""
    text = _SEPARATOR.join(parts)
    if text.count(_SEPARATOR) >= len(parts):  # a part that holds the separator itself
        text = _SEPARATOR.join([part.replace(_SEPARATOR, _SEPARATOR * 2) for part in parts])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def draw(*key: str) -> float:
    """A number in [0, 1), the same for the same key, everywhere and for ever."""
    return int.from_bytes(digest(*key)[:7], "big") / (1 << 56)


def bucket(*key: str) -> int:
    """A whole number in [0, 10000): the draw as people see it in an explanation."""
    return int(draw(*key) * BUCKETS)


def hashed_id(prefix: str, *parts: str) -> str:
    """A deterministic id: the prefix, an underscore and 26 hex digits of the parts' hash."""
    return f"{prefix}_{digest(*parts).hex()[:26]}"


def salted_id(prefix: str, salt: str, *parts: str) -> str:
    """A deterministic id that cannot be guessed without the salt (HMAC-SHA256, 26 hex digits)."""
    text = _SEPARATOR.join(parts).encode("utf-8", "surrogatepass")
    return f"{prefix}_{hmac.digest(salt.encode(), text, hashlib.sha256).hex()[:26]}"
