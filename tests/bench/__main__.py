"""Takes the measurements, prints the table and writes the JSON; see `--help`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tests.bench import acks, burst, declares, figures, heap, restart, visible, year
from tests.support.measures import Figure
from tests.support.slackish import Slackish, serving

ALL: dict[str, Callable[[Slackish, int], list[Figure]]] = {
    "acks": acks.acks,
    "declare": figures.declare,
    "burst": burst.burst,
    "memory": figures.memory,
    "start": figures.start,
    "scale": figures.scale,
    "reminders": figures.reminders,
    "slots": figures.slots,
    "twenty": declares.twenty,
    "heap": heap.heap,
    "restart": restart.restart,
    "visible": visible.visible,
    "year": year.year,
}


def main() -> int:
    """Measure what is asked for; the exit code is 0 whatever the results are."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (5)")
    parser.add_argument("--only", default=",".join(ALL), help=f"of {', '.join(ALL)}")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where to write (bench.json)")
    asked = parser.parse_args()
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "fsync_ms": round(_fsync_milliseconds(), 3),
        "load_before": os.getloadavg()[0],
    }
    found: list[Figure] = []
    with serving() as server:
        for name in asked.only.split(","):
            print(f"measuring {name} …", file=sys.stderr)
            found += ALL[name](server, asked.rounds)
    print(table(found))
    print(", ".join(f"{name}: {value}" for name, value in machine.items()))
    asked.json.write_text(
        json.dumps({"machine": machine, "figures": [asdict(each) for each in found]}, indent=1)
    )
    return 0


def table(found: list[Figure]) -> str:
    """The measurements in columns."""
    rows = [("figure", "bare Bolt", "Muster", "ratio", "goal", "")]
    rows += [
        (f.name, f.bare, f.muster, f"{f.ratio:.2f}" if f.ratio else "", f.goal, f.verdict) for f in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )


def _fsync_milliseconds() -> float:
    """What a commit to this disk costs at least."""
    times = []
    with tempfile.NamedTemporaryFile(dir=figures.ROOT) as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            started = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - started)
    return 1000 * sorted(times)[25]


if __name__ == "__main__":
    sys.exit(main())
