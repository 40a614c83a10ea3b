from __future__ import annotations

import numpy as np
import pytest

from narrows.data.readers import as_data
from narrows.doctor.case import DataCase
from narrows.doctor.values import check_constant, check_reading, narrow_range, sample


def test_what_was_read_is_told_in_the_words_of_its_kind() -> None:
    rows = as_data(np.array([[1.0, 2.0], [3.0, 4.5], [5.0, 6.0]]))
    assert check_reading(DataCase(rows)).evidence == "3 rows of 2 columns (float64), 1 to 6."
    images = as_data(np.arange(96, dtype="u1").reshape(4, 4, 6))
    assert check_reading(DataCase(images)).evidence.startswith("4 images of 4x6 (uint8), 0 to 95.")


def test_constant_pixels_are_for_information_and_constant_columns_a_warning() -> None:
    images = np.random.default_rng(0).integers(0, 255, (40, 4, 5)).astype("u1")
    images[:, 0] = 9
    found = check_constant(DataCase(as_data(images)))
    assert found is not None
    assert (found.severity, found.evidence) == ("info", "25 % of the pixels never change.")
    rows = np.random.default_rng(0).standard_normal((40, 3))
    rows[:, 1] = 4
    column = check_constant(DataCase(as_data(rows)))
    assert column is not None
    assert (column.severity, column.evidence) == ("warning", "1 of 3 columns never change: x1.")


def test_sequences_are_told_by_time_steps_and_channels_and_a_constant_channel_is_a_warning() -> None:
    values = np.random.default_rng(0).standard_normal((40, 6, 3))
    values[:, :, 1], values[3, 4:], values[7, 1, 2] = 4, np.nan, np.nan
    case = DataCase(as_data(values, "sequences"))
    assert check_reading(case).evidence.startswith("40 sequences of 6 time steps and 3 channels (float64), ")
    found = check_constant(case)
    assert found is not None
    assert (found.severity, found.evidence) == ("warning", "1 of 3 channels never change: channel 1.")


@pytest.mark.parametrize(("top", "narrow"), [(60, True), (70, False)])
def test_grey_values_in_a_quarter_of_their_range_are_narrow(top: int, narrow: bool) -> None:
    images = np.random.default_rng(0).integers(0, top, (60, 8, 8)).astype("u1")
    found = narrow_range(DataCase(as_data(images)))
    assert (found is not None) == narrow
    assert found is None or found[1] <= top


def test_a_table_has_no_fixed_range() -> None:
    assert narrow_range(DataCase(as_data(np.random.default_rng(0).random((60, 3))))) is None


def test_a_million_values_are_looked_at() -> None:
    assert len(sample(np.zeros((3000, 1000), np.uint8))) == 10**6
    np.testing.assert_array_equal(sample(np.arange(6).reshape(2, 3)), np.arange(6))
