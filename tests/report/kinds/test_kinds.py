"""Each kind of data is drawn on every page; the table is complete."""

from __future__ import annotations

import re
from pathlib import Path

import narrows.report
from narrows.data.kinds import KINDS
from narrows.report.kinds import DRAWN

HOME = Path(narrows.report.__file__).parent
ASKED = re.compile(r"schema\.(kind|axes) (==|!=|in)|schema\.(columns|starts|has_levels)\b")


def test_every_kind_of_data_is_drawn() -> None:
    assert DRAWN.keys() == KINDS.keys()


def test_only_the_kinds_themselves_ask_what_an_example_is_made_of() -> None:
    files = [file for end in ("py", "html") for file in HOME.rglob(f"*.{end}")]
    shared = [file for file in files if file.parent.name != "kinds" and file.name != "table.html"]
    found = {file.name: ASKED.findall(file.read_text("utf-8")) for file in shared}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_the_live_part_asks_it_in_its_samples_only() -> None:
    sources = HOME.parents[2] / "explorer" / "src"
    shared = [file for file in sources.rglob("*.ts") if file.parent.name != "samples"]
    asked = re.compile(rf"header\.(kind|sample)\b|[\"'`]({'|'.join(KINDS)})[\"'`]")
    found = {file.name: asked.findall(file.read_text("utf-8")) for file in shared}
    assert len(found) > 20
    assert {name: hits for name, hits in found.items() if hits} == {}
