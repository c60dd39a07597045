"""What a page of another origin may do here: send events, and read when to try again."""

from __future__ import annotations

ALLOWED = "authorization, content-type, x-retry-count, anonymousid, sentat, x-write-key"
REMEMBERED = "7200"  # seconds a browser may keep the pre-flight; browsers cap it at two hours


def cors(origin: str | None, preflight: bool = False) -> dict[str, str]:
    """The headers for an answer to that origin; none when the caller is no browser page."""
    if not origin:
        return {}
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After",
        "Vary": "Origin",
    }
    if preflight:
        headers |= {
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
            "Access-Control-Allow-Headers": ALLOWED,
            "Access-Control-Max-Age": REMEMBERED,
        }
    return headers
