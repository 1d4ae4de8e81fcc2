"""JSON objects as they come from outside, parsed."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""An object, as unchecked as it came."""
