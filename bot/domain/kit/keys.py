"""Natural keys of requests and rows, as long as their columns hold."""

from __future__ import annotations

from hashlib import sha256

MAX_KEY = 255


def fitting(key: str) -> str:
    """The key, or the beginning of one that is too long with a digest of the whole: it stays its own."""
    if len(key) <= MAX_KEY:
        return key
    digest = sha256(key.encode()).hexdigest()
    return f"{key[: MAX_KEY - len(digest) - 1]}/{digest}"
