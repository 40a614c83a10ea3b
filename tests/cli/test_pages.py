from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from narrows.report import live
from narrows.runs.folder import save_run
from narrows.runs.run import Run
from tests.commands import narrows
from tests.conftest import reseal


def test_report_is_written_again(digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (digits_folder / "report.html").read_bytes()
    (digits_folder / "report.html").unlink()
    narrows(capsys, "report", digits_folder)
    assert (digits_folder / "report.html").read_bytes() == before


def test_a_report_of_an_edited_run_is_one_sentence(
    digits_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    save_run(digits_run, Path("a"))
    for name, text in (("metrics.json", "{}"), ("metrics.json", "[]"), ("history.jsonl", "")):
        kept = Path("a", name).read_text()
        Path("a", name).write_text(text)
        reseal(Path("a"))
        assert "is damaged" in narrows(capsys, "report", "a", code=2)[1]
        Path("a", name).write_text(kept)


def test_explore_opens_the_page(
    digits_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(live, "BUILT", tmp_path / "nothing")
    copy = shutil.copytree(digits_folder, tmp_path / "copy")
    seen: list[str] = []
    monkeypatch.setattr("webbrowser.open", seen.append)
    assert narrows(capsys, "explore", copy)[0].strip() == str(copy / "report.html")
    assert seen == [(copy / "report.html").as_uri()]
    alone = (copy / "report.html").read_bytes()
    found = json.loads(narrows(capsys, "explore", copy, "--beside", digits_folder, "--json")[0])
    assert found == {"out": str(copy / "beside.html")}
    assert (copy / "report.html").read_bytes() == alone
    assert len(seen) == 1
