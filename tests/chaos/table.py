"""The table of docs/faults.md between its two markers: read, and written again."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
BEGIN, END = "<!-- written by make chaos -->", "<!-- until here -->"
HEAD = ("what happens", "with", "recovered in", "lost", "duplicated", "slowest ack")


@dataclass(frozen=True)
class Line:
    """A row of the table, as text."""

    what: str
    where: str
    recovered: str
    lost: str
    doubled: str
    slowest_ack: str


def read(text: str) -> list[Line]:
    """The rows that are on the page."""
    between = text.partition(BEGIN)[2].partition(END)[0]
    rows = [line for line in between.splitlines() if line.startswith("| ")]
    return [Line(*(cell.strip() for cell in row.strip("|").split("|"))) for row in rows[1:]]


def written(text: str, lines: list[Line], measured: str) -> str:
    """The page with its rows and the line about how they were measured replaced by these."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    rows = [f"| {' | '.join(cells)} |" for cells in (HEAD, *map(astuple, lines))]
    rule = "|---" * len(HEAD) + "|"
    table = "\n".join([rows[0], rule, *rows[1:]])
    return f"{before}{BEGIN}\n\n{table}\n\n{measured}\n\n{END}{after}"
