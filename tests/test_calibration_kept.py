"""What files say of their axes survives the way through the verbs, in each format that holds it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.calibration import Axis
from narrows.data.instruments.writing import created
from narrows.data.readers import read
from narrows.data.writers import write_examples
from tests.commands import as_json
from tests.data.instruments.test_writing import back
from tests.signals import PATTERNS, SPECTRA, as_dict

AXES = (Axis("T", 30, 0.5, unit="s"), Axis("Y", 16, 0.02, 0.3, "nm"), Axis("X", 12, 0.02, -1.0, "nm"))


@pytest.fixture
def stack() -> np.ndarray:
    rows, columns = np.mgrid[:16, :12]
    waves = [np.sin(rows / 3 + i / 5) * np.cos(columns / 4) for i in range(30)]
    return (1000 + 500 * np.array(waves)).astype(np.uint16)


@pytest.mark.parametrize("ending", [".tif", ".h5", ".hspy", ".zarr", ".mrc"])
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
            assert axis.offset == pytest.approx(came.offset)


@pytest.mark.filterwarnings("ignore:BLO file expects cm units")
@pytest.mark.parametrize(
    ("module", "source", "target", "values"),
    [
        ("hspy", "a.hspy", "b.hspy", PATTERNS),
        ("hspy", "a.hspy", "b.hspy", SPECTRA),
        ("emd", "a.emd", "b.h5", SPECTRA),
        ("nexus", "a.nxs", "b.h5", PATTERNS),
        ("blockfile", "a.blo", "b.hspy", PATTERNS.astype(np.uint8)),
    ],
)
def test_a_file_of_a_microscope_comes_back_in_its_format_or_in_hdf5(
    module: str, source: str, target: str, values: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = "rosettasciio, the extra 'em', is not installed"
    pytest.importorskip(f"rsciio.{module}", reason=reason).file_writer(source, as_dict(values))
    data = read(source)
    write_examples(data.array, data.schema, Path(target), axes=data.axes)
    as_json(capsys, "fit", source, "--epochs", 1, "--latent-dim", 2, "--out", "run")
    as_json(capsys, "reconstruct", "run", source, "-o", f"made-{target}")
    copied, made = back(Path(target)), back(Path(f"made-{target}"))
    np.testing.assert_array_equal(copied[0], values)
    for found, axes in (copied, made):
        assert (found.shape, found.dtype) == (values.shape, values.dtype)
        assert [axis.text for axis in axes] == [axis.text for axis in data.axes]
        assert [axis.offset for axis in axes] == pytest.approx([axis.offset for axis in data.axes])
    assert read(target).scan == data.scan


@pytest.mark.parametrize("values", [PATTERNS, SPECTRA])
def test_rosettasciio_reads_what_was_written_for_hyperspy(values: np.ndarray) -> None:
    hspy = pytest.importorskip("rsciio.hspy", reason="rosettasciio, the extra 'em', is not installed")
    hspy.file_writer("a.hspy", as_dict(values))
    data = read("a.hspy")
    write_examples(data.array, data.schema, Path("b.hspy"), axes=data.axes)
    (signal,) = hspy.file_reader("b.hspy")
    np.testing.assert_array_equal(signal["data"], values)
    told = ("scale", "offset", "units", "navigate", "index_in_array", "size")
    assert [[axis[key] for key in told] for axis in signal["axes"]] == [
        [axis[key] for key in told] for axis in as_dict(values)["axes"]
    ]
