"""The lectures' table: what it prints, that it goes on, and that its page needs nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from narrows.core.errors import InputError
from narrows.model.lecture_recipes import LECTURES as RECIPES
from narrows.reproduce import ENTRIES, LECTURES, Entry, Finding, Lab, reproduce
from narrows.reproduce.findings import at_most
from tests.commands import narrows


def test_every_system_claim_exercise_and_use_has_an_entry() -> None:
    wanted = {f"P{i}" for i in range(1, 7)} | {f"Y{i}" for i in range(1, 8)} | {"C1", "C2"}
    wanted |= (
        {f"S{i}" for i in range(1, 6)} | {f"K{i}" for i in range(1, 16)} | {f"E{i}" for i in range(1, 7)}
    )
    wanted |= {f"U{i}" for i in range(1, 13)}
    assert {entry.id for entry in ENTRIES} == wanted
    assert len(ENTRIES) == len(wanted) == sum(len(ids.split()) for _, ids in LECTURES.values())


def test_every_lectures_recipe_belongs_to_a_system() -> None:
    ids = {entry.id.lower() for entry in ENTRIES}
    assert {name.partition("-")[0] for name in RECIPES} <= ids


def test_the_rows_have_the_keys_that_were_promised(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(narrows(capsys, "reproduce", "e1", "K6", "--quick", "--json", "--quiet")[0])
    assert [row["id"] for row in found["rows"]] == ["E1", "K6"]
    for row in found["rows"]:
        assert {"id", "system", "deck", "measured", "yardstick", "holds"} <= set(row)
        assert row["holds"] in (True, False, None)
        assert row["verdict"] == "holds"
        assert all(
            {"quantity", "measured", "bound", "source", "outcome"} <= set(check) for check in row["checks"]
        )
    written = json.loads(Path("runs/reproduce/reproduce.json").read_text("utf-8"))
    assert written == found


def test_the_page_is_one_file_without_a_script_or_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    narrows(capsys, "reproduce", "E1", "--quick", "--quiet", "--out", "here")
    page = Path("here/reproduce.html").read_text("utf-8")
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)
    assert 'id="E1"' in page


def test_an_unknown_entry_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert "have no entry 'P9'" in narrows(capsys, "reproduce", "P9", code=2)[1]
    assert not Path("runs").exists()


def test_what_was_measured_is_not_measured_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[int] = []

    def measure(lab: Lab) -> Finding:
        calls.append(lab.seed)
        return Finding({"n": len(calls)}, {}, (at_most("n", 1, 2, "here"),), "<b>a sentence</b>")

    monkeypatch.setattr("narrows.reproduce.catalogue.ENTRIES", (Entry("E1", "a & b", "said", measure),))
    first = reproduce([], tmp_path, quick=True)
    assert reproduce([], tmp_path, quick=True) == first
    assert len(calls) == 1
    reproduce([], tmp_path, quick=False)
    reproduce([], tmp_path, quick=True, seed=1)
    assert calls == [0, 0, 1]
    page = (tmp_path / "reproduce.html").read_text("utf-8")
    assert "&lt;b&gt;a sentence" in page
    assert "a &amp; b" in page


def test_an_id_must_exist() -> None:
    with pytest.raises(InputError, match="have no entry 'K99'"):
        reproduce(["K99"], Path("nowhere"))
    assert not Path("nowhere").exists()
