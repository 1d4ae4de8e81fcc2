"""Where Muster keeps its files if no setting says otherwise."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path

IS_CHECKOUT = (Path(__file__).parent.parent / "manifest.yml").exists()
"""Whether this is a checkout of the repository. An installed Muster has no such file next to it: it makes the
manifest from the same tables."""


def folder() -> Path:
    """The current folder in a checkout, otherwise the user's data folder, which may not exist yet."""
    return Path() if IS_CHECKOUT else user_data_path("muster")
