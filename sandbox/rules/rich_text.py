"""The rich_text block and everything in it.

Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.rules.composition import BLOCK_ID
from sandbox.rules.schema import Bool, Items, Number, Object, Rule, Str, Typed

_STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_STYLE = Object({name: Bool() for name in _STYLES})


def _part(fields: Mapping[str, Rule], *required: str) -> Object:
    return Object({**fields, "style": _STYLE}, required=required)


_TEXT = _part({"text": Str(min=1)}, "text")
_LINK = _part({"url": Str(min=1), "text": Str(), "unsafe": Bool()}, "url")
_DATE: dict[str, Rule] = {"timestamp": Number(), "format": Str(min=1), "url": Str(), "fallback": Str()}

_PARTS = Typed(
    {
        "text": _TEXT,
        "link": _LINK,
        "broadcast": _part({"range": Str(values=("here", "channel", "everyone"))}, "range"),
        "color": _part({"value": Str(pattern=r"#[0-9a-fA-F]{6}", expected="a hex color")}, "value"),
        "channel": _part({"channel_id": Str(min=1)}, "channel_id"),
        "date": _part(_DATE, "timestamp", "format"),
        "emoji": _part(
            {"name": Str(min=1), "unicode": Str(), "url": Str(), "skin_tone": Number(1, 6)}, "name"
        ),
        "team": _part({"team_id": Str(min=1)}, "team_id"),
        "user": _part({"user_id": Str(min=1)}, "user_id"),
        "usergroup": _part({"usergroup_id": Str(min=1)}, "usergroup_id"),
    }
)

_BORDER = Number(0, 1)
_SECTION = Object({"elements": Items(_PARTS, min=0)}, required=("elements",))
_LIST: dict[str, Rule] = {
    "style": Str(values=("bullet", "ordered")),
    "elements": Items(Typed({"rich_text_section": _SECTION})),
    "indent": Number(0, 8),
    "offset": Number(0),
    "border": _BORDER,
}

RICH_TEXT = Object(
    {
        "block_id": BLOCK_ID,
        "elements": Items(
            Typed(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_list": Object(_LIST, required=("style", "elements")),
                    "rich_text_preformatted": Object(
                        {
                            "elements": Items(Typed({"text": _TEXT, "link": _LINK}), min=0),
                            "border": _BORDER,
                            "language": Str(),
                        },
                        required=("elements",),
                    ),
                    "rich_text_quote": Object(
                        {"elements": Items(_PARTS, min=0), "border": _BORDER}, required=("elements",)
                    ),
                }
            )
        ),
    },
    required=("elements",),
)
