"""Fields that revisions before 0008 keep in JSON, as part of ``metadata``, and this one also in columns.

For one release both are written, and what the JSON says is read: in a rolling deploy, an older replica
changes only the JSON. So the next release has to fill the columns once more before it reads them alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from bot.codec import IN_METADATA


def unpacked(kind: type, row: RowMapping) -> dict[str, Any]:
    """The row with these fields taken out of its metadata."""
    metadata: Mapping[str, Any] = row["metadata"]
    names = IN_METADATA[kind]
    in_json = {name: metadata[name] for name in names if name in metadata}
    return {**row, **in_json, "metadata": {name: metadata[name] for name in metadata if name not in names}}
