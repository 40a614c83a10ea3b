from __future__ import annotations

from pathlib import Path

import pytest

from narrows.cli.options import reading
from narrows.data.reading import Reading
from tests.commands import narrows


def test_blocks_are_rows_that_follow_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert "30 groups of 150 will be held out" in narrows(capsys, "doctor", "iris", "--blocks", 1)[0]
    assert "3 groups of 15 will be held out" in narrows(capsys, "doctor", "iris", "--blocks", 10)[0]
    for wrong in (("0",), ("5", "--patch", "4"), ("5", "--groups", "a")):
        assert "--blocks takes a number" in narrows(capsys, "doctor", "iris", "--blocks", *wrong, code=2)[1]


@pytest.mark.parametrize("seed", ["-1", "4294967296"])
def test_seeds_have_a_range(seed: str, digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "'seed'" in narrows(capsys, "fit", "iris", "--seed", seed, code=2)[1]
    assert "'seed'" in narrows(capsys, "sample", digits_folder, "-o", "a.npy", "--seed", seed, code=2)[1]


def test_windows_have_two_time_steps_or_more(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in (("--window", 1), ("--stride", 0)):
        assert (
            "--window takes a number of time steps from 2"
            in narrows(capsys, "data", "iris", *wrong, code=2)[1]
        )


def test_options_of_recordings_are_part_of_the_reading() -> None:
    found = reading(time="t", every="1min", window=16, stride=4)
    assert found == Reading(time="t", every="1min", window=16, stride=4)
