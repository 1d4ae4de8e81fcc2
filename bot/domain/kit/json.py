"""JSON objects from outside, parsed but not checked."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""An object with whatever the other side sent."""
