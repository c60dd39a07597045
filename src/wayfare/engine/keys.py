"""The keys: who may send events, who may manage, and the secret that signs links and sessions."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import secrets
import threading
from pathlib import Path
from typing import Any

import msgspec
from itsdangerous import BadSignature, URLSafeTimedSerializer

from wayfare.ground.errors import Missing, Misused, Refused
from wayfare.stores.sqlite import connect

ROLES = ("owner", "viewer")  # a viewer reads and asks; an owner does everything
LINK_SECONDS = 15 * 60
SESSION_SECONDS = 7 * 24 * 3600
_SCHEMA = """
create table if not exists key(
  id text primary key, kind text not null, role text not null, source text not null,
  token text, hash blob not null unique, created integer not null, revoked integer) strict;
create table if not exists secret(name text primary key, value text not null) strict;
"""


class Key(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key as it may be shown. A write key names a `source` and stays readable; an API key is known by its hash."""

    id: str
    kind: str  # write | api
    role: str  # write | owner | viewer
    key: str | None = None
    source: str = ""


class Keys:
    """The keys of one workspace, in `data/keys.db`; safe for several threads and processes."""

    def __init__(self, data: Path) -> None:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = data / "keys.db"
        self._lock = threading.Lock()
        self._db = connect(path)
        path.chmod(0o600)
        with self._db:
            self._db.execute(_SCHEMA)
            self._db.execute("insert or ignore into secret values ('sign', ?)", (secrets.token_hex(32),))
        self._secret = str(self._db.execute("select value from secret where name = 'sign'").get)
        self._seen: Any = None
        self._valid: dict[bytes, Key] = {}

    def create(self, kind: str, now: int, role: str = "", source: str = "") -> Key:
        """A new key with its token, which for an API key is never shown again; WF8104 for an unknown role."""
        if kind == "api":
            role = role or "owner"
            if role not in ROLES:
                raise Misused("WF8104", role, known=", ".join(ROLES))
        else:
            role = "write"
        token = _mint("wfk" if kind == "api" else "wfw")
        with self._lock, self._db:
            count = int(self._db.execute("select count(*) from key where kind = ?", (kind,)).get or 0)
            source = source or ("web" if count == 0 else f"web-{count + 1}") if kind == "write" else ""
            key_id = f"key_{secrets.token_hex(6)}"
            kept = token if kind == "write" else None
            row = (key_id, kind, role, source, kept, _hash(token), now)
            self._db.execute("insert into key values (?, ?, ?, ?, ?, ?, ?, null)", row)
        return Key(key_id, kind, role, token, source)

    def list(self) -> tuple[Key, ...]:
        """Every key that is not revoked, the oldest first; API keys without their token."""
        with self._lock:
            rows = list(
                self._db.execute(
                    "select id, kind, role, token, source from key where revoked is null order by rowid"
                )
            )
        return tuple(Key(*row) for row in rows)

    def first_write(self) -> Key:
        """The oldest write key; WF8103 when there is none."""
        for key in self.list():
            if key.kind == "write":
                return key
        raise Missing("WF8103")

    def revoke(self, key_id: str, now: int) -> Key:
        """Take a key back, by its id or a write key by its text; WF8102 for none, WF8105 for the last owner."""
        found = next((key for key in self.list() if key_id in (key.id, key.key)), None)
        if found is None:
            raise Missing("WF8102", key_id)
        if found.role == "owner" and sum(key.role == "owner" for key in self.list()) == 1:
            raise Refused("WF8105", key_id)
        with self._lock, self._db:
            self._db.execute("update key set revoked = ? where id = ?", (now, found.id))
        return Key(found.id, found.kind, found.role, None, found.source)

    def check(self, token: str) -> Key | None:
        """The key of a token, or None when it is forged, unknown or revoked; a revocation counts at once."""
        if not _well_formed(token):
            return None
        with self._lock:
            version = (self._db.pragma("data_version"), self._db.total_changes())
            if version != self._seen:
                rows = self._db.execute(
                    "select hash, id, kind, role, token, source from key where revoked is null"
                )
                self._valid = {bytes(row[0]): Key(*row[1:]) for row in rows}
                self._seen = version
            return self._valid.get(_hash(token))

    def pin(self, id: str, salt: str) -> None:
        """Hold the workspace to what every id is made with; Refused WF6927 when it is another than before."""
        found = hashlib.sha256(f"{id}\x1f{salt}".encode()).hexdigest()
        with self._lock, self._db:
            self._db.execute("insert or ignore into secret values ('pin', ?)", (found,))
            kept = self._db.execute("select value from secret where name = 'pin'").get
        if kept != found:
            raise Refused("WF6927", "wayfare.toml")

    def link(self) -> str:
        """A token for the signed link that `serve` prints; good for 15 minutes."""
        return self._signer("link").dumps(secrets.token_hex(8))

    def session(self, link: str) -> str | None:
        """A session for a link that is still good, else None."""
        return self._signer("session").dumps("owner") if self._open("link", link, LINK_SECONDS) else None

    def in_session(self, session: str) -> str | None:
        """The role of a session that is still good, else None."""
        return self._open("session", session, SESSION_SECONDS)

    def sign(self, cursor: str, address: str) -> str:
        """A cursor as an opaque text that only we can have made, for one address."""
        return self._signer(f"cursor {address}").dumps(cursor)

    def unsign(self, text: str, address: str) -> str:
        """The cursor of such a text; raises Misused WF8106 when it was altered or made for another address."""
        try:
            return str(self._signer(f"cursor {address}").loads(text))
        except BadSignature as cause:
            raise Misused("WF8106", "cursor", name="cursor") from cause

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _open(self, purpose: str, text: str, seconds: int) -> str | None:
        try:
            return str(self._signer(purpose).loads(text, max_age=seconds))
        except BadSignature:
            return None

    def _signer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret, salt=f"wayfare.{purpose}")


def _mint(prefix: str) -> str:
    body = f"{prefix}_{secrets.token_hex(20)}"
    return body + _checksum(body)


def _well_formed(token: str) -> bool:
    return token.isascii() and len(token) == 52 and hmac.compare_digest(_checksum(token[:-8]), token[-8:])


def _checksum(body: str) -> str:
    return f"{binascii.crc32(body.encode()):08x}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
