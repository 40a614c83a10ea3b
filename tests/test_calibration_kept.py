"""What files say of their axes survives the way through the verbs, in each format that holds it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.calibration import Axis
from narrows.data.instruments.writing import created
from narrows.data.readers import read
from tests.commands import as_json
from tests.data.instruments.test_writing import back

AXES = (Axis("T", 30, 0.5, unit="s"), Axis("Y", 16, 0.02, unit="nm"), Axis("X", 12, 0.02, unit="nm"))


@pytest.fixture
def stack() -> np.ndarray:
    rows, columns = np.mgrid[:16, :12]
    waves = [np.sin(rows / 3 + i / 5) * np.cos(columns / 4) for i in range(30)]
    return (1000 + 500 * np.array(waves)).astype(np.uint16)


@pytest.mark.parametrize("ending", [".tif", ".h5", ".zarr", ".mrc"])
def test_a_stack_comes_back_in_its_format_with_its_units(
    ending: str, stack: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    source = f"stack{ending}"
    with created(Path(source), AXES, stack.dtype) as array:
        array[...] = stack
    data = read(source)
    assert [axis.letter for axis in data.axes] == ["T", "Y", "X"]
    assert any("Calibrated axes" in note for note in data.notes)
    as_json(capsys, "fit", source, "--recipe", "denoising", "--epochs", 1, "--out", "run")
    for verb in ("reconstruct", "denoise"):
        out = f"{verb}{ending}"
        assert as_json(capsys, verb, "run", source, "-o", out)["n"] == 30
        values, axes = back(Path(out))
        assert (values.shape, values.dtype) == (stack.shape, stack.dtype)
        for axis, came in zip(axes, data.axes, strict=True):
            assert (axis.letter, axis.unit, axis.size) == (came.letter, came.unit, came.size)
            assert axis.scale == pytest.approx(came.scale)
