"""The cells of tables become ranks, and come back exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

from narrows.data.readers import as_data, from_table
from narrows.data.schema import Array
from narrows.data.tables.table import from_frame
from narrows.fitting.fit import fit
from narrows.model.distributions import Listed
from narrows.tasks.compression.columns import Cells, as_whole, in_bytes, masses, of_bytes, tilt_of, tilted
from narrows.tasks.compression.lossless import pack, unpack

RNG = np.random.default_rng(0)
SHORT: dict[str, Any] = {"training": {"epochs": 2}}
HIDDEN = RNG.normal(size=(300, 1))


def check(values: Array, run: Any) -> int:
    packed = pack(run, values)
    found = unpack(run, packed, "x.nrw").values
    assert found.dtype == values.dtype
    assert np.array_equal(found, values, equal_nan=values.dtype.kind == "f")
    return len(packed.payload)


@pytest.mark.parametrize(
    "values",
    [
        np.round(HIDDEN * [1, 2, -3] + 0.1 * RNG.normal(size=(300, 3)), 2),
        HIDDEN * [1, 2, -3] + 0.1 * RNG.normal(size=(300, 3)),
        (HIDDEN * [1, 2] * 5 + RNG.normal(size=(300, 2))).astype(np.float32),
        np.rint(HIDDEN * [10, 200, 3] + RNG.normal(size=(300, 3))).astype(np.int64),
        (RNG.random((300, 5)) < 0.3).astype(np.float64),
    ],
    ids=["decimals", "reals", "float32", "integers", "zeros and ones"],
)
def test_tables_of_numbers_come_back(values: Array) -> None:
    check(values, fit(as_data(values), recipe="lossless", overrides=SHORT))


def test_words_booleans_and_missing_cells_come_back() -> None:
    town = np.array(["Ulm", "Bonn", "Rom"])[RNG.integers(0, 3, 300)]
    size = np.where(RNG.random(300) < 0.1, np.nan, np.round(50 + 10 * HIDDEN[:, 0], 1))
    frame = pandas.DataFrame({"size": size, "garden": HIDDEN[:, 0] > 0, "town": town})
    frame.loc[::17, "town"] = None
    data = from_table(from_frame(frame, "houses"), "houses")
    check(data.array, fit(data, recipe="lossless", overrides=SHORT))


def test_what_the_model_knows_makes_the_file_smaller() -> None:
    """Columns that are one number apart from noise: a code of it says most of the others."""
    values = np.round(np.resize(HIDDEN, (4000, 1)) * np.ones(6) + 0.05 * RNG.normal(size=(4000, 6)), 1)
    run = fit(as_data(values), recipe="lossless", overrides={"training": {"epochs": 20}})
    entropies = [np.unique(column, return_counts=True)[1] / len(values) for column in values.T]
    alone = sum(-(p * np.log2(p)).sum() for p in entropies) * len(values) / 8
    assert check(values, run) < 0.8 * alone


def test_a_column_is_predicted_from_those_before_it() -> None:
    """The second is twice the first: with the columns before, its cells take few bits."""
    first = np.round(RNG.normal(size=(3000, 1)), 1)
    values = np.hstack([first, 2 * first, RNG.integers(0, 9, (3000, 1))])
    run = fit(as_data(values), recipe="lossless", overrides={"training": {"epochs": 40}})
    assert run.config["spec"]["loss"] == {"name": "columns"}
    p = np.unique(first, return_counts=True)[1] / 3000
    entropy = -(p * np.log2(p)).sum()
    assert 8 * check(values, run) < 3000 * (1.25 * entropy + np.log2(9) + 0.5)


def test_counts_of_several_units_come_back() -> None:
    counts = RNG.poisson(np.exp(HIDDEN) * [1, 5, 30]) * (RNG.random((300, 3)) < 0.8) * [1, 3, 20]
    check(counts, fit(as_data(counts), recipe="lossless", overrides=SHORT))


@pytest.mark.parametrize(
    ("levels", "decimals"),
    [
        ([-1.5, 0.0, 2.25], 2),
        ([1e6, 2e6], 0),
        ([-1 / 3, 1 / 3, 2.0], -1),
        ([-1e300, -1e-300, 0.0, 1e200], -1),
    ],
)
def test_different_cells_are_kept_exactly(levels: list[float], decimals: int) -> None:
    cells = Cells(np.array(levels), 3, 9, np.arange(len(levels), dtype=np.int8))
    assert as_whole(cells.levels)[0] == decimals
    assert (np.diff(as_whole(cells.levels)[1]) > 0).all()
    about, content = in_bytes(cells)
    found, end = of_bytes(about, b"xy" + content, 2)
    assert end == 2 + len(content)
    assert np.array_equal(found.levels, cells.levels)
    assert np.array_equal(found.tilt, cells.tilt)
    assert (found.missing, found.present) == (3, 9)


def test_tilted_frequencies_are_those_of_the_file() -> None:
    model = Listed(RNG.integers(1, 100, (500, 4)))
    counts = np.array([400, 5, 0, 95])
    tilt = tilt_of(masses(model), counts)
    found = masses(tilted(model, np.exp2(tilt / 8))).sum(axis=0)
    assert found == pytest.approx(counts, rel=0.05, abs=1.5)
