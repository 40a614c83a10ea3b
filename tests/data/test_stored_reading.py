from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.calibration import Axis
from narrows.data.readers import from_stored
from narrows.data.reading import Reading
from narrows.data.sources import on_disk
from narrows.data.stored import Stored
from narrows.data.stored_reading import image_letters, scan_axes

CUBE: Any = np.random.default_rng(0).normal(size=(6, 8, 5)).astype(np.float32)


def stored(letters: str, **options: Any) -> Stored:
    axes = tuple(Axis(letter, n) for letter, n in zip(letters.split(), CUBE.shape, strict=True))
    return Stored(CUBE, "cube", axes, **options)


def test_letters_of_a_signal_make_a_scan() -> None:
    for letters, places, signal in (
        ("Y X E", (0, 1), (2,)),
        ("E X Y", (2, 1), (0,)),
        ("T Ky Kx", (0,), (1, 2)),
    ):
        found = scan_axes(stored(letters))
        assert found is not None
        assert (found.places, found.signal) == (places, signal)
    assert scan_axes(stored("T Y X")) is None
    assert scan_axes(Stored(CUBE, "cube")) is None
    assert image_letters(stored("B Y X")) == "BYX"


def test_what_is_told_comes_before_what_the_file_says() -> None:
    assert from_stored(stored("Y X E"), Reading()).scan is not None
    told = from_stored(stored("Y X E"), Reading(axes="ZYX"))
    assert (told.scan, told.schema.shape) == (None, (8, 5))
    scan = from_stored(stored("T Y X"), Reading(axes="YX|E"))
    assert scan.scan is not None
    with pytest.raises(InputError, match="a scan of spectra, but --kind says table"):
        from_stored(stored("Y X E"), Reading(kind="table"))
    assert from_stored(stored("T Y X"), Reading(kind="sequences")).schema.kind == "sequences"


def test_axes_that_do_not_fit_and_single_spectra_are_refused() -> None:
    with pytest.raises(InputError, match="cube has the shape 6x8x5, but its axes YX say 6x8"):
        from_stored(Stored(CUBE, "cube", (Axis("Y", 6), Axis("X", 8))), Reading())
    one: Any = CUBE[0, 0]
    with pytest.raises(InputError, match="cube holds 5 values along one axis, as one spectrum does"):
        from_stored(Stored(one, "cube", (Axis("E", 5),)), Reading())


def test_chunks_are_told_and_how_often_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Stored in chunks of 2x8x5." in from_stored(stored("Y X E", chunks=(2, 8, 5)), Reading()).notes
    monkeypatch.setattr(on_disk, "LARGE", 1)
    monkeypatch.setattr(on_disk, "BLOCK", 20)
    notes = from_stored(stored("Y X E", chunks=(2, 8, 5)), Reading()).notes
    assert any("chunks of 2x8x5, each of which is read about 4 times in a pass" in note for note in notes)
