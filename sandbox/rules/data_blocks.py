"""Blocks that show data: tables, charts, tasks.

Sources: https://docs.slack.dev/reference/block-kit/blocks/ table-block, data-table-block,
data-visualization-block, task-card-block, plan-block
"""

from __future__ import annotations

from sandbox.rules.composition import BLOCK_ID, URL
from sandbox.rules.rich_text import RICH_TEXT
from sandbox.rules.schema import Bool, Items, Json, Number, Object, Problem, Problems, Rule, Str, Typed

_RAW_TEXT = Object({"text": Str(min=1)}, required=("text",))
_RAW_NUMBER = Object({"value": Number(decimal=True), "text": Str(min=1)}, required=("value", "text"))
_CELL = Typed({"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER, "rich_text": RICH_TEXT})
_COLUMN = Object({"align": Str(values=("left", "center", "right")), "is_wrapped": Bool()})


def _even_rows(block: Json, at: str) -> Problems:
    rows = block["rows"]
    for index, row in enumerate(rows):
        if len(row) != len(rows[0]):
            yield Problem(f"{at}/rows/{index}", "all rows must have the same number of cells")


def _plain_header(block: Json, at: str) -> Problems:
    for index, cell in enumerate(block["rows"][0]):
        if cell["type"] == "rich_text":
            yield Problem(f"{at}/rows/0/{index}/type", "unsupported type: rich_text")


TABLE = Object(
    {
        "block_id": BLOCK_ID,
        "rows": Items(Items(_CELL, max=20), max=100),
        "column_settings": Items(_COLUMN, max=20),
    },
    required=("rows",),
)

DATA_TABLE = Object(
    {
        "block_id": BLOCK_ID,
        "rows": Items(Items(_CELL, max=20), min=2, max=101),
        "caption": Str(min=1),
        "page_size": Number(1, 100),
        "row_header_column_index": Number(0, 19),
    },
    required=("rows", "caption"),
    also=(_even_rows, _plain_header),
)

_POINT = Object({"label": Str(max=20, min=1), "value": Number(decimal=True)}, required=("label", "value"))
_SERIES = Object({"name": Str(max=20, min=1), "data": Items(_POINT, max=20)}, required=("name", "data"))
_AXES = Object(
    {"categories": Items(Str(max=20, min=1), max=20), "x_label": Str(max=50), "y_label": Str(max=50)},
    required=("categories",),
)
_XY = Object({"series": Items(_SERIES, max=6), "axis_config": _AXES}, required=("series", "axis_config"))
_CHARTS: dict[str, Rule] = {
    "pie": Object({"segments": Items(_POINT, max=6)}, required=("segments",)),
    "bar": _XY,
    "area": _XY,
    "line": _XY,
}

DATA_VISUALIZATION = Object(
    {"block_id": BLOCK_ID, "title": Str(max=50, min=1), "chart": Typed(_CHARTS)}, required=("title", "chart")
)

_SOURCE = Object({"url": URL, "text": Str(min=1)}, required=("url", "text"))

TASK_CARD = Object(
    {
        "block_id": BLOCK_ID,
        "task_id": Str(min=1),
        "title": Str(min=1),
        "details": Typed({"rich_text": RICH_TEXT}),
        "output": Typed({"rich_text": RICH_TEXT}),
        "sources": Items(Typed({"url": _SOURCE})),
        "status": Str(values=("pending", "in_progress", "complete", "error")),
    },
    required=("task_id", "title", "status"),
)

PLAN = Object(
    {"block_id": BLOCK_ID, "title": Str(min=1), "tasks": Items(Typed({"task_card": TASK_CARD}), min=0)},
    required=("title",),
)
