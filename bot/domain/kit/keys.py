"""Natural keys of requests and rows, kept within the length of their columns."""

from __future__ import annotations

from hashlib import sha256

MAX_KEY = 255


def fitting(key: str) -> str:
    """The key; one that is too long becomes its beginning plus a digest of the whole, so it stays unique."""
    if len(key) <= MAX_KEY:
        return key
    digest = sha256(key.encode()).hexdigest()
    return f"{key[: MAX_KEY - len(digest) - 1]}/{digest}"
