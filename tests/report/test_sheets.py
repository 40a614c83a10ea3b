from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.images.pictures import read_picture
from narrows.data.kinds import describe
from narrows.report.kinds import DRAWN
from narrows.report.sheets import forms, is_sheet, write_rows, write_shown

IMAGES = np.arange(6 * 60 * 70, dtype="u1").reshape(6, 60, 70)
ROWS = np.random.default_rng(0).random((6, 3))


def test_a_picture_is_a_form_of_kinds_that_draw_sheets() -> None:
    for values in (IMAGES, ROWS):
        schema = describe(values)
        assert ("picture" in forms(schema)) == DRAWN[schema.kind].draws_sheets
        assert is_sheet(schema, Path("a.PNG")) == DRAWN[schema.kind].draws_sheets
        assert not is_sheet(schema, Path("a.npy"))


def test_a_png_shows_all_images_in_so_many_columns() -> None:
    schema = describe(IMAGES)
    write_shown(IMAGES, schema, Path("s.png"), columns=2)
    pixels = read_picture(Path("s.png")).pixels
    assert pixels.shape[0] > 3 * 60
    assert 2 * 70 < pixels.shape[1] < 3 * 70
    np.testing.assert_array_equal(pixels[2:62, 2:72, 0], IMAGES[0])


def test_other_files_hold_the_examples() -> None:
    write_shown(IMAGES, describe(IMAGES), Path("s.npy"))
    np.testing.assert_array_equal(np.load("s.npy"), IMAGES)
    with pytest.raises(InputError, match=r"Images cannot be written to 's\.csv'; wanted is \.png, \.npy"):
        write_shown(IMAGES, describe(IMAGES), Path("s.csv"))
    with pytest.raises(InputError, match=r"Table cannot be written to 's\.png'; wanted is \.csv"):
        write_shown(ROWS, describe(ROWS), Path("s.png"))


def test_rows_of_examples_are_a_strip_or_an_array() -> None:
    rows = {"first": IMAGES[:3], "second": IMAGES[3:]}
    write_rows(rows, describe(IMAGES), Path("r.png"))
    assert read_picture(Path("r.png")).pixels.shape[0] > 2 * 60
    write_rows(rows, describe(IMAGES), Path("r.npy"))
    np.testing.assert_array_equal(np.load("r.npy"), IMAGES.reshape(2, 3, 60, 70))
    with pytest.raises(InputError, match=r"'r\.png'; wanted is \.npy, \.npz, \.h5, \.hdf5, \.hspy or \.zarr"):
        write_rows({"only": ROWS}, describe(ROWS), Path("r.png"))
