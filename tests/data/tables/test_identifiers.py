from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas
import pytest
from numpy.typing import NDArray

from narrows.data.datasets import DATASETS, Idx, load
from narrows.data.readers import as_data
from narrows.data.tables.identifiers import check_identifiers, check_ids, described, identifiers
from narrows.data.tables.notation import Notation
from narrows.estimators.autoencoder import Autoencoder
from tests.samples import of_frame

RNG = np.random.default_rng(0)
RISING = np.cumsum(RNG.integers(1, 30, 200)).astype(float)
SHUFFLED = RNG.permutation(200).astype(float)
DRAWN = RNG.choice(1500, 200, replace=False) + 70_000.0
NOW = 1.7e9


@pytest.mark.parametrize(
    ("name", "cells", "words"),
    [
        ("x", np.arange(200.0), "rises by 1 with every row"),
        ("x", np.arange(200.0)[::-1], "falls by 1 with every row"),
        ("x", 5 + 3 * np.arange(200.0), "rises by 3 with every row"),
        ("x", np.round(np.arange(200) / 64, 3), "rises by 0.0156"),
        ("x", RISING, "rises with every row"),
        ("x", np.where(np.arange(200) % 7, RISING, np.nan), "rises with every row"),
        ("x", SHUFFLED, "whole numbers of which no two are the same"),
        ("x", DRAWN, "whole numbers of which no two are the same"),
        ("patient_id", 1e6 * SHUFFLED, "whole numbers of which no two are the same"),
        ("Unnamed: 0", SHUFFLED % 100, "an index that pandas wrote"),
        ("x", NOW + RISING, "dates from 2023-11-14 to 2023-11-14, as seconds since 1970"),
        ("x", NOW + np.sort(RNG.integers(0, 10, 200)) + 0.5, "as seconds since 1970"),
        ("x", 1e3 * (NOW + RISING), "as milliseconds since 1970"),
        ("x", 1e9 * (NOW + RISING), "as nanoseconds since 1970"),
        ("event_time", NOW + SHUFFLED, "as seconds since 1970"),
        ("t_time", np.cumsum(RNG.random(200)), "rises with every row"),
    ],
)
def test_columns_that_number_name_or_date_the_rows_are_found(
    name: str, cells: NDArray[Any], words: str
) -> None:
    assert words in described(cells, name)


def test_a_step_is_written_as_the_file_writes_numbers() -> None:
    assert described(0.25 * np.arange(200.0), "t", Notation(",")) == "rises by 0,25 with every row"


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("x", RNG.standard_normal(200)),
        ("x", np.sort(RNG.standard_normal(200))),
        ("x", RNG.integers(0, 1500, 200).astype(float)),
        ("patient_id", RNG.integers(0, 50, 200).astype(float)),
        ("x", np.sort(RNG.integers(0, 100, 200)).astype(float)),
        ("cents", RNG.choice(10**6, 200, replace=False).astype(float)),
        ("width", RNG.choice(10**6, 200, replace=False).astype(float)),
        ("time", RNG.random(200)),
        ("x", np.full(200, NOW)),
        ("x", np.full(200, np.nan)),
        ("x", np.tile(np.arange(50.0), 4)),
        ("id", np.arange(19.0)),
    ],
)
def test_measurements_are_none(name: str, cells: NDArray[Any]) -> None:
    assert described(cells, name) == ""


def test_independent_whole_numbers_are_hardly_ever_taken_for_ids() -> None:
    """The bound of the birthday problem holds for any distribution; here for the worst, equal chances."""
    rng = np.random.default_rng(1)
    possible = int(60 * 59 / 2 / -np.log(1e-4))
    alarms = [described(rng.integers(0, possible, 60).astype(float), "x") for _ in range(2000)]
    assert not any(alarms)


def test_the_finding_names_the_columns_and_the_option() -> None:
    values = np.c_[RNG.random((200, 2)), np.arange(200.0), SHUFFLED]
    frame = pandas.DataFrame(values, columns=["a", "b", "Unnamed: 0", "c"])
    found = check_identifiers(of_frame(frame))
    assert found is not None
    assert found.evidence.startswith("Unnamed: 0 (rises by 1 with every row), c (whole numbers of which")
    assert found.advice == "--id 'Unnamed: 0' names the rows by it, --drop 'Unnamed: 0,c' leaves them out."
    assert check_identifiers(of_frame(frame[["a", "b"]])) is None
    assert identifiers(as_data(values[:, :3])) == {"x2": "rises by 1 with every row"}


def test_dates_that_return_do_not_name_rows() -> None:
    days = pandas.to_datetime("2025-03-01") + pandas.to_timedelta(np.arange(200) // 4, unit="D")
    found = check_identifiers(of_frame(pandas.DataFrame({"a": RNG.random(200), "day": days})))
    assert found is not None
    assert found.advice == "--drop day leaves it out."


def test_words_and_images_are_not_looked_at() -> None:
    frame = pandas.DataFrame({"a": ["x", "y"] * 100, "b": [True, False] * 100, "c": RNG.random(200)})
    assert identifiers(of_frame(frame)) == {}
    assert identifiers(as_data(np.arange(200.0 * 4).reshape(200, 2, 2))) == {}


@pytest.mark.parametrize("name", [name for name, entry in DATASETS.items() if not isinstance(entry, Idx)])
def test_the_bundled_sets_have_none(name: str) -> None:
    assert identifiers(load(name)) == {}


def test_an_estimator_warns_of_a_column_of_a_data_frame() -> None:
    frame = pandas.DataFrame({"a": RNG.random(60), "b": RNG.random(60), "index": range(60)})
    fitted = Autoencoder(training={"epochs": 1}).fit(frame)
    assert "index (rises by 1 with every row)" in fitted.run_.config["warnings"][0]
    fitted.fit(frame[["a", "b"]])
    assert not any("every row" in text for text in fitted.run_.config["warnings"])


def test_ids_of_several_rows_are_counted() -> None:
    data = as_data(RNG.random((5, 2)))
    assert check_ids(data) is None
    assert check_ids(replace(data, ids=("a", "b", "c", "d", "e"))) is None
    found = check_ids(replace(data, ids=("a", "b", "c", "b", "a")))
    assert found is not None
    assert found.evidence == "2 of 3 ids name several rows, the first of them 'a' 2 rows."
