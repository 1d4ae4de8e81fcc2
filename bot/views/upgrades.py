"""What ``python app.py --migrate`` prints."""

from __future__ import annotations


def migrated(place: str, before: str | None, ours: str) -> str:
    """What was done to the tables in this place, which were at revision ``before``, if there were any."""
    if before is None:
        return f"Made the tables in {place}, at revision {ours}."
    if before > ours:
        return f"A newer version has migrated {place} to revision {before}. This version works with it."
    if before == ours:
        return f"The tables in {place} are already up to date, at revision {ours}."
    return f"Migrated the tables in {place} from revision {before} to {ours}."
