"""The page of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from narrows.report.template import fill
from narrows.reproduce.catalogue import LECTURES
from narrows.reproduce.measurement import Row
from narrows.reproduce.tables import interval, number

SHOWN: Mapping[str, Any] = {
    "colour": {True: "beats", False: "does-not-beat", None: "cannot-tell"},
    "kept": {True: "yes", False: "no", None: "cannot tell"},
    "interval": interval,
    "digits": number,
}
"""How the page shows verdicts and numbers."""


def page(rows: Sequence[Row], *, quick: bool, seed: int) -> str:
    """The HTML page, with one section per lecture."""
    by_id = {row["id"]: row for row in rows}
    lectures = [
        (letter, name, [by_id[i] for i in ids.split() if i in by_id])
        for letter, (name, ids) in LECTURES.items()
    ]
    return fill("reproduce.html", {"lectures": lectures, "rows": rows, "quick": quick, "seed": seed, **SHOWN})
