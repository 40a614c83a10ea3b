from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import narrows


@pytest.mark.parametrize("seed", ["-1", "4294967296"])
def test_seeds_have_a_range(seed: str, digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "'seed'" in narrows(capsys, "fit", "iris", "--seed", seed, code=2)[1]
    assert "'seed'" in narrows(capsys, "sample", digits_folder, "-o", "a.npy", "--seed", seed, code=2)[1]
