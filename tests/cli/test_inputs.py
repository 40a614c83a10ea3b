from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.datasets import load
from narrows.runs.folder import FILES
from tests.commands import narrows


def test_the_data_and_the_run_are_never_written_over(
    digits_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save("mine.npy", load("digits").array)
    before = Path("mine.npy").read_bytes()
    for out in ("mine.npy", "./mine.npy", digits_folder, digits_folder / "z.npy", ""):
        narrows(capsys, "reconstruct", digits_folder, "mine.npy", "-o", out, code=2)
    Path("folder.npy").mkdir()
    assert (
        "is a folder" in narrows(capsys, "encode", digits_folder, "mine.npy", "-o", "folder.npy", code=2)[1]
    )
    assert Path("mine.npy").read_bytes() == before
    assert {file.name for file in digits_folder.iterdir()} == {*FILES, "report.html"}


def test_a_page_is_not_written_over_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.csv").write_text("a,kind\n1,x\n2,y\n" * 30)
    for verb in (["probe", "mine.csv", "--label", "kind"], ["compare", "mine.csv"]):
        for out in ("mine.csv", "other.csv"):
            narrows(capsys, *verb, "--out", out, code=2)
    assert Path("mine.csv").read_text().startswith("a,kind")


@pytest.mark.parametrize("verb", ["encode", "reconstruct", "denoise", "anomalies", "restore"])
def test_a_device_that_is_not_here_is_refused(
    verb: str, digits_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, said = narrows(capsys, verb, digits_folder, "digits", "-o", "o.csv", "--device", "cuda:77", code=2)
    assert said == "narrows: There is no device 'cuda:77' here; use cpu or auto.\n"
